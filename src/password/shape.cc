#include "password/shape.h"

#include <algorithm>
#include <vector>

#include "base/text.h"
#include "crypto/encoding.h"

namespace latchkey::password {
namespace {

constexpr size_t kMaxSaltBytes = 64;
constexpr std::string_view kAlphanumerics =
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

bool IsAlphanumeric(char c) { return kAlphanumerics.find(c) != std::string_view::npos; }

bool HasNul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

bool IsSalt(std::string_view text, bool blanks) {
  return !text.empty() && text.size() <= kMaxSaltBytes &&
         std::all_of(text.begin(), text.end(), [blanks](char c) {
           return (c > ' ' && c <= '~' && c != '$') || (blanks && (c == ' ' || c == '$'));
         });
}

bool IsHex(std::string_view text, size_t bytes) {
  return text.size() == 2 * bytes &&
         text.find_first_not_of("0123456789abcdef") == std::string_view::npos;
}

std::string RandomAlphanumerics(size_t count) {
  // Bytes past the last whole multiple would make some characters likelier.
  constexpr size_t kUsable = 256 / kAlphanumerics.size() * kAlphanumerics.size();
  std::string text;
  while (text.size() < count) {
    const auto byte = static_cast<uint8_t>(crypto::RandomBytes(1)[0]);
    if (byte < kUsable) text += kAlphanumerics[byte % kAlphanumerics.size()];
  }
  return text;
}

std::optional<NamedHash> ParseHashName(std::string_view name) {
  if (name == "md5") return NamedHash{crypto::Hash::kMd5, 16};
  if (name == "sha1") return NamedHash{crypto::Hash::kSha1, 20};
  if (name == "sha256") return NamedHash{crypto::Hash::kSha256, 32};
  if (name == "sha512") return NamedHash{crypto::Hash::kSha512, 64};
  return std::nullopt;
}

std::optional<Pbkdf2Method> ParsePbkdf2(std::string_view hash, std::string_view rounds_text) {
  const auto rounds = ParseNumber(rounds_text, 1, kMostPbkdf2Rounds);
  const std::optional<NamedHash> named = ParseHashName(hash);
  if (!rounds || !named || named->hash == crypto::Hash::kMd5) return std::nullopt;
  return Pbkdf2Method{named->hash, named->digest_bytes, *rounds};
}

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

}  // namespace latchkey::password
