#include <vector>

#include "base/text.h"
#include "crypto/encoding.h"
#include "password/recomputed.h"
#include "password/scrypt.h"

namespace latchkey::password {
namespace {

constexpr std::string_view kFront = "scrypt$";

// "scrypt$<salt>$16384$8$5$<base64>": Django 4.0 and later; the five lanes are 5.1's.
class DjangoScrypt final : public RecomputedScheme {
 public:
  std::string_view name() const override { return "django-scrypt"; }
  // HMAC, inside, pads a key with NULs.
  bool takes_nul() const override { return false; }
  std::string_view CostOf(std::string_view stored) const override { return Parse(stored)->costs; }
  Strength StrengthOf(std::string_view stored) const override {
    return ScryptStrength(Parse(stored)->parameters);
  }
  Memory memory() const override { return ScryptMemory(Parse(Fresh())->parameters); }
  bool Recognises(std::string_view stored) const override { return Parse(stored).has_value(); }

 private:
  struct Parsed {
    std::string_view costs;  // "16384$8$5"
    crypto::ScryptParameters parameters;
    std::string_view salt, front;
  };

  static std::optional<Parsed> Parse(std::string_view stored) {
    if (!stored.starts_with(kFront) || stored.size() > kMaxStoredBytes) return std::nullopt;
    const std::vector<std::string_view> parts = Split(stored.substr(kFront.size()), '$');
    if (parts.size() != 5 || !IsSalt(parts[0])) return std::nullopt;
    const auto parameters = ParseScrypt(parts[1], parts[2], parts[3]);
    const std::optional<std::string> digest = crypto::DecodeBase64(parts[4]);
    if (!parameters || !digest || digest->size() != kScryptDigestBytes) return std::nullopt;
    const std::string_view front = stored.substr(0, stored.size() - parts[4].size());
    const size_t costs_at = kFront.size() + parts[0].size() + 1;
    const std::string_view costs = front.substr(costs_at, front.size() - 1 - costs_at);
    return Parsed{costs, *parameters, parts[0], front};
  }

  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override {
    const Parsed parsed = Parse(stored).value();
    const auto digest = ScryptDigest(name(), password, parsed.salt, parsed.parameters);
    if (!digest) return std::nullopt;
    return std::string(parsed.front) + crypto::EncodeBase64(*digest);
  }
  std::string Fresh() const override {
    return std::string(kFront) + RandomAlphanumerics(22) + "$16384$8$5$" +
           crypto::EncodeBase64(std::string(kScryptDigestBytes, '\0'));
  }
};

const DjangoScrypt scheme;
const Registration registered(scheme);

}  // namespace
}  // namespace latchkey::password
