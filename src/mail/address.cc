#include "mail/address.h"

#include <idn2.h>

#include <algorithm>
#include <array>

#include "base/text.h"

namespace latchkey::mail {
namespace {

constexpr size_t kMostBytes = 254;  // RFC 5321 4.5.3.1.3, without the angle brackets
constexpr size_t kMostLocalBytes = 64;
constexpr size_t kMostLabelBytes = 63;

struct Range {
  char32_t first, last;
};

// Code points from U+0080 up that are no plain letter, digit or mark: controls, blanks, invisible
// and directional characters, punctuation and symbols, compatibility forms (what normalisation
// turns into another character, such as a full-width at sign or the Kelvin sign), private use,
// non-characters. From the block list of Unicode 15, whole blocks where that costs no living
// script.
constexpr std::array kNoLetters = {
    Range{0x0080, 0x00bf},   Range{0x00d7, 0x00d7},   Range{0x00f7, 0x00f7},
    Range{0x034f, 0x034f},   Range{0x037e, 0x037e},   Range{0x0387, 0x0387},
    Range{0x061c, 0x061c},   Range{0x115f, 0x1160},   Range{0x1680, 0x1680},
    Range{0x17b4, 0x17b5},   Range{0x180b, 0x180f},   Range{0x2000, 0x2bff},
    Range{0x2e00, 0x3004},   Range{0x3008, 0x3020},   Range{0x3030, 0x3030},
    Range{0x3036, 0x3037},   Range{0x303d, 0x3040},   Range{0x3164, 0x3164},
    Range{0x3200, 0x33ff},   Range{0xd800, 0xffff},   Range{0x1bca0, 0x1bca3},
    Range{0x1d000, 0x1d7ff}, Range{0x1f000, 0x1fbff}, Range{0xe0000, 0x10ffff},
};

bool IsLetterBeyondAscii(char32_t point) {
  return std::none_of(kNoLetters.begin(), kNoLetters.end(), [&](const Range& range) {
    return point >= range.first && point <= range.last;
  });
}

bool IsAsciiLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Takes one code point off the front. REQUIRES: text is valid UTF-8 and not empty
char32_t TakeCodePoint(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  const size_t length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  char32_t point = length == 1 ? first : first & (0xff >> (length + 1));
  for (size_t i = 1; i < length; ++i) {
    point = (point << 6) | (static_cast<unsigned char>(text[i]) & 0x3f);
  }
  text.remove_prefix(length);
  return point;
}

bool HasOnlyLettersAnd(std::string_view text, std::string_view others) {
  while (!text.empty()) {
    const char32_t point = TakeCodePoint(text);
    if (point >= 0x80) {
      if (!IsLetterBeyondAscii(point)) return false;
      continue;
    }
    const char c = static_cast<char>(point);
    if (!IsAsciiLetterOrDigit(c) && others.find(c) == std::string_view::npos) return false;
  }
  return true;
}

// The atext of RFC 5322 without % and !, by which relays of old routed.
bool IsLocalPart(std::string_view local) {
  if (local.size() > kMostLocalBytes) return false;
  const auto atoms = Split(local, '.');
  return std::all_of(atoms.begin(), atoms.end(), [](std::string_view atom) {
    return !atom.empty() && HasOnlyLettersAnd(atom, "#$&'*+-/=?^_`{|}~");
  });
}

bool IsLabel(std::string_view label) {
  return !label.empty() && label.size() <= kMostLabelBytes && label.front() != '-' &&
         label.back() != '-' && HasOnlyLettersAnd(label, "-");
}

bool IsDomain(std::string_view domain) {
  const auto labels = Split(domain, '.');
  if (labels.size() < 2 || !std::all_of(labels.begin(), labels.end(), IsLabel)) return false;
  // 192.0.2.1 is no name; no top-level domain is all digits.
  return !ParseUnsigned(labels.back()).has_value();
}

}  // namespace

Result<Address> Address::Parse(std::string_view text) {
  const auto refuse = [](const char* reason) { return Error{Next::kFixInput, reason}; };
  if (text.empty()) return refuse("the address is empty");
  if (text.size() > kMostBytes) return refuse("the address is over 254 bytes");
  if (!IsValidUtf8(text)) return refuse("the address is not UTF-8");
  const size_t at = text.rfind('@');
  if (at == std::string_view::npos) return refuse("the address has no @");
  if (!IsLocalPart(text.substr(0, at))) {
    return refuse("before the @ stands what is no plain local part");
  }
  if (!IsDomain(text.substr(at + 1))) return refuse("after the @ stands what is no domain name");
  return Address(std::string(text));
}

std::string_view Address::domain() const {
  return std::string_view(text_).substr(text_.rfind('@') + 1);
}

bool Address::is_ascii() const {
  return std::all_of(text_.begin(), text_.end(),
                     [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

Result<Address> Address::WithAsciiDomain() const {
  if (is_ascii()) return *this;
  const std::string as_stored(domain());
  char* ascii = nullptr;
  const int code = idn2_to_ascii_8z(as_stored.c_str(), &ascii, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
  if (code != IDN2_OK) return Error{Next::kFixInput, "after the @ stands what is no domain name"};
  const std::string converted(ascii);
  idn2_free(ascii);
  return Parse(text_.substr(0, text_.size() - as_stored.size()) + converted);
}

}  // namespace latchkey::mail
