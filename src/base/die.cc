#include "base/die.h"

#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "base/text.h"

namespace latchkey {

void Die(std::string_view line) {
  std::fprintf(stderr, "%s\n", EscapeControls(line).c_str());
  std::fflush(stderr);
  // No destructors: threads may be running, and nothing here is worth saving.
  _exit(1);
}

}  // namespace latchkey
