// read.h -- whole small files

#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"
#include "base/secret.h"

namespace latchkey::config {

inline constexpr size_t kMaxFileBytes = 1 << 20;

// Fills `bytes`. Returns what is wrong, or the empty text.
std::string ReadSmallFile(const std::string& path, std::string& bytes);

// A file that others may not read, without one newline at its end. kFixSetup: the message says what
// is wrong and the cure, and names the path.
Result<Secret> ReadSecretFile(const std::string& path, size_t least_bytes);

}  // namespace latchkey::config
