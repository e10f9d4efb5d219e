// libcrypt.h -- schemes whose work libxcrypt does
//
// Its failure is no error code but a text that begins with "*", and a C string ends at a NUL: both
// are dealt with here. Private to this module.

#pragma once

#include "password/recomputed.h"

namespace latchkey::password {

class LibcryptScheme : public RecomputedScheme {
 public:
  // The library refuses more than 511 bytes.
  size_t max_password_bytes() const override { return 511; }
  bool takes_nul() const override { return false; }

 protected:
  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override;
};

// The setting for a new text: prefix "$2y$", and the library's measure of work for that format.
std::string FreshSetting(const char* prefix, unsigned long work);

bool IsLibcryptCharacter(char c);  // [./0-9A-Za-z]
bool AreLibcryptCharacters(std::string_view text);

}  // namespace latchkey::password
