// sender.h -- how the mailer's threads reach the relay
//
// An interface, so that delivery is tested without a relay, and the connections behind it. Each has
// a thread of its own, which sends what waits in line: once the relay has accepted a message the
// next one goes out, and waits for nobody. There are more mailer's threads than connections: while
// the message of one is on its way the others mark what was sent and make the next. An idle
// connection is used again, the one that was used last first, so that there are no more than are
// needed.

#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "smtp/smtp.h"

namespace latchkey::delivery {

class Sender {
 public:
  virtual ~Sender() = default;
  // from: the envelope's. Blocks for at most twice the relay's timeout up to the final dot: to wait
  // for a connection, and to send; then for as long as smtp::Relay may. meanwhile: called, by this
  // thread, once the message is in line, after 20 ms, and each second from then on. Safe from any
  // thread.
  virtual smtp::Reply Send(const mail::Address& from, const mail::Address& to,
                           const std::string& message, const std::function<void()>& meanwhile) = 0;
};

class RelayPool final : public Sender {
 public:
  // connections: the most there are at a time. REQUIRES: settings that smtp::CheckSettings takes
  RelayPool(smtp::Settings settings, int connections);
  RelayPool(const RelayPool&) = delete;
  RelayPool& operator=(const RelayPool&) = delete;
  // REQUIRES: no Send is under way.
  ~RelayPool() override;

  smtp::Reply Send(const mail::Address& from, const mail::Address& to, const std::string& message,
                   const std::function<void()>& meanwhile) override;
  // Ends the connections that nobody uses, while there is nothing to send.
  void CloseIdle();

 private:
  // What one thread waits for.
  struct Mail {
    const mail::Address& from;
    const mail::Address& to;
    const std::string& message;
    const std::chrono::steady_clock::time_point begin_by;
    std::optional<smtp::Reply> reply = {};
    std::condition_variable answered = {};
  };

  void ServeConnection();
  // These with the mutex held. TakeNext: nullptr if nothing waits.
  Mail* TakeNext();
  std::unique_ptr<smtp::Relay> TakeIdle();

  const smtp::Settings settings_;
  std::mutex mutex_;
  std::condition_variable queued_;
  std::deque<Mail*> line_;
  std::vector<std::unique_ptr<smtp::Relay>> idle_;
  bool ending_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace latchkey::delivery
