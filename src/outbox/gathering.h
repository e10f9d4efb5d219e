// gathering.h -- one INSERT for the notes that several threads drop at the same time
//
// While an INSERT is under way, those who come meanwhile wait; then the first of them inserts the
// notes of all. So a flood of forms is not a commit each, and a lonely form waits for nobody. Each
// caller returns when its own note is durable, as if it had inserted it alone.

#pragma once

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
  Places TakePlaces(size_t most);

  std::mutex mutex_;
  std::deque<std::shared_ptr<Place>> waiting_;
  bool inserting_ = false;
};

}  // namespace latchkey::outbox
