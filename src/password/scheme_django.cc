// Django's PBKDF2 and its older digests: "<algorithm>$<rounds>$<salt>$<digest>".

#include <vector>

#include "base/text.h"
#include "crypto/encoding.h"
#include "password/recomputed.h"

namespace latchkey::password {
namespace {

// "pbkdf2_sha256$1000000$<salt>$<base64>", also of SHA-1. The rounds are Django 5.2's.
class DjangoPbkdf2 final : public RecomputedScheme {
 public:
  std::string_view name() const override { return "django-pbkdf2"; }
  // HMAC, inside, pads a key with NULs.
  bool takes_nul() const override { return false; }
  std::string_view CostOf(std::string_view stored) const override {
    return stored.substr(0, stored.find('$', stored.find('$') + 1));
  }
  Strength StrengthOf(std::string_view stored) const override {
    return {Strength::Kind::kSlow, Parse(stored)->method.rounds};
  }
  bool Recognises(std::string_view stored) const override { return Parse(stored).has_value(); }

 private:
  static constexpr std::string_view kFront = "pbkdf2_", kWritten = "pbkdf2_sha256$1000000$";

  struct Parsed {
    Pbkdf2Method method;
    std::string_view salt, front;
  };

  static std::optional<Parsed> Parse(std::string_view stored) {
    if (!stored.starts_with(kFront) || stored.size() > kMaxStoredBytes) return std::nullopt;
    const std::vector<std::string_view> parts = Split(stored.substr(kFront.size()), '$');
    if (parts.size() != 4 || !IsSalt(parts[2])) return std::nullopt;
    const std::optional<Pbkdf2Method> method = ParsePbkdf2(parts[0], parts[1]);
    const std::optional<std::string> digest = crypto::DecodeBase64(parts[3]);
    if (!method || !digest || digest->size() != method->digest_bytes) return std::nullopt;
    return Parsed{*method, parts[2], stored.substr(0, stored.size() - parts[3].size())};
  }

  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override {
    const Parsed parsed = Parse(stored).value();
    const Secret digest = crypto::Pbkdf2(parsed.method.hash, password, parsed.salt,
                                         parsed.method.rounds, parsed.method.digest_bytes);
    return std::string(parsed.front) + crypto::EncodeBase64(digest.Reveal());
  }
  std::string Fresh() const override {
    return std::string(kWritten) + RandomAlphanumerics(22) + "$" +
           crypto::EncodeBase64(std::string(32, '\0'));
  }
};

// "sha1$<salt>$<hex>", "md5$<salt>$<hex>", without a salt too. Werkzeug's older texts look the
// same.
class DjangoDigest final : public ReadOnly<RecomputedScheme> {
 public:
  std::string_view name() const override { return "django-digest"; }
  bool self_describing() const override { return false; }
  bool Recognises(std::string_view stored) const override {
    if (stored.size() > kMaxStoredBytes) return false;
    const std::vector<std::string_view> parts = Split(stored, '$');
    if (parts.size() != 3 || (!parts[1].empty() && !IsSalt(parts[1]))) return false;
    return (parts[0] == "md5" || parts[0] == "sha1") &&
           IsHex(parts[2], ParseHashName(parts[0])->digest_bytes);
  }
  Strength StrengthOf(std::string_view) const override { return {Strength::Kind::kFast, 1}; }

 private:
  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override {
    const std::vector<std::string_view> parts = Split(stored, '$');
    return FormatWerkzeug(parts[0], parts[1],
                          crypto::Digest(ParseHashName(parts[0])->hash,
                                         std::string(parts[1]).append(password)));
  }
};

const DjangoPbkdf2 pbkdf2;
const DjangoDigest digest;
const Registration pbkdf2_registered(pbkdf2);
const Registration digest_registered(digest);

}  // namespace
}  // namespace latchkey::password
