#include <optional>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "password/scheme.h"
#include "password/shape.h"

namespace latchkey::password {
namespace {

// scrypt:32768:8:1$<salt>$<128 hex digits>: werkzeug.security's default since 2.3.
constexpr std::string_view kWrittenMethod = "scrypt:32768:8:1";
constexpr size_t kDigestBytes = 64;
// A row may ask for sixteen times the work of what is written and four times its 32 MiB.
constexpr uint32_t kMostN = 1U << 19, kMostR = 32, kMostP = 16;
constexpr uint64_t kMostWork = 16ULL * 32768 * 8, kMostBlocks = 4ULL * 32768 * 8;
// 128 bytes for each, and some for the lanes.
constexpr uint64_t kMaxMemoryBytes = 128 * kMostBlocks + (1U << 20);

std::optional<crypto::ScryptParameters> ParseMethod(std::string_view method) {
  const std::vector<std::string_view> parts = Split(method, ':');
  if (parts.size() != 4 || parts[0] != "scrypt") return std::nullopt;
  const auto n = ParseNumber(parts[1], 2, kMostN);
  const auto r = ParseNumber(parts[2], 1, kMostR);
  const auto p = ParseNumber(parts[3], 1, kMostP);
  if (!n || !r || !p || (*n & (*n - 1)) != 0) return std::nullopt;
  const uint64_t blocks = uint64_t{*n} * *r;
  if (blocks > kMostBlocks || blocks * *p > kMostWork) return std::nullopt;
  return crypto::ScryptParameters{*n, *r, *p};
}

bool Compute(std::string_view password, std::string_view salt, crypto::ScryptParameters parameters,
             std::string* digest) {
  if (crypto::Scrypt(password, salt, parameters, kMaxMemoryBytes, kDigestBytes, digest)) {
    return true;
  }
  log::Error("hash_failed", {{"scheme", "werkzeug-scrypt"}});
  return false;
}

class WerkzeugScrypt final : public Scheme {
 public:
  std::string_view name() const override { return "werkzeug-scrypt"; }
  size_t max_password_bytes() const override { return kMaxPasswordBytes; }
  // HMAC, inside, pads a key with NULs: "abc" and "abc\0" have the same hash.
  bool takes_nul() const override { return false; }
  size_t max_hash_bytes() const override { return kWrittenMethod.size() + 1 + 16 + 1 + 128; }

  bool Recognises(std::string_view stored) const override {
    const std::optional<WerkzeugHash> parsed = ParseWerkzeug(stored);
    return parsed && parsed->digest.size() == kDigestBytes && ParseMethod(parsed->method);
  }

  Strength StrengthOf(std::string_view stored) const override {
    return StrengthOf(*ParseMethod(ParseWerkzeug(stored)->method));
  }
  Strength written_strength() const override { return StrengthOf(*ParseMethod(kWrittenMethod)); }

  bool Verify(std::string_view password, std::string_view stored) const override {
    CHECK(Recognises(stored));
    if (password.size() > kMaxPasswordBytes) return false;
    const std::optional<WerkzeugHash> parsed = ParseWerkzeug(stored);
    std::string digest;
    return Compute(password, parsed->salt, *ParseMethod(parsed->method), &digest) &&
           !HasNul(password) && crypto::ConstantTimeEquals(digest, parsed->digest);
  }

  Result<std::string> Make(std::string_view password) const override {
    CHECK(password.size() <= kMaxPasswordBytes && !HasNul(password));
    const std::string salt = RandomWerkzeugSalt();
    std::string digest;
    if (!Compute(password, salt, *ParseMethod(kWrittenMethod), &digest)) {
      return Error{Next::kTryLater, "werkzeug-scrypt: failed"};
    }
    std::string stored = FormatWerkzeug(kWrittenMethod, salt, digest);
    if (!Verify(password, stored)) {
      return Error{Next::kTryLater, "werkzeug-scrypt: does not verify"};
    }
    return stored;
  }

 private:
  static Strength StrengthOf(crypto::ScryptParameters parameters) {
    return {Strength::Kind::kMemoryHard, parameters.n * parameters.r * parameters.p};
  }
};

const WerkzeugScrypt scheme;
const Registration registered(scheme);

}  // namespace
}  // namespace latchkey::password
