// happenings.h -- a count in shared memory that one may wait on
//
// A futex (futex(2)): whoever looks for something reads the count first, looks, and waits for the
// count to change; so nothing that happens after the look is missed. A process that is killed
// before it counts says nothing, so wait for a bounded time.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>

namespace latchkey::os {

class Happenings {
 public:
  uint32_t count() const { return count_.load(std::memory_order_acquire); }
  // One more; wakes one that waits.
  void Add();
  // Until the count is another than `seen`, for no longer than that. It may return early.
  void Wait(uint32_t seen, std::chrono::nanoseconds most);

 private:
  std::atomic<uint32_t> count_{0};
  static_assert(std::atomic<uint32_t>::is_always_lock_free);
};

}  // namespace latchkey::os
