// batches.h -- what threads leave behind for others to do many at a time
//
//   Batches<Note> notes({.most = 32, .patience = 2ms});
//   notes.Add(std::move(note));                       // never waits
//   while (!(batch = notes.Take()).empty()) {         // in another thread, or in several
//     ...
//     notes.Done();
//   }
//
// While a batch is under way what comes is gathered and is the next one. So a flood costs few batches,
// and what comes alone waits for nobody. Where a batch lasts longer than `patience` another thread
// begins the next beside it.

#pragma once

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <iterator>
#include <mutex>
#include <utility>
#include <vector>

namespace latchkey {

struct BatchOptions {
  size_t most = 32;          // in one batch
  size_t most_waiting = 256;
  std::chrono::milliseconds patience{2};
};

// T can be moved.
template <typename T>
class Batches {
 public:
  explicit Batches(BatchOptions options) : options_(options) {}

  // False: too many wait; the item is as it was.
  bool Add(T&& item) {
    const std::lock_guard lock(mutex_);
    if (waiting_.size() >= options_.most_waiting) return false;
    waiting_.push_back(std::move(item));
    // Behind the first, whoever was woken for that one takes the others too.
    if (waiting_.size() == 1) idle_.notify_one();
    return true;
  }

  // Waits for the next batch, in the order they came. Call Done when it is over. Empty: Stop was called
  // and nothing is left. More than 8 are a multiple of 4, for whoever keeps a statement for each size.
  std::vector<T> Take() {
    std::unique_lock lock(mutex_);
    while (true) {
      if (waiting_.empty()) {
        if (stopped_) return {};
        idle_.wait(lock);
      } else if (under_way_ == 0 || std::chrono::steady_clock::now() >= next_at_) {
        break;
      } else {
        watching_.wait_until(lock, next_at_);
      }
    }
    ++under_way_;
    next_at_ = std::chrono::steady_clock::now() + options_.patience;
    const size_t size = FewSizes(std::min(waiting_.size(), options_.most));
    const auto end = waiting_.begin() + static_cast<long>(size);
    std::vector<T> batch(std::make_move_iterator(waiting_.begin()), std::make_move_iterator(end));
    waiting_.erase(waiting_.begin(), end);
    if (!waiting_.empty()) idle_.notify_one();
    return batch;
  }

  // The next may begin.
  void Done() {
    const std::lock_guard lock(mutex_);
    --under_way_;
    watching_.notify_one();
  }

  // What waits is still taken.
  void Stop() {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    idle_.notify_all();
  }

 private:
  static size_t FewSizes(size_t size) { return size <= 8 ? size : size / 4 * 4; }

  const BatchOptions options_;
  std::mutex mutex_;
  std::condition_variable idle_;      // threads that wait for an item
  std::condition_variable watching_;  // threads that wait for another's batch
  std::deque<T> waiting_;
  int under_way_ = 0;  // batches
  std::chrono::steady_clock::time_point next_at_;
  bool stopped_ = false;
};

}  // namespace latchkey
