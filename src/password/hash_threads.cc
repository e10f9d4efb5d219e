#include "password/hash_threads.h"

#include <algorithm>
#include <string>

#include "base/check.h"
#include "base/lead.h"
#include "os/large_block.h"
#include "os/process.h"
#include "os/yield_often.h"

namespace latchkey::password {

int CountQueue(int configured, int answering) {
  return configured > 0 ? configured : (answering + 1) / 2;
}

HashThreads::HashThreads(Permits permits, Settings settings)
    : permits_(std::move(permits)), settings_(std::move(settings)) {
  const int count = std::min(permits_.Read().permits, settings_.queue);
  for (int i = 0; i < count; ++i) threads_.emplace_back([this] { Serve(); });
}

HashThreads::~HashThreads() {
  {
    const std::lock_guard lock(mutex_);
    CHECK(inside_ == 0);
    stopping_ = true;
  }
  more_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

Status HashThreads::Do(const std::function<void()>& work) {
  const Time now = std::chrono::steady_clock::now();
  Piece piece{work, now, now + settings_.wait};
  return Enter(piece);
}

Status HashThreads::Enter(Piece& piece) {
  using State = Piece::State;
  Lead::GiveUp();
  std::unique_lock lock(mutex_);
  if (inside_ >= settings_.queue) {
    lock.unlock();
    Tell(HashTold::End::kQueueFull, piece.since);
    return Error{Next::kBusy, std::to_string(settings_.queue) + " hash already or wait to"};
  }
  ++inside_;
  waiting_.push_back(&piece);
  more_.notify_one();
  piece.changed.wait_until(lock, piece.until, [&] { return piece.state != State::kWaits; });
  if (piece.state == State::kWaits) {
    std::erase(waiting_, &piece);
    piece.state = State::kRefused;
  }
  // Whoever took it sees to the time.
  piece.changed.wait(lock, [&] { return piece.state != State::kTaken; });
  --inside_;
  lock.unlock();
  if (piece.state == State::kDone) return Ok();
  Tell(HashTold::End::kWaitedTooLong, piece.since);
  return Error{Next::kBusy,
               "no permit to hash within " + std::to_string(settings_.wait.count()) + " ms"};
}

void HashThreads::Serve() {
  os::StandBack("latchkey-hash");
  std::unique_lock lock(mutex_);
  while (true) {
    more_.wait(lock, [this] { return stopping_ || !waiting_.empty(); });
    if (stopping_) return;
    ServeInARow(lock);
  }
}

// The permit is gone before who waits for the last piece is told.
void HashThreads::ServeInARow(std::unique_lock<std::mutex>& lock) {
  Piece* piece = &TakeNext();
  lock.unlock();
  std::optional<Permits::Permit> permit = permits_.Take(piece->until);
  const Time until = std::chrono::steady_clock::now() + kKeepPermit;
  const os::YieldOften obliging;
  std::optional<os::KeepLargeBlock> kept(std::in_place);
  while (permit) {
    Tell(HashTold::End::kDone, piece->since);
    piece->work();
    lock.lock();
    if (waiting_.empty() || std::chrono::steady_clock::now() >= until) {
      lock.unlock();
      kept.reset();  // permits bound the memory, too
      permit.reset();
      lock.lock();
      return End(*piece, Piece::State::kDone);
    }
    End(*piece, Piece::State::kDone);
    piece = &TakeNext();
    lock.unlock();
  }
  lock.lock();
  End(*piece, Piece::State::kRefused);
}

HashThreads::Piece& HashThreads::TakeNext() {
  Piece& piece = *waiting_.front();
  waiting_.pop_front();
  piece.state = Piece::State::kTaken;
  return piece;
}

void HashThreads::End(Piece& piece, Piece::State state) {
  piece.state = state;
  piece.changed.notify_one();
}

void HashThreads::Tell(HashTold::End end, Time since) const {
  if (!settings_.tell) return;
  const auto waited = std::chrono::steady_clock::now() - since;
  settings_.tell({end, std::chrono::duration_cast<std::chrono::milliseconds>(waited)});
}

}  // namespace latchkey::password
