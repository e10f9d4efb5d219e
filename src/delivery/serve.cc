#include "delivery/serve.h"

#include <signal.h>

#include <thread>
#include <vector>

#include "base/log.h"

namespace latchkey::delivery {
namespace {

constexpr std::chrono::milliseconds kPoll{500};
constexpr std::chrono::minutes kPurgeEvery{10};
constexpr size_t kMaxReasons = 4;  // a server's words may have numbers in them that change

}  // namespace

Crew::Crew(MakeMailer make, RelayPool& relays, const os::WakeEvent* wake, os::SignalEvents& signals)
    : make_(std::move(make)), relays_(relays), wake_(wake), signals_(signals) {}

void Crew::Serve(int threads) {
  std::vector<std::thread> others;
  for (int i = 1; i < threads; ++i) others.emplace_back([this] { RunThread(); });
  RunThread();
  for (std::thread& thread : others) thread.join();
}

void Crew::RunThread() {
  const std::shared_ptr<Mailer> mailer = make_();
  while (true) {
    const std::vector<outbox::Note> notes = Watch(*mailer);
    if (notes.empty()) return;
    const Result<size_t> handled = mailer->Handle(notes, [this] { return AskedToStop(); });
    Tell(handled.ok() ? nullptr : &handled.error());
    if (!handled.ok()) RetryLeft(*mailer);
  }
}

void Crew::RetryLeft(Mailer& mailer) {
  while (!AskedToStop()) {
    const Result<std::vector<outbox::Note>> left = mailer.Reclaim();
    Tell(left.ok() ? nullptr : &left.error());
    if (left.ok() && left->empty()) return;
    if (left.ok()) {
      const Result<size_t> handled = mailer.Handle(*left, [this] { return AskedToStop(); });
      Tell(handled.ok() ? nullptr : &handled.error());
      if (handled.ok()) return;
    }
    os::WaitReadable(signals_.fd(), kPoll);
  }
}

std::vector<outbox::Note> Crew::Watch(Mailer& mailer) {
  const std::lock_guard watch(watch_);
  while (!AskedToStop()) {
    // Before the claim: what is dropped during it wakes us again.
    if (wake_ != nullptr) wake_->Clear();
    Result<std::vector<outbox::Note>> notes = mailer.Claim();
    Tell(notes.ok() ? nullptr : &notes.error());
    if (notes.ok() && !notes->empty()) return *std::move(notes);
    if (notes.ok()) PurgeSometimes(mailer);
    relays_.CloseIdle();
    Wait();
  }
  return {};
}

// What wakes us cannot be read while the database is away.
void Crew::Wait() {
  if (down_ || wake_ == nullptr) {
    os::WaitReadable(signals_.fd(), kPoll);
  } else {
    os::WaitReadable({signals_.fd(), wake_->fd()}, kPoll);
  }
}

void Crew::PurgeSometimes(Mailer& mailer) {
  const auto now = std::chrono::steady_clock::now();
  if (purged_.time_since_epoch().count() != 0 && now - purged_ < kPurgeEvery) return;
  purged_ = now;
  const Status purged = mailer.Purge();
  if (!purged.ok()) log::Warning("purge_failed", {{"reason", purged.error().message}});
}

bool Crew::AskedToStop() {
  while (const auto signal = signals_.Next()) {
    if (*signal == SIGTERM || *signal == SIGINT) stopping_ = true;
  }
  return stopping_;
}

// One line when the database goes, one for each further reason why it stays away (it hung up, and now
// it refuses our password), one when it is back.
void Crew::Tell(const Error* error) {
  const std::lock_guard telling(telling_);
  if (error == nullptr) {
    if (down_) log::Info("database_back");
    reasons_.clear();
  } else if (reasons_.size() < kMaxReasons && reasons_.insert(error->message).second) {
    log::Error("database_lost", {{"reason", error->message}});
  }
  down_ = error != nullptr;
}

}  // namespace latchkey::delivery
