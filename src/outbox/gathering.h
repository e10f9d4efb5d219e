// gathering.h -- one INSERT for the notes that several threads drop at the same time
//
// While an INSERT is under way, those who come meanwhile wait; then the first of them inserts the
// notes of all. So a flood of forms is not a commit each, and a lonely form waits for nobody. Where
// the disk is slow they do not wait for its end: what comes while the database commits, it commits
// together, too. Each caller returns when its own note is durable, as if it had inserted it alone.

#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

#include "base/result.h"

namespace latchkey::outbox {

struct Note;

class Gathering {
 public:
  // More do not go into one INSERT.
  static constexpr size_t kMost = 16;

  // patience: how long an INSERT may last before the next one begins.
  explicit Gathering(std::chrono::milliseconds patience = std::chrono::milliseconds(2))
      : patience_(patience) {}

  using Notes = std::vector<const Note*>;
  // Stores all of them, or none.
  using Insert = std::function<Status(const Notes&)>;

  // What the INSERT with this note in it said: this thread's, if it is its turn, or another's. An
  // error may be another note's fault, and ends the waiting of all: each should then try by itself.
  Status Join(const Note& note, const Insert& insert);
  // Those whose notes no INSERT has yet.
  size_t CountWaiting();

 private:
  struct Place;
  using Places = std::vector<std::shared_ptr<Place>>;
  // Of all who wait. The lock is let go.
  Status InsertWaiting(const Insert& insert, std::unique_lock<std::mutex>& lock);
  Places TakePlaces(size_t most);
  std::shared_ptr<Place> First() const;

  const std::chrono::milliseconds patience_;
  std::mutex mutex_;
  std::deque<std::shared_ptr<Place>> waiting_;
  int under_way_ = 0;                              // INSERTs
  std::chrono::steady_clock::time_point next_at_;  // when the first may go in spite of them
};

}  // namespace latchkey::outbox
