#include "delivery/sender.h"

#include <utility>

namespace latchkey::delivery {

std::unique_ptr<smtp::Relay> RelayPool::Take() {
  std::unique_lock lock(mutex_);
  if (!returned_.wait_for(lock, settings_.timeout, [this] { return free_ > 0; })) return nullptr;
  --free_;
  if (idle_.empty()) return std::make_unique<smtp::Relay>(settings_);
  std::unique_ptr<smtp::Relay> relay = std::move(idle_.back());
  idle_.pop_back();
  return relay;
}

smtp::Reply RelayPool::Send(const mail::Address& from, const mail::Address& to,
                            const std::string& message) {
  std::unique_ptr<smtp::Relay> relay = Take();
  if (!relay) return {smtp::Outcome::kTryLater, "every connection to the relay is taken"};
  smtp::Reply reply = relay->Send(from, to, message);
  Return(std::move(relay));
  return reply;
}

void RelayPool::Return(std::unique_ptr<smtp::Relay> relay) {
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(relay));
    ++free_;
  }
  returned_.notify_one();
}

void RelayPool::CloseIdle() {
  std::vector<std::unique_ptr<smtp::Relay>> closed;
  const std::lock_guard lock(mutex_);
  closed.swap(idle_);
}

}  // namespace latchkey::delivery
