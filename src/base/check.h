// check.h -- CHECK(condition): a bug in this program, never a matter of input
//
// On failure one line to stderr and abort(); the supervisor starts the program anew.

#pragma once

namespace latchkey {
[[noreturn]] void CheckFailed(const char* condition, const char* file, int line);
}  // namespace latchkey

#define CHECK(condition) \
  ((condition) ? static_cast<void>(0) : ::latchkey::CheckFailed(#condition, __FILE__, __LINE__))
