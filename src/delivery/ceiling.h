// ceiling.h -- no more than so many mails in any minute
//
// Exact: the time of each of the last `per_minute` mails is kept, and in no span of a minute are there
// more. Shared by all threads of a mailer; never blocks.

#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <mutex>

#include "base/clock.h"

namespace latchkey::delivery {

class Ceiling {
 public:
  // per_minute: 0 for no limit. The clock outlives this object.
  Ceiling(size_t per_minute, const Clock& clock) : per_minute_(per_minute), clock_(clock) {}

  // How many mails may be sent now, at most `wanted`; they count as sent.
  size_t Take(size_t wanted);
  // Of those that were taken last, so many were not sent.
  void GiveBack(size_t count);

 private:
  const size_t per_minute_;
  const Clock& clock_;
  std::mutex mutex_;
  std::deque<std::chrono::milliseconds> sent_;  // since boot, in their order
};

}  // namespace latchkey::delivery
