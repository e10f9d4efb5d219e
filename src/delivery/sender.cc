#include "delivery/sender.h"

#include <utility>

namespace latchkey::delivery {

std::unique_ptr<smtp::Relay> RelayPool::Take() {
  const std::lock_guard lock(mutex_);
  if (idle_.empty()) return std::make_unique<smtp::Relay>(settings_);
  std::unique_ptr<smtp::Relay> relay = std::move(idle_.back());
  idle_.pop_back();
  return relay;
}

smtp::Reply RelayPool::Send(const mail::Address& from, const mail::Address& to,
                            const std::string& message) {
  std::unique_ptr<smtp::Relay> relay = Take();
  smtp::Reply reply = relay->Send(from, to, message);
  const std::lock_guard lock(mutex_);
  idle_.push_back(std::move(relay));
  return reply;
}

void RelayPool::CloseIdle() {
  std::vector<std::unique_ptr<smtp::Relay>> closed;
  const std::lock_guard lock(mutex_);
  closed.swap(idle_);
}

}  // namespace latchkey::delivery
