// Tokens of strangers, and claims of any kind under our own signature.

#include <algorithm>

#include "base/secret.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"
#include "fuzz/fuzz.h"
#include "support/fake_clock.h"
#include "token/jwt.h"
#include "token/stamp.h"
#include "unit/token/fixture.h"

using namespace latchkey;

namespace {

constexpr std::string_view kOrigin = "https://www.example.org";

struct Site {
  token::Keyring keyring = token::Keys({token::kNewSecret});
  FakeClock clock;
  token::Jwt jwt{keyring, token::Purpose::kReset, std::string(kOrigin), clock};
  token::Stamp stamp{keyring, token::Purpose::kForm};
};

const Site& TheSite() {
  static const Site site;
  return site;
}

void CheckWord(const token::Jwt::Verified& verified) {
  if (!verified.claims) return;
  const token::Claims& claims = *verified.claims;
  CHECK(token::Jwt::TakesSubject(claims.subject));
  CHECK(claims.expires > claims.issued);
  CHECK(claims.expires - claims.issued <= token::Jwt::kLongestLife);
  CHECK(claims.fingerprint.size() <= token::Jwt::kMaxFingerprintBytes);
}

}  // namespace

FUZZ(token) {
  // Nobody guesses a signature.
  CHECK(!TheSite().jwt.Verify(input).claims);
  CHECK(!TheSite().stamp.Verify(input));
}

FUZZ(signed_token) {
  const auto parts = fuzz::Split(input, 2);
  std::string text = crypto::EncodeBase64Url(parts[0]) + "." + crypto::EncodeBase64Url(parts[1]);
  text += "." + crypto::EncodeBase64Url(TheSite().keyring.First(token::Purpose::kReset).hmac.Sign(text));
  CheckWord(TheSite().jwt.Verify(text));
}
