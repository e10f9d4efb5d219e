#include <vector>

#include "base/text.h"
#include "password/recomputed.h"
#include "password/scrypt.h"

namespace latchkey::password {
namespace {

// scrypt:32768:8:1$<salt>$<128 hex digits>: werkzeug.security's default since 2.3.
constexpr std::string_view kWrittenMethod = "scrypt:32768:8:1";

std::optional<crypto::ScryptParameters> ParseMethod(std::string_view method) {
  const std::vector<std::string_view> parts = Split(method, ':');
  if (parts.size() != 4 || parts[0] != "scrypt") return std::nullopt;
  return ParseScrypt(parts[1], parts[2], parts[3]);
}

class WerkzeugScrypt final : public RecomputedScheme {
 public:
  std::string_view name() const override { return "werkzeug-scrypt"; }
  // HMAC, inside, pads a key with NULs: "abc" and "abc\0" have the same hash.
  bool takes_nul() const override { return false; }
  std::string_view CostOf(std::string_view stored) const override {
    return stored.substr(0, stored.find('$'));
  }
  Strength StrengthOf(std::string_view stored) const override {
    return ScryptStrength(ParseMethod(CostOf(stored)).value());
  }
  Memory memory() const override { return ScryptMemory(ParseMethod(kWrittenMethod).value()); }
  bool Recognises(std::string_view stored) const override {
    const std::optional<WerkzeugHash> parsed = ParseWerkzeug(stored);
    return parsed && parsed->digest.size() == kScryptDigestBytes && ParseMethod(parsed->method);
  }

 private:
  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override {
    const WerkzeugHash parsed = ParseWerkzeug(stored).value();
    const auto digest =
        ScryptDigest(name(), password, parsed.salt, ParseMethod(parsed.method).value());
    if (!digest) return std::nullopt;
    return FormatWerkzeug(parsed.method, parsed.salt, *digest);
  }
  std::string Fresh() const override {
    return FormatWerkzeug(kWrittenMethod, RandomAlphanumerics(kWerkzeugSaltBytes),
                          std::string(kScryptDigestBytes, '\0'));
  }
};

const WerkzeugScrypt scheme;
const Registration registered(scheme);

}  // namespace
}  // namespace latchkey::password
