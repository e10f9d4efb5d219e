#include "delivery/sender.h"

#include <utility>

namespace latchkey::delivery {
namespace {

constexpr std::chrono::milliseconds kLongWait{20};

}  // namespace

std::unique_ptr<smtp::Relay> RelayPool::Take(const std::function<void()>& meanwhile) {
  std::unique_lock lock(mutex_);
  const auto is_free = [this] { return free_ > 0; };
  if (!returned_.wait_for(lock, kLongWait, is_free)) {
    lock.unlock();
    meanwhile();
    lock.lock();
    if (!returned_.wait_for(lock, settings_.timeout - kLongWait, is_free)) return nullptr;
  }
  --free_;
  if (idle_.empty()) return std::make_unique<smtp::Relay>(settings_);
  std::unique_ptr<smtp::Relay> relay = std::move(idle_.back());
  idle_.pop_back();
  return relay;
}

smtp::Reply RelayPool::Send(const mail::Address& from, const mail::Address& to,
                            const std::string& message,
                            const std::function<void()>& meanwhile) {
  std::unique_ptr<smtp::Relay> relay = Take(meanwhile);
  if (!relay) return {smtp::Outcome::kTryLater, "every connection to the relay is taken"};
  smtp::Reply reply = relay->Send(from, to, message, meanwhile);
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
