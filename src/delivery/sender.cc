#include "delivery/sender.h"

#include <array>
#include <utility>

namespace latchkey::delivery {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

// How long is waited before each look at what else there is to do; the last again and again.
constexpr std::array<std::chrono::milliseconds, 3> kWaits{0ms, 20ms, 1000ms};

smtp::Reply AllTaken() {
  return {smtp::Outcome::kTryLater, "every connection to the relay is taken"};
}

}  // namespace

RelayPool::RelayPool(smtp::Settings settings, int connections) : settings_(std::move(settings)) {
  for (int i = 0; i < connections; ++i) threads_.emplace_back([this] { ServeConnection(); });
}

RelayPool::~RelayPool() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
  }
  queued_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

smtp::Reply RelayPool::Send(const mail::Address& from, const mail::Address& to,
                            const std::string& message, const std::function<void()>& meanwhile) {
  Mail mail{from, to, message, SteadyClock::now() + settings_.timeout};
  std::unique_lock lock(mutex_);
  line_.push_back(&mail);
  queued_.notify_one();
  const auto is_answered = [&mail] { return mail.reply.has_value(); };
  for (const auto* slice = kWaits.begin(); !mail.answered.wait_for(lock, *slice, is_answered);) {
    if (SteadyClock::now() > mail.begin_by && std::erase(line_, &mail) > 0) return AllTaken();
    lock.unlock();
    meanwhile();
    lock.lock();
    if (slice + 1 != kWaits.end()) ++slice;
  }
  return *mail.reply;
}

void RelayPool::ServeConnection() {
  std::unique_lock lock(mutex_);
  while (true) {
    queued_.wait(lock, [this] { return ending_ || !line_.empty(); });
    if (ending_) return;
    std::unique_ptr<smtp::Relay> relay = TakeIdle();
    while (Mail* mail = TakeNext()) {
      lock.unlock();
      smtp::Reply reply = relay->Send(mail->from, mail->to, mail->message);
      lock.lock();
      mail->reply = std::move(reply);
      mail->answered.notify_one();
    }
    idle_.push_back(std::move(relay));
  }
}

// Whoever has waited too long is told so by whoever sees it first: its own thread may be busy
// meanwhile.
RelayPool::Mail* RelayPool::TakeNext() {
  while (!line_.empty()) {
    Mail* const mail = line_.front();
    line_.pop_front();
    if (SteadyClock::now() <= mail->begin_by) return mail;
    mail->reply = AllTaken();
    mail->answered.notify_one();
  }
  return nullptr;
}

std::unique_ptr<smtp::Relay> RelayPool::TakeIdle() {
  if (idle_.empty()) return std::make_unique<smtp::Relay>(settings_);
  std::unique_ptr<smtp::Relay> relay = std::move(idle_.back());
  idle_.pop_back();
  return relay;
}

void RelayPool::CloseIdle() {
  std::vector<std::unique_ptr<smtp::Relay>> closed;
  const std::lock_guard lock(mutex_);
  closed.swap(idle_);
}

}  // namespace latchkey::delivery
