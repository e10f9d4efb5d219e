// dovecot.h -- "{NAME.ENCODING}text", as Dovecot and PostfixAdmin keep hashes
//
// Private to this module.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace latchkey::password {

struct DovecotText {
  enum class Encoding { kUnsaid, kBase64, kHex };
  std::string_view name;  // "SSHA256"
  Encoding encoding;
  std::string_view text;  // as it stands
};
// nullopt: no braces in front, or an encoding other than B64, BASE64 and HEX.
std::optional<DovecotText> ParseDovecot(std::string_view stored);

// The bytes of text. REQUIRES: an encoding that is said. nullopt: not canonical.
std::optional<std::string> DecodeDovecot(const DovecotText& text);

}  // namespace latchkey::password
