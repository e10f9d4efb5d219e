#include "delivery/ceiling.h"

#include <algorithm>

namespace latchkey::delivery {

size_t Ceiling::Take(size_t wanted) {
  if (per_minute_ == 0) return wanted;
  const std::lock_guard lock(mutex_);
  const std::chrono::milliseconds now = clock_.SinceBoot();
  while (!sent_.empty() && now - sent_.front() >= std::chrono::minutes(1)) sent_.pop_front();
  const size_t taken = std::min(wanted, per_minute_ - sent_.size());
  sent_.insert(sent_.end(), taken, now);
  return taken;
}

void Ceiling::GiveBack(size_t count) {
  const std::lock_guard lock(mutex_);
  for (; count > 0 && !sent_.empty(); --count) sent_.pop_back();
}

}  // namespace latchkey::delivery
