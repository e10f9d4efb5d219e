#include "password/shape.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"

namespace latchkey::password {
namespace {

constexpr size_t kMaxSaltBytes = 64;
constexpr size_t kWrittenSaltBytes = 16;
constexpr std::string_view kSaltCharacters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

}  // namespace

std::optional<uint32_t> ParseNumber(std::string_view text, uint32_t least, uint32_t most) {
  if (text.size() > 1 && text.front() == '0') return std::nullopt;
  const std::optional<uint64_t> number = ParseUnsigned(text);
  if (!number || *number < least || *number > most) return std::nullopt;
  return static_cast<uint32_t>(*number);
}

std::optional<uint32_t> ParseNumber(std::string_view text, std::string_view key, uint32_t least,
                                    uint32_t most) {
  if (!text.starts_with(key)) return std::nullopt;
  return ParseNumber(text.substr(key.size()), least, most);
}

bool IsAlphanumeric(char c) { return kSaltCharacters.find(c) != std::string_view::npos; }

bool HasNul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

std::optional<WerkzeugHash> ParseWerkzeug(std::string_view stored) {
  if (stored.size() > kMaxStoredBytes) return std::nullopt;
  const std::vector<std::string_view> parts = Split(stored, '$');
  if (parts.size() != 3) return std::nullopt;
  const std::string_view salt = parts[1];
  if (salt.empty() || salt.size() > kMaxSaltBytes) return std::nullopt;
  if (!std::all_of(salt.begin(), salt.end(), IsAlphanumeric)) return std::nullopt;
  std::optional<std::string> digest = crypto::DecodeHex(parts[2]);
  if (!digest) return std::nullopt;
  return WerkzeugHash{parts[0], salt, std::move(*digest)};
}

std::string FormatWerkzeug(std::string_view method, std::string_view salt,
                           std::string_view digest) {
  return std::string(method) + "$" + std::string(salt) + "$" + crypto::EncodeHex(digest);
}

std::string RandomWerkzeugSalt() {
  // Bytes past the last whole multiple would make some characters likelier.
  constexpr size_t kUsable = 256 / kSaltCharacters.size() * kSaltCharacters.size();
  std::string salt;
  while (salt.size() < kWrittenSaltBytes) {
    const auto byte = static_cast<uint8_t>(crypto::RandomBytes(1)[0]);
    if (byte < kUsable) salt += kSaltCharacters[byte % kSaltCharacters.size()];
  }
  return salt;
}

}  // namespace latchkey::password
