// sender.h -- how the mailer's threads reach the relay
//
// An interface, so that delivery is tested without a relay, and the pool of connections behind it. A
// connection serves one message at a time and goes back into the pool; the one that was used last is
// taken first, so that there are no more than are needed.

#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "smtp/smtp.h"

namespace latchkey::delivery {

class Sender {
 public:
  virtual ~Sender() = default;
  // from: the envelope's. Blocks for at most the relay's timeout. Safe from any thread.
  virtual smtp::Reply Send(const mail::Address& from, const mail::Address& to,
                           const std::string& message) = 0;
};

class RelayPool final : public Sender {
 public:
  // REQUIRES: settings that smtp::CheckSettings takes
  explicit RelayPool(smtp::Settings settings) : settings_(std::move(settings)) {}

  smtp::Reply Send(const mail::Address& from, const mail::Address& to,
                   const std::string& message) override;
  // Ends the connections that nobody uses, while there is nothing to send.
  void CloseIdle();

 private:
  std::unique_ptr<smtp::Relay> Take();

  const smtp::Settings settings_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<smtp::Relay>> idle_;
};

}  // namespace latchkey::delivery
