#include <vector>

#include "base/text.h"
#include "crypto/crypto.h"
#include "password/recomputed.h"

namespace latchkey::password {
namespace {

// pbkdf2:sha256:1000000$<salt>$<hex>: werkzeug.security's, at the rounds of its 3.1.
constexpr std::string_view kWrittenMethod = "pbkdf2:sha256:1000000";

std::optional<Pbkdf2Method> ParseMethod(std::string_view method) {
  const std::vector<std::string_view> parts = Split(method, ':');
  if (parts.size() != 3 || parts[0] != "pbkdf2") return std::nullopt;
  return ParsePbkdf2(parts[1], parts[2]);
}

class WerkzeugPbkdf2 final : public RecomputedScheme {
 public:
  std::string_view name() const override { return "werkzeug-pbkdf2"; }
  // HMAC, inside, pads a key with NULs: "abc" and "abc\0" have the same hash.
  bool takes_nul() const override { return false; }
  std::string_view CostOf(std::string_view stored) const override {
    return stored.substr(0, stored.find('$'));
  }
  Strength StrengthOf(std::string_view stored) const override {
    return {Strength::Kind::kSlow, ParseMethod(CostOf(stored))->rounds};
  }
  bool Recognises(std::string_view stored) const override {
    const std::optional<WerkzeugHash> parsed = ParseWerkzeug(stored);
    if (!parsed) return false;
    const std::optional<Pbkdf2Method> method = ParseMethod(parsed->method);
    return method && parsed->digest.size() == method->digest_bytes;
  }

 private:
  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override {
    const WerkzeugHash parsed = ParseWerkzeug(stored).value();
    const Pbkdf2Method method = ParseMethod(parsed.method).value();
    const Secret digest = crypto::Pbkdf2(method.hash, password, parsed.salt, method.rounds,
                                         method.digest_bytes);
    return FormatWerkzeug(parsed.method, parsed.salt, digest.Reveal());
  }
  std::string Fresh() const override {
    return FormatWerkzeug(kWrittenMethod, RandomAlphanumerics(kWerkzeugSaltBytes),
                          std::string(32, '\0'));
  }
};

const WerkzeugPbkdf2 scheme;
const Registration registered(scheme);

}  // namespace
}  // namespace latchkey::password
