// Werkzeug's "sha256$<salt>$<hex>", before it had PBKDF2: HMAC with the salt as the key. Django's
// older texts look the same.

#include "crypto/encoding.h"
#include "password/recomputed.h"

namespace latchkey::password {
namespace {

class WerkzeugHmac final : public ReadOnly<RecomputedScheme> {
 public:
  std::string_view name() const override { return "werkzeug-hmac"; }
  bool self_describing() const override { return false; }
  bool Recognises(std::string_view stored) const override {
    const std::optional<WerkzeugHash> parsed = ParseWerkzeug(stored);
    if (!parsed) return false;
    const std::optional<NamedHash> hash = ParseHashName(parsed->method);
    return hash && parsed->digest.size() == hash->digest_bytes;
  }
  Strength StrengthOf(std::string_view) const override { return {Strength::Kind::kFast, 1}; }

 private:
  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override {
    const WerkzeugHash parsed = ParseWerkzeug(stored).value();
    const NamedHash hash = ParseHashName(parsed.method).value();
    return FormatWerkzeug(parsed.method, parsed.salt,
                          crypto::HmacOf(hash.hash, parsed.salt, password));
  }
};

const WerkzeugHmac scheme;
const Registration registered(scheme);

}  // namespace
}  // namespace latchkey::password
