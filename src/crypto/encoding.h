// encoding.h -- bytes as text: base64url, base64, hex
//
// Decoders are strict: one text for one value. Another alphabet, padding where none belongs or none
// where it does, blanks, and non-zero bits after the last whole byte are refused.

#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace latchkey::crypto {

// RFC 4648 section 5 without padding (RFC 7515 appendix C).
std::string EncodeBase64Url(std::string_view bytes);
std::optional<std::string> DecodeBase64Url(std::string_view text);

// RFC 4648 section 4, with padding.
std::string EncodeBase64(std::string_view bytes);
std::optional<std::string> DecodeBase64(std::string_view text);

// Lower case; the decoder takes lower case only.
std::string EncodeHex(std::string_view bytes);
std::optional<std::string> DecodeHex(std::string_view text);

}  // namespace latchkey::crypto
