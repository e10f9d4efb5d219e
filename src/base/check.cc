#include "base/check.h"

#include <cstdio>
#include <cstdlib>

namespace latchkey {

void CheckFailed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: bug: CHECK(%s) does not hold\n", file, line, condition);
  std::abort();
}

}  // namespace latchkey
