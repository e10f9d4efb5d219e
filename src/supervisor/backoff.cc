#include "supervisor/backoff.h"

#include <algorithm>
#include <utility>

namespace latchkey::supervisor {

std::chrono::milliseconds Backoff::After(std::chrono::milliseconds lived) {
  if (lived > kLongLife) {
    next_ = kFirst;
    return std::chrono::milliseconds(0);
  }
  return std::exchange(next_, std::min(2 * next_, kMost));
}

}  // namespace latchkey::supervisor
