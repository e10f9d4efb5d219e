// sender.h -- how the mailer's threads reach the relay
//
// An interface, so that delivery is tested without a relay, and the pool of connections behind it. A
// connection serves one message at a time and goes back into the pool; the one that was used last is
// taken first, so that there are no more than are needed. There are more threads than connections:
// while one talks to the relay another looks up the next account.

#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "smtp/smtp.h"

namespace latchkey::delivery {

class Sender {
 public:
  virtual ~Sender() = default;
  // from: the envelope's. Blocks for at most twice the relay's timeout up to the final dot: to wait for a
  // connection, and to send; then for as long as smtp::Relay may. meanwhile: called wherever that takes
  // more than 20 ms, and each second while the dot's answer is waited for. Safe from any thread.
  virtual smtp::Reply Send(const mail::Address& from, const mail::Address& to,
                           const std::string& message, const std::function<void()>& meanwhile) = 0;
};

class RelayPool final : public Sender {
 public:
  // connections: the most there are at a time. REQUIRES: settings that smtp::CheckSettings takes
  RelayPool(smtp::Settings settings, int connections)
      : settings_(std::move(settings)), free_(connections) {}

  smtp::Reply Send(const mail::Address& from, const mail::Address& to, const std::string& message,
                   const std::function<void()>& meanwhile) override;
  // Ends the connections that nobody uses, while there is nothing to send.
  void CloseIdle();

 private:
  // nullptr: none became free within the relay's timeout.
  std::unique_ptr<smtp::Relay> Take(const std::function<void()>& meanwhile);
  void Return(std::unique_ptr<smtp::Relay> relay);

  const smtp::Settings settings_;
  std::mutex mutex_;
  std::condition_variable returned_;
  int free_;
  std::vector<std::unique_ptr<smtp::Relay>> idle_;
};

}  // namespace latchkey::delivery
