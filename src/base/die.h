// die.h -- the end of a program that cannot start
//
// One line on stderr that names the file, the line where there is one, and the cure; exit status 1.
// Start-up only: once a program serves, it answers with Result.

#pragma once

#include <string_view>

#include "base/result.h"

namespace latchkey {

[[noreturn]] void Die(std::string_view line);

template <typename T>
T OrDie(Result<T> result) {
  if (!result.ok()) Die(result.error().message);
  return std::move(result).value();
}
inline void OrDie(const Status& status) {
  if (!status.ok()) Die(status.error().message);
}

}  // namespace latchkey
