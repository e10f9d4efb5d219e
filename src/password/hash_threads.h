// hash_threads.h -- where hashes are computed, apart from the threads that answer
//
// A visitor's whole piece of hash work (verify the current password, hash the new one) is handed
// over at once and done under one permit (permits.h) by a thread that stands back when others want
// its core, and asks whether they do. So little of a process's threads may be in such work or wait
// for it that the others always have pages to answer with; who is too many, or waited too long, is
// told so at once, with nothing done. A piece never asks the database: a permit is not held while
// something else is waited for.
//
// A thread keeps its permit for the pieces that wait in its own process, for kKeepPermit: no hash is
// under way while a permit goes from one process to the next, which takes a hundredth of a hash.
//
// Run by latchkey-web. Do blocks; everything is safe from any thread.

#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "base/result.h"
#include "password/permits.h"

namespace latchkey::password {

// Who does hash work; an interface, so that tests can do it in place or be refused.
class HashWork {
 public:
  virtual ~HashWork() = default;
  // Returns when the piece is done. kBusy: it was not begun, and will not be.
  virtual Status Do(const std::function<void()>& piece) = 0;
  virtual Permits::Usage Read() const = 0;
};

// What became of one piece, for whoever counts.
struct HashTold {
  enum class End { kDone, kQueueFull, kWaitedTooLong };
  End end;
  std::chrono::milliseconds waited{0};  // until it began, or was refused
};

// What a configuration asks for of a process with so many threads that answer; 0: half of them,
// rounded up.
int CountQueue(int configured, int answering);

class HashThreads final : public HashWork {
 public:
  // Two or three pieces of the recommended cost. Who waits elsewhere does so this much longer at most.
  static constexpr std::chrono::milliseconds kKeepPermit{50};

  struct Settings {
    int queue = 4;                         // pieces that are done or wait, in this process
    std::chrono::milliseconds wait{1000};  // after that a piece that has not begun is refused
    std::function<void(const HashTold&)> tell = {};  // by any thread; may be empty
  };
  // Starts a thread for each permit, or as many as the queue lets in.
  HashThreads(Permits permits, Settings settings);
  // REQUIRES: nobody is in Do.
  ~HashThreads() override;

  Status Do(const std::function<void()>& piece) override;
  Permits::Usage Read() const override { return permits_.Read(); }

 private:
  using Time = Permits::Time;
  struct Piece {
    const std::function<void()>& work;
    const Time since, until;
    enum class State { kWaits, kTaken, kDone, kRefused } state = State::kWaits;
    std::condition_variable changed = {};
  };

  Status Enter(Piece& piece);
  void Serve();
  void ServeInARow(std::unique_lock<std::mutex>& lock);
  // REQUIRES: mutex_ is held; of TakeNext, that one waits.
  Piece& TakeNext();
  static void End(Piece& piece, Piece::State state);
  void Tell(HashTold::End end, Time since) const;

  Permits permits_;
  const Settings settings_;
  std::mutex mutex_;
  std::condition_variable more_;
  std::deque<Piece*> waiting_;  // that no thread has taken
  int inside_ = 0;              // in Do
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace latchkey::password
