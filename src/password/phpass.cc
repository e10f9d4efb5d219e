#include "password/phpass.h"

#include <algorithm>

#include "base/check.h"
#include "base/secret.h"

namespace latchkey::password {
namespace {

constexpr std::string_view kAlphabet =
    "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
constexpr size_t kPrefixBytes = 3, kSaltAt = 4, kDigestAt = 12;
// phpass itself begins at 2^7; 2^19 is a third of a second of SHA-512.
constexpr size_t kLeastLog2Rounds = 7, kMostLog2Rounds = 19;

bool IsOfAlphabet(std::string_view text) {
  return text.find_first_not_of(kAlphabet) == std::string_view::npos;
}

std::string Encode(std::string_view bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    const size_t taken = std::min<size_t>(3, bytes.size() - i);
    for (size_t k = 0; k < taken; ++k) {
      group |= uint32_t{static_cast<uint8_t>(bytes[i + k])} << 8 * k;
    }
    for (size_t k = 0; k <= taken; ++k) text += kAlphabet[group >> 6 * k & 63];
  }
  return text;
}

std::string Stretch(crypto::Hash hash, std::string_view salt, std::string_view password,
                    uint64_t rounds) {
  std::string digest = crypto::Digest(hash, std::string(salt).append(password));
  std::string input;
  for (; rounds > 0; --rounds) {
    input.assign(digest).append(password);
    digest = crypto::Digest(hash, input);
  }
  Wipe(input);
  return digest;
}

}  // namespace

bool PhpassScheme::Recognises(std::string_view stored) const {
  if (stored.size() != kDigestAt + format_.digest_characters) return false;
  const auto begins = [stored](std::string_view prefix) { return stored.starts_with(prefix); };
  const bool known = std::any_of(format_.prefixes.begin(), format_.prefixes.end(), begins);
  if (!known || !IsOfAlphabet(stored.substr(kPrefixBytes))) return false;
  const size_t log2_rounds = kAlphabet.find(stored[kPrefixBytes]);
  return log2_rounds >= kLeastLog2Rounds && log2_rounds <= kMostLog2Rounds;
}

Strength PhpassScheme::StrengthOf(std::string_view stored) const {
  return {Strength::Kind::kStretched, kAlphabet.find(stored[kPrefixBytes])};
}

std::optional<std::string> PhpassScheme::Recompute(std::string_view password,
                                                   std::string_view stored) const {
  const std::string_view salt = stored.substr(kSaltAt, kDigestAt - kSaltAt);
  const uint64_t rounds = uint64_t{1} << kAlphabet.find(stored[kPrefixBytes]);
  const std::string digest = Encode(Stretch(format_.hash, salt, password, rounds));
  return std::string(stored.substr(0, kDigestAt)) + digest.substr(0, format_.digest_characters);
}

std::string PhpassScheme::Fresh() const {
  return std::string(format_.prefixes[0]) + kAlphabet[format_.written_log2_rounds] +
         Encode(crypto::RandomBytes(6)) + std::string(format_.digest_characters, '.');
}

}  // namespace latchkey::password
