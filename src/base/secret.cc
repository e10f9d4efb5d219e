#include "base/secret.h"

#include <string.h>

#include <utility>

namespace latchkey {

void Wipe(std::string& bytes) {
  // The small-string buffer and spare capacity may hold older bytes.
  bytes.resize(bytes.capacity());
  explicit_bzero(bytes.data(), bytes.size());
  bytes.clear();
}

Secret::Secret(std::string&& bytes) : bytes_(bytes) { Wipe(bytes); }

Secret::Secret(Secret&& other) noexcept : bytes_(std::move(other.bytes_)) { Wipe(other.bytes_); }

Secret& Secret::operator=(Secret&& other) noexcept {
  if (this != &other) {
    Wipe(bytes_);
    bytes_ = std::move(other.bytes_);
    Wipe(other.bytes_);
  }
  return *this;
}

Secret::~Secret() { Wipe(bytes_); }

Secret Secret::Copy() const { return Secret(std::string(bytes_)); }

}  // namespace latchkey
