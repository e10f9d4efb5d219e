#include "crypto/encoding.h"

#include <array>
#include <cstdint>

namespace latchkey::crypto {
namespace {

constexpr std::string_view kStandard =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view kUrl =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view kHex = "0123456789abcdef";
constexpr uint8_t kNone = 0xff;

using Values = std::array<uint8_t, 256>;

constexpr Values Invert(std::string_view alphabet) {
  Values values{};
  for (uint8_t& value : values) value = kNone;
  for (size_t i = 0; i < alphabet.size(); ++i) {
    values[static_cast<uint8_t>(alphabet[i])] = static_cast<uint8_t>(i);
  }
  return values;
}
constexpr Values kStandardValues = Invert(kStandard);
constexpr Values kUrlValues = Invert(kUrl);
constexpr Values kHexValues = Invert(kHex);

std::string EncodeUnpadded(std::string_view bytes, std::string_view alphabet) {
  std::string text((bytes.size() * 4 + 2) / 3, '\0');
  auto next = text.begin();
  uint32_t pending = 0;
  int pending_bits = 0;
  for (const char byte : bytes) {
    pending = (pending << 8) | static_cast<uint8_t>(byte);
    for (pending_bits += 8; pending_bits >= 6;) {
      pending_bits -= 6;
      *next++ = alphabet[(pending >> pending_bits) & 63];
    }
  }
  if (pending_bits > 0) *next = alphabet[(pending << (6 - pending_bits)) & 63];
  return text;
}

std::optional<std::string> DecodeUnpadded(std::string_view text, const Values& values) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string bytes(text.size() * 3 / 4, '\0');
  auto next = bytes.begin();
  uint32_t pending = 0;
  int pending_bits = 0;
  for (const char c : text) {
    const uint8_t value = values[static_cast<uint8_t>(c)];
    if (value == kNone) return std::nullopt;
    pending = (pending << 6) | value;
    pending_bits += 6;
    if (pending_bits < 8) continue;
    pending_bits -= 8;
    *next++ = static_cast<char>(pending >> pending_bits);
  }
  // Bits after the last whole byte would give one value several texts.
  if ((pending & ((1U << pending_bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

}  // namespace

std::string EncodeBase64Url(std::string_view bytes) { return EncodeUnpadded(bytes, kUrl); }

std::optional<std::string> DecodeBase64Url(std::string_view text) {
  return DecodeUnpadded(text, kUrlValues);
}

std::string EncodeBase64(std::string_view bytes) {
  std::string text = EncodeUnpadded(bytes, kStandard);
  text.append((4 - text.size() % 4) % 4, '=');
  return text;
}

std::optional<std::string> DecodeBase64(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  // At most two are padding; a third '=' is in no alphabet and fails below.
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  return DecodeUnpadded(text, kStandardValues);
}

std::string EncodeHex(std::string_view bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const char byte : bytes) {
    text += kHex[static_cast<uint8_t>(byte) >> 4];
    text += kHex[static_cast<uint8_t>(byte) & 15];
  }
  return text;
}

std::optional<std::string> DecodeHex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string bytes;
  bytes.reserve(text.size() / 2);
  for (size_t i = 0; i < text.size(); i += 2) {
    const uint8_t high = kHexValues[static_cast<uint8_t>(text[i])];
    const uint8_t low = kHexValues[static_cast<uint8_t>(text[i + 1])];
    if (high == kNone || low == kNone) return std::nullopt;
    bytes += static_cast<char>(high << 4 | low);
  }
  return bytes;
}

}  // namespace latchkey::crypto
