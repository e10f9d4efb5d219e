// secret.h -- bytes that are wiped after use and do not print
//
// There is no operator== and no way into a stream: compare with crypto::ConstantTimeEquals. Copies
// are made only by Copy(), so that each is a decision.

#pragma once

#include <string>
#include <string_view>

namespace latchkey {

// Overwrites in a way that the compiler may not drop, then empties.
void Wipe(std::string& bytes);

class Secret {
 public:
  Secret() = default;
  // Takes the bytes over; what is left in the argument is wiped.
  explicit Secret(std::string&& bytes);
  Secret(Secret&& other) noexcept;
  Secret& operator=(Secret&& other) noexcept;
  Secret(const Secret&) = delete;
  Secret& operator=(const Secret&) = delete;
  ~Secret();

  Secret Copy() const;
  // The bytes themselves, valid as long as this object. Never log them.
  std::string_view Reveal() const { return bytes_; }
  bool empty() const { return bytes_.empty(); }
  size_t size_bytes() const { return bytes_.size(); }

 private:
  std::string bytes_;
};

}  // namespace latchkey
