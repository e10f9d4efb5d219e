#include <optional>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "password/scheme.h"
#include "password/shape.h"

namespace latchkey::password {
namespace {

// pbkdf2:sha256:1000000$<salt>$<hex>: werkzeug.security's, at the rounds of its 3.1.
constexpr std::string_view kWrittenMethod = "pbkdf2:sha256:1000000";
// About a second and a half; Werkzeug 0.5 began with 1000.
constexpr uint32_t kMostRounds = 4'000'000;

struct Method {
  crypto::Hash hash;
  size_t digest_bytes;
  uint32_t rounds;
};

std::optional<Method> ParseMethod(std::string_view method) {
  const std::vector<std::string_view> parts = Split(method, ':');
  if (parts.size() != 3 || parts[0] != "pbkdf2") return std::nullopt;
  const auto rounds = ParseNumber(parts[2], 1, kMostRounds);
  if (!rounds) return std::nullopt;
  if (parts[1] == "sha256") return Method{crypto::Hash::kSha256, 32, *rounds};
  if (parts[1] == "sha512") return Method{crypto::Hash::kSha512, 64, *rounds};
  if (parts[1] == "sha1") return Method{crypto::Hash::kSha1, 20, *rounds};
  return std::nullopt;
}

Secret Compute(std::string_view password, std::string_view salt, const Method& method) {
  return crypto::Pbkdf2(method.hash, password, salt, method.rounds, method.digest_bytes);
}

class WerkzeugPbkdf2 final : public Scheme {
 public:
  std::string_view name() const override { return "werkzeug-pbkdf2"; }
  size_t max_password_bytes() const override { return kMaxPasswordBytes; }
  // HMAC, inside, pads a key with NULs: "abc" and "abc\0" have the same hash.
  bool takes_nul() const override { return false; }
  size_t max_hash_bytes() const override { return kWrittenMethod.size() + 1 + 16 + 1 + 64; }

  bool Recognises(std::string_view stored) const override {
    const std::optional<WerkzeugHash> parsed = ParseWerkzeug(stored);
    if (!parsed) return false;
    const std::optional<Method> method = ParseMethod(parsed->method);
    return method && parsed->digest.size() == method->digest_bytes;
  }

  Strength StrengthOf(std::string_view stored) const override {
    return {Strength::Kind::kSlow, ParseMethod(ParseWerkzeug(stored)->method)->rounds};
  }
  Strength written_strength() const override {
    return {Strength::Kind::kSlow, ParseMethod(kWrittenMethod)->rounds};
  }

  bool Verify(std::string_view password, std::string_view stored) const override {
    CHECK(Recognises(stored));
    if (password.size() > kMaxPasswordBytes) return false;
    const std::optional<WerkzeugHash> parsed = ParseWerkzeug(stored);
    const Secret digest = Compute(password, parsed->salt, *ParseMethod(parsed->method));
    return !HasNul(password) && crypto::ConstantTimeEquals(digest.Reveal(), parsed->digest);
  }

  Result<std::string> Make(std::string_view password) const override {
    CHECK(password.size() <= kMaxPasswordBytes && !HasNul(password));
    const std::string salt = RandomWerkzeugSalt();
    const Secret digest = Compute(password, salt, *ParseMethod(kWrittenMethod));
    std::string stored = FormatWerkzeug(kWrittenMethod, salt, digest.Reveal());
    if (!Verify(password, stored)) {
      return Error{Next::kTryLater, "werkzeug-pbkdf2: does not verify"};
    }
    return stored;
  }
};

const WerkzeugPbkdf2 scheme;
const Registration registered(scheme);

}  // namespace
}  // namespace latchkey::password
