// MediaWiki's default since 1.24, and the same over what 1.24 found: MD5, with or without a salt.

#include <vector>

#include "base/text.h"
#include "crypto/encoding.h"
#include "password/mediawiki.h"
#include "password/recomputed.h"

namespace latchkey::password {
namespace {

constexpr uint32_t kMostDigestBytes = 128;

// "sha512:30000:64"
struct Parameters {
  Pbkdf2Method method;
  uint32_t digest_bytes;
};

std::optional<Parameters> ParseParameters(std::string_view text) {
  const std::vector<std::string_view> parts = Split(text, ':');
  if (parts.size() != 3) return std::nullopt;
  const std::optional<Pbkdf2Method> method = ParsePbkdf2(parts[0], parts[1]);
  const auto digest_bytes = ParseNumber(parts[2], 16, kMostDigestBytes);
  if (!method || !digest_bytes) return std::nullopt;
  // Each block of a digest costs all rounds.
  const uint64_t blocks = (*digest_bytes + method->digest_bytes - 1) / method->digest_bytes;
  if (blocks * method->rounds > kMostPbkdf2Rounds) return std::nullopt;
  return Parameters{*method, *digest_bytes};
}

bool IsBase64Of(std::string_view text, size_t least_bytes, size_t most_bytes) {
  const std::optional<std::string> bytes = crypto::DecodeBase64(text);
  return bytes && bytes->size() >= least_bytes && bytes->size() <= most_bytes;
}

std::string Derive(std::string_view password, const Parameters& parameters,
                   std::string_view salt_base64) {
  const std::string salt = crypto::DecodeBase64(salt_base64).value();
  return crypto::EncodeBase64(crypto::Pbkdf2(parameters.method.hash, password, salt,
                                             parameters.method.rounds, parameters.digest_bytes)
                                  .Reveal());
}

// ":pbkdf2:sha512:30000:64:<salt>:<digest>", both base64.
class MediaWikiPbkdf2 final : public RecomputedScheme {
 public:
  std::string_view name() const override { return "mediawiki-pbkdf2"; }
  // HMAC, inside, pads a key with NULs.
  bool takes_nul() const override { return false; }
  std::string_view CostOf(std::string_view stored) const override { return Parse(stored)->costs; }
  Strength StrengthOf(std::string_view stored) const override {
    return {Strength::Kind::kSlow, Parse(stored)->parameters.method.rounds};
  }
  bool Recognises(std::string_view stored) const override { return Parse(stored).has_value(); }

 private:
  static constexpr std::string_view kFront = ":pbkdf2:";
  // MediaWiki 1.39's defaults.
  static constexpr std::string_view kWritten = "sha512:30000:64";

  struct Parsed {
    std::string_view costs;  // "sha512:30000:64"
    Parameters parameters;
    std::string_view salt, front;
  };

  static std::optional<Parsed> Parse(std::string_view stored) {
    if (!stored.starts_with(kFront) || stored.size() > kMaxStoredBytes) return std::nullopt;
    const std::vector<std::string_view> parts = Split(stored.substr(kFront.size()), ':');
    if (parts.size() != 5) return std::nullopt;
    const std::string_view costs(
        parts[0].data(), parts[0].size() + 1 + parts[1].size() + 1 + parts[2].size());
    const std::optional<Parameters> parameters = ParseParameters(costs);
    if (!parameters || !IsBase64Of(parts[3], 1, 64) ||
        !IsBase64Of(parts[4], parameters->digest_bytes, parameters->digest_bytes)) {
      return std::nullopt;
    }
    return Parsed{costs, *parameters, parts[3], stored.substr(0, stored.size() - parts[4].size())};
  }

  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override {
    const Parsed parsed = Parse(stored).value();
    return std::string(parsed.front) + Derive(password, parsed.parameters, parsed.salt);
  }
  std::string Fresh() const override {
    return std::string(kFront) + std::string(kWritten) + ":" +
           crypto::EncodeBase64(crypto::RandomBytes(16)) + ":" +
           crypto::EncodeBase64(std::string(64, '\0'));
  }
};

// ":pbkdf2-legacyB:!sha512:30000:64!<salt of B>!<salt>!<digest>": of the hex digest of ":B:"; and
// the same with A, whose salt is mostly empty.
class MediaWikiLegacy final : public ReadOnly<RecomputedScheme> {
 public:
  std::string_view name() const override { return "mediawiki-pbkdf2-legacy"; }
  std::string_view CostOf(std::string_view stored) const override { return Parse(stored)->costs; }
  Strength StrengthOf(std::string_view stored) const override {
    return {Strength::Kind::kSlow, Parse(stored)->parameters.method.rounds};
  }
  bool Recognises(std::string_view stored) const override { return Parse(stored).has_value(); }

 private:
  struct Parsed {
    std::string_view costs;
    Parameters parameters;
    std::string_view inner_salt, salt, front;
  };

  static std::optional<Parsed> Parse(std::string_view stored) {
    if (stored.size() > kMaxStoredBytes) return std::nullopt;
    const std::vector<std::string_view> parts = Split(stored, '!');
    if (parts.size() != 5) return std::nullopt;
    const bool is_a = parts[0] == ":pbkdf2-legacyA:", is_b = parts[0] == ":pbkdf2-legacyB:";
    if (!(is_a && parts[2].empty()) && !((is_a || is_b) && IsMediaWikiSalt(parts[2]))) {
      return std::nullopt;
    }
    const std::optional<Parameters> parameters = ParseParameters(parts[1]);
    if (!parameters || !IsBase64Of(parts[3], 1, 64) ||
        !IsBase64Of(parts[4], parameters->digest_bytes, parameters->digest_bytes)) {
      return std::nullopt;
    }
    return Parsed{parts[1], *parameters, parts[2], parts[3],
                  stored.substr(0, stored.size() - parts[4].size())};
  }

  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override {
    const Parsed parsed = Parse(stored).value();
    const std::string digest = MediaWikiMd5(password, parsed.inner_salt);
    return std::string(parsed.front) + Derive(digest, parsed.parameters, parsed.salt);
  }
};

const MediaWikiPbkdf2 pbkdf2;
const MediaWikiLegacy legacy;
const Registration pbkdf2_registered(pbkdf2);
const Registration legacy_registered(legacy);

}  // namespace
}  // namespace latchkey::password
