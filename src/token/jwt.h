// jwt.h -- issue and verify signed claims (RFC 7519, held to RFC 8725)
//
// HS256 only. The header must be exactly {alg: HS256, typ: <the purpose's>, kid: <a key of ours>}
// and the claims exactly iss, aud, sub, iat, exp, fpr, each once, of the right type: a token that
// anything else could read differently is refused. The signature is checked before a byte of the
// claims is parsed.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "token/keyring.h"

namespace latchkey::token {

struct Claims {
  std::string subject;      // the account's id as text, 1 to 64 bytes
  std::string fingerprint;  // "fpr": what the account looked like, see accounts/binding.h
  std::chrono::sys_seconds issued;
  std::chrono::sys_seconds expires;
};

// Why a token is refused, for the log and the notice. kExpired is said only of one that is ours.
enum class Refusal { kMalformed, kUnknownKey, kBadSignature, kNotOurs, kExpired, kFromTheFuture };
std::string_view Name(Refusal refusal);

class Jwt {
 public:
  static constexpr size_t kMaxBytes = 2048;
  static constexpr size_t kMaxOriginBytes = 512;
  static constexpr size_t kMaxFingerprintBytes = 64;
  static constexpr std::chrono::seconds kLeeway{60};       // on iat: nodes' clocks differ
  static constexpr std::chrono::hours kLongestLife{24};    // a token that claims more is refused

  // purpose: kReset ("typ": "reset+jwt") or kSession ("session+jwt"). origin is iss, and with
  // "#" + the purpose's name aud. keyring and clock outlive this object. REQUIRES: an origin of
  // UTF-8, at most kMaxOriginBytes.
  Jwt(const Keyring& keyring, Purpose purpose, std::string origin, const Clock& clock);

  // 1 to 64 bytes of UTF-8 without controls: an account whose id is anything else gets no token.
  static bool TakesSubject(std::string_view subject);

  // Signed by the first key. REQUIRES: TakesSubject(subject), a fingerprint of at most
  // kMaxFingerprintBytes of UTF-8, 0 < life <= kLongestLife. It is issued now, but never before
  // `earliest`.
  std::string Issue(std::string_view subject, std::string_view fingerprint,
                    std::chrono::seconds life, std::chrono::sys_seconds earliest = {}) const;

  struct Verified {
    std::optional<Claims> claims;  // none: refused
    Refusal refusal{};
  };
  // now >= exp is expired; iat more than kLeeway ahead of now is refused.
  Verified Verify(std::string_view token) const;

 private:
  // The key that a header of ours names; nullptr: why not.
  const Key* KeyOf(std::string_view header_part, Refusal* refusal) const;
  // The part between the dots of a token that is signed by us.
  Verified VerifyClaims(std::string_view part) const;

  const Keyring& keyring_;
  Purpose purpose_;
  std::string origin_;
  std::string audience_;
  std::vector<std::string> headers_;  // encoded, of each key of the purpose
  const Clock& clock_;
};

}  // namespace latchkey::token
