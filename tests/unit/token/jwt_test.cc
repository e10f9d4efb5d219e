#include "token/jwt.h"

#include <gtest/gtest.h>

#include "support/fake_clock.h"
#include "unit/token/fixture.h"

namespace latchkey::token {
namespace {

using std::chrono::hours;
using std::chrono::seconds;
using std::chrono::sys_seconds;

const char kOrigin[] = "https://www.example.org/account";

// jwt.encode({"iss": o, "aud": o + "#reset", "sub": "42", "iat": 1780000000, "exp": 1780000600,
//   "fpr": "Zm9v"}, key, "HS256", headers={"typ": "reset+jwt", "kid": kid}) by PyJWT 2.6
constexpr std::string_view kByPyJwt =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6ImU1YThiMTE4IiwidHlwIjoicmVzZXQrand0In0."
    "eyJpc3MiOiJodHRwczovL3d3dy5leGFtcGxlLm9yZy9hY2NvdW50IiwiYXVkIjoiaHR0cHM6Ly93d3cuZXhhbXBsZS5v"
    "cmcvYWNjb3VudCNyZXNldCIsInN1YiI6IjQyIiwiaWF0IjoxNzgwMDAwMDAwLCJleHAiOjE3ODAwMDA2MDAsImZwciI6"
    "IlptOXYifQ.u_jtcU67KmUf7-NAUBzhnenp4T1_A4icq23PZpN0jNY";
// The same by the old secret, and for a session.
constexpr std::string_view kByOldSecret =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6IjJjOWRiNWQyIiwidHlwIjoicmVzZXQrand0In0."
    "eyJpc3MiOiJodHRwczovL3d3dy5leGFtcGxlLm9yZy9hY2NvdW50IiwiYXVkIjoiaHR0cHM6Ly93d3cuZXhhbXBsZS5v"
    "cmcvYWNjb3VudCNyZXNldCIsInN1YiI6IjQyIiwiaWF0IjoxNzgwMDAwMDAwLCJleHAiOjE3ODAwMDA2MDAsImZwciI6"
    "IlptOXYifQ.bZZxPRxsoHtIj7FJfPakcAurDa5lvCvH-CKtaNm3DOw";
constexpr std::string_view kForSession =
    "eyJhbGciOiJIUzI1NiIsImtpZCI6ImU1YThiMTE4IiwidHlwIjoic2Vzc2lvbitqd3QifQ."
    "eyJpc3MiOiJodHRwczovL3d3dy5leGFtcGxlLm9yZy9hY2NvdW50IiwiYXVkIjoiaHR0cHM6Ly93d3cuZXhhbXBsZS5v"
    "cmcvYWNjb3VudCNzZXNzaW9uIiwic3ViIjoiNDIiLCJpYXQiOjE3ODAwMDAwMDAsImV4cCI6MTc4MDAwMDYwMCwiZnBy"
    "IjoiWm05diJ9.rma6Q7L2ZjYgR3nDx4UgoAT1jnhO-fkmTy4mm_5AFAg";

const std::string kHeader = R"({"alg":"HS256","typ":"reset+jwt","kid":"e5a8b118"})";
const std::string kClaims =
    R"({"iss":"https://www.example.org/account","aud":"https://www.example.org/account#reset",)"
    R"("sub":"42","iat":1780000000,"exp":1780000600,"fpr":"Zm9v"})";

std::string Replaced(std::string text, std::string_view from, std::string_view to) {
  const size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

std::string Unsigned(std::string_view header, std::string_view claims) {
  return crypto::EncodeBase64Url(header) + "." + crypto::EncodeBase64Url(claims);
}

class JwtTest : public testing::Test {
 protected:
  // Signs any text with the right key, as only a bug or a thief of it could.
  std::string Forge(const std::string& header, const std::string& claims) const {
    const std::string text = Unsigned(header, claims);
    return text + "." + crypto::EncodeBase64Url(HmacOf(kNewKeys[0]).Sign(text));
  }
  std::string ForgeHeader(std::string_view from, std::string_view to) const {
    return Forge(Replaced(kHeader, from, to), kClaims);
  }
  std::string ForgeClaims(std::string_view from, std::string_view to) const {
    return Forge(kHeader, Replaced(kClaims, from, to));
  }
  // "good", or why not.
  std::string Say(std::string_view token) const {
    const Jwt::Verified verified = jwt_.Verify(token);
    return verified.claims ? "good" : std::string(Name(verified.refusal));
  }

  FakeClock clock_;
  Keyring keyring_ = Keys({kNewSecret});
  Jwt jwt_{keyring_, Purpose::kReset, kOrigin, clock_};
};

TEST_F(JwtTest, TakesPyJwtsToken) {
  const Jwt::Verified verified = jwt_.Verify(kByPyJwt);
  ASSERT_TRUE(verified.claims) << Name(verified.refusal);
  EXPECT_EQ(verified.claims->subject, "42");
  EXPECT_EQ(verified.claims->fingerprint, "Zm9v");
  EXPECT_EQ(verified.claims->issued, FakeClock::kStart);
  EXPECT_EQ(verified.claims->expires, FakeClock::kStart + seconds(600));
}

TEST_F(JwtTest, IssuesWhatItVerifies) {
  const std::string token = jwt_.Issue("o'b \"\\ \u00e9", "fingerprint", seconds(600));
  const Jwt::Verified verified = jwt_.Verify(token);
  ASSERT_TRUE(verified.claims);
  EXPECT_EQ(verified.claims->subject, "o'b \"\\ \u00e9");
  EXPECT_EQ(verified.claims->fingerprint, "fingerprint");
  EXPECT_EQ(verified.claims->issued, clock_.Now());
  EXPECT_EQ(verified.claims->expires, clock_.Now() + seconds(600));
  EXPECT_EQ(token.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                    "0123456789-_."),
            std::string::npos);
}

TEST_F(JwtTest, IssuesPyJwtsClaims) {
  // Ours lists the keys in alphabetical order: this is kHeader and kClaims so sorted.
  const std::string header = R"({"alg":"HS256","kid":"e5a8b118","typ":"reset+jwt"})";
  const std::string claims =
      R"({"aud":"https://www.example.org/account#reset","exp":1780000600,"fpr":"Zm9v",)"
      R"("iat":1780000000,"iss":"https://www.example.org/account","sub":"42"})";
  EXPECT_EQ(jwt_.Issue("42", "Zm9v", seconds(600)), Forge(header, claims));
}

TEST_F(JwtTest, FitsWithTheLongestOfEverything) {
  const Jwt jwt(keyring_, Purpose::kReset, std::string(Jwt::kMaxOriginBytes, 'o'), clock_);
  const std::string token = jwt.Issue(std::string(64, '"'), std::string(64, '"'), hours(24));
  EXPECT_LE(token.size(), Jwt::kMaxBytes);
  EXPECT_TRUE(jwt.Verify(token).claims);
}

TEST_F(JwtTest, ForgeIsGoodUntilItIsBent) { EXPECT_EQ(Say(Forge(kHeader, kClaims)), "good"); }

TEST_F(JwtTest, RefusesEveryTruncation) {
  for (size_t length = 0; length < kByPyJwt.size(); ++length) {
    EXPECT_NE(Say(kByPyJwt.substr(0, length)), "good") << length;
    EXPECT_NE(Say(kByPyJwt.substr(kByPyJwt.size() - length)), "good") << length;
  }
}

TEST_F(JwtTest, RefusesEveryByteChanged) {
  for (size_t at = 0; at < kByPyJwt.size(); ++at) {
    std::string changed(kByPyJwt);
    for (int value = 0; value < 256; ++value) {
      changed[at] = static_cast<char>(value);
      if (changed == kByPyJwt) continue;
      ASSERT_NE(Say(changed), "good") << at << " " << value;
    }
  }
}

TEST_F(JwtTest, RefusesAnotherTextForTheSameSignature) {
  // 32 bytes end in a character with two bits unused: 'Y' is 24, and 25 to 27 decode the same in a
  // careless reader.
  ASSERT_EQ(kByPyJwt.back(), 'Y');
  for (const char last : {'Z', 'a', 'b'}) {
    std::string changed(kByPyJwt);
    changed.back() = last;
    EXPECT_EQ(Say(changed), "malformed");
  }
}

TEST_F(JwtTest, RefusesTheOtherAlphabet) {
  std::string changed(kByPyJwt);
  for (char& c : changed) c = c == '_' ? '/' : c == '-' ? '+' : c;
  EXPECT_EQ(Say(changed), "malformed");
}

TEST_F(JwtTest, RefusesPaddingAndBlanks) {
  const std::string good(kByPyJwt);
  const size_t dot = good.find('.');
  for (const std::string& text :
       {good + "=", good + " ", " " + good, good + "\n", good + "\r\n", good + '\0',
        good.substr(0, dot) + "=" + good.substr(dot),
        good.substr(0, dot) + " " + good.substr(dot)}) {
    EXPECT_EQ(Say(text), "malformed") << text;
  }
  // In the claims it is the signature that tells.
  EXPECT_EQ(Say(good.substr(0, dot + 1) + "\t" + good.substr(dot + 1)), "bad_signature");
}

TEST_F(JwtTest, RefusesTwoOrFourPartsAndEmptyOnes) {
  const std::string good(kByPyJwt);
  const std::string unsigned_part = good.substr(0, good.rfind('.'));
  for (const std::string& text : {unsigned_part, good + ".", good + "." + "e30", "." + good,
                                  std::string(".."), std::string("."), std::string("....")}) {
    EXPECT_EQ(Say(text), "malformed") << text;
  }
  EXPECT_EQ(Say(unsigned_part + "."), "bad_signature");
  EXPECT_NE(Say(good.substr(good.find('.'))), "good");
}

TEST_F(JwtTest, RefusesWhatIsNoTokenAtAll) {
  for (const std::string_view text : {"", "0", "null", "'", "[]", "{}", "true", "undefined"}) {
    EXPECT_EQ(Say(text), "malformed") << text;
  }
  EXPECT_EQ(Say(std::string(3, '\0')), "malformed");
  EXPECT_EQ(Say("   "), "malformed");
}

TEST_F(JwtTest, RefusesLongText) {
  EXPECT_EQ(Say(std::string(10'240, 'a')), "malformed");
  EXPECT_EQ(Say(std::string(10'240, '.')), "malformed");
  const std::string long_fpr = ForgeClaims("Zm9v", std::string(8'192, 'a'));
  EXPECT_EQ(Say(long_fpr), "malformed");
}

TEST_F(JwtTest, RefusesEveryAlgorithmButHs256) {
  for (const std::string_view alg :
       {R"("none")", R"("None")", R"("NONE")", R"("hs256")", R"("HS384")", R"("HS512")",
        R"("RS256")", R"("ES256")", R"("")", R"("HS256 ")", R"("HS256\u0000")"}) {
    EXPECT_EQ(Say(ForgeHeader(R"("HS256")", alg)), "not_ours") << alg;
  }
  for (const std::string_view alg : {R"(["HS256"])", R"({"a":"HS256"})", "null", "true", "0.5"}) {
    EXPECT_EQ(Say(ForgeHeader(R"("HS256")", alg)), "malformed") << alg;
  }
  EXPECT_EQ(Say(ForgeHeader(R"("HS256")", "256")), "not_ours");
  EXPECT_EQ(Say(ForgeHeader(R"("alg":"HS256",)", "")), "malformed");
  EXPECT_EQ(Say(ForgeHeader(R"("alg")", R"("ALG")")), "not_ours");
}

TEST_F(JwtTest, RefusesNoneWithoutASignature) {
  EXPECT_EQ(Say(Unsigned(Replaced(kHeader, "HS256", "none"), kClaims) + "."), "not_ours");
}

TEST_F(JwtTest, RefusesDuplicatesInTheHeader) {
  EXPECT_EQ(Say(ForgeHeader(R"("alg":)", R"("alg":"none","alg":)")), "malformed");
  EXPECT_EQ(Say(ForgeHeader(R"("alg":)", R"("alg":"HS256","alg":)")), "malformed");
  EXPECT_EQ(Say(ForgeHeader(R"("alg":)", R"("\u0061lg":"none","alg":)")), "malformed");
}

TEST_F(JwtTest, RefusesAnythingElseInTheHeader) {
  for (const std::string_view extra : {R"("crit":"exp",)", R"("jku":"https://evil.example/",)",
                                       R"("jwk":"x",)", R"("zip":"DEF",)", R"("b64":"false",)"}) {
    const std::string with_extra = std::string(extra) + R"("alg":)";
    EXPECT_EQ(Say(ForgeHeader(R"("alg":)", with_extra)), "malformed") << extra;
  }
}

TEST_F(JwtTest, ComparesTheKeyIdWithOurOwnOnly) {
  for (const std::string& kid :
       {std::string(), std::string("e5a8b11"), std::string("E5A8B118"), std::string("2c9db5d2"),
        std::string("../../../dev/null"), std::string("/etc/latchkey/token.secret"),
        std::string("' UNION SELECT 'key"), std::string("e5a8b118\\u0000")}) {
    EXPECT_EQ(Say(ForgeHeader("e5a8b118", kid)), "unknown_key") << kid;
  }
  EXPECT_EQ(Say(ForgeHeader("e5a8b118", std::string(10'240, 'k'))), "malformed");
  EXPECT_EQ(Say(ForgeHeader(R"("e5a8b118")", "1")), "malformed");
  EXPECT_EQ(Say(ForgeHeader(R"(,"kid":"e5a8b118")", "")), "malformed");
}

TEST_F(JwtTest, RefusesTenThousandLevelsOfNesting) {
  const std::string deep = std::string(10'000, '[') + std::string(10'000, ']');
  EXPECT_EQ(Say(Forge(deep, kClaims)), "malformed");
  EXPECT_EQ(Say(ForgeClaims(R"("Zm9v")", deep)), "malformed");
  // As deep as fits into a token.
  const std::string fits = std::string(500, '[') + std::string(500, ']');
  EXPECT_EQ(Say(ForgeClaims(R"("Zm9v")", fits)), "malformed");
}

TEST_F(JwtTest, RefusesAnotherKey) {
  const std::string text = Unsigned(kHeader, kClaims);
  for (const crypto::Hmac& hmac : {HmacOf(kOldResetKey), HmacOf(kNewKeys[1]),
                                   crypto::Hmac(Secret(std::string(kNewSecret)))}) {
    EXPECT_EQ(Say(text + "." + crypto::EncodeBase64Url(hmac.Sign(text))), "bad_signature");
  }
}

TEST_F(JwtTest, RefusesAShortenedSignature) {
  const std::string good(kByPyJwt);
  const std::string text = good.substr(0, good.rfind('.'));
  const std::string signature = crypto::DecodeBase64Url(good.substr(text.size() + 1)).value();
  for (size_t length = 0; length < signature.size(); ++length) {
    EXPECT_EQ(Say(text + "." + crypto::EncodeBase64Url(signature.substr(0, length))),
              "bad_signature");
  }
  EXPECT_EQ(Say(text + "." + crypto::EncodeBase64Url(signature + "x")), "bad_signature");
}

TEST_F(JwtTest, ChecksTheSignatureBeforeTheClaims) {
  const std::string text = Unsigned(kHeader, "[[[");
  EXPECT_EQ(Say(text + "." + std::string(43, 'A')), "bad_signature");
  EXPECT_EQ(Say(Forge(kHeader, "[[[")), "malformed");
}

TEST_F(JwtTest, OldSecretVerifiesAfterRotationAndNotWhenRetired) {
  const Keyring rotated = Keys({kNewSecret, kOldSecret});
  const Jwt after(rotated, Purpose::kReset, kOrigin, clock_);
  EXPECT_TRUE(after.Verify(kByOldSecret).claims);
  EXPECT_TRUE(after.Verify(kByPyJwt).claims);
  EXPECT_EQ(Say(after.Issue("42", "Zm9v", seconds(600))), "good");
  EXPECT_EQ(Say(kByOldSecret), "unknown_key");
}

TEST_F(JwtTest, RefusesATokenOfAnotherPurpose) {
  EXPECT_EQ(Say(kForSession), "not_ours");
  const Jwt session(keyring_, Purpose::kSession, kOrigin, clock_);
  EXPECT_TRUE(session.Verify(kForSession).claims);
  EXPECT_EQ(session.Verify(kByPyJwt).refusal, Refusal::kNotOurs);
}

TEST_F(JwtTest, RefusesATokenOfAnotherPurposeByEachOfItsThreeMarks) {
  EXPECT_EQ(Say(ForgeHeader("reset+jwt", "session+jwt")), "not_ours");
  EXPECT_EQ(Say(ForgeHeader("reset+jwt", "JWT")), "not_ours");
  EXPECT_EQ(Say(ForgeClaims("#reset", "#session")), "not_ours");
  const std::string text = Unsigned(kHeader, kClaims);
  EXPECT_EQ(Say(text + "." + crypto::EncodeBase64Url(HmacOf(kNewKeys[1]).Sign(text))),
            "bad_signature");
}

TEST_F(JwtTest, RefusesAnotherSite) {
  const Jwt other(keyring_, Purpose::kReset, "https://www.example.net/account", clock_);
  EXPECT_EQ(other.Verify(kByPyJwt).refusal, Refusal::kNotOurs);
  EXPECT_EQ(Say(ForgeClaims(".org/account\",", ".org/account/\",")), "not_ours");
}

TEST_F(JwtTest, RefusesDuplicateMissingAndSurplusClaims) {
  EXPECT_EQ(Say(ForgeClaims(R"("sub":"42")", R"("sub":"42","sub":"1")")), "malformed");
  EXPECT_EQ(Say(ForgeClaims(R"("sub":"42")", R"("sub":"42","s\u0075b":"1")")), "malformed");
  EXPECT_EQ(Say(ForgeClaims(R"("sub":"42")", R"("sub":"42","nbf":0)")), "malformed");
  for (const std::string_view claim :
       {R"("iss":"https://www.example.org/account",)", R"("sub":"42",)", R"("iat":1780000000,)",
        R"("exp":1780000600,)", R"(,"fpr":"Zm9v")"}) {
    EXPECT_EQ(Say(ForgeClaims(claim, "")), "malformed") << claim;
  }
}

TEST_F(JwtTest, RefusesSubjectsThatNoAccountHas) {
  for (const std::string_view sub : {R"("")", "42", "0", "null", "[42]", R"({"id":42})", "true",
                                     R"("\u0000")", R"("4\u00002")", R"("4\n2")"}) {
    EXPECT_EQ(Say(ForgeClaims(R"("42")", sub)), "malformed") << sub;
  }
  EXPECT_EQ(Say(ForgeClaims(R"("42")", '"' + std::string(65, 'a') + '"')), "malformed");
  EXPECT_EQ(Say(ForgeClaims(R"("42")", '"' + std::string(64, 'a') + '"')), "good");
}

TEST_F(JwtTest, RefusesAudienceAndFingerprintOfAnotherType) {
  EXPECT_EQ(Say(ForgeClaims(R"("https://www.example.org/account#reset")",
                            R"(["https://www.example.org/account#reset"])")),
            "malformed");
  EXPECT_EQ(Say(ForgeClaims(R"("Zm9v")", "7")), "malformed");
  EXPECT_EQ(Say(ForgeClaims(R"("Zm9v")", "null")), "malformed");
}

TEST_F(JwtTest, IsGoodUntilTheSecondItExpires) {
  clock_.Advance(seconds(599));
  EXPECT_EQ(Say(kByPyJwt), "good");
  clock_.Advance(std::chrono::milliseconds(999));
  EXPECT_EQ(Say(kByPyJwt), "good");
  clock_.Advance(std::chrono::milliseconds(1));
  EXPECT_EQ(Say(kByPyJwt), "expired");
  clock_.Advance(hours(100'000));
  EXPECT_EQ(Say(kByPyJwt), "expired");
}

TEST_F(JwtTest, AllowsAMinuteOfClockDifference) {
  clock_.Set(FakeClock::kStart - seconds(60));
  EXPECT_EQ(Say(kByPyJwt), "good");
  clock_.Set(FakeClock::kStart - seconds(61));
  EXPECT_EQ(Say(kByPyJwt), "from_the_future");
}

TEST_F(JwtTest, AClockStepBackDoesNotReviveLaterTokens) {
  clock_.Advance(hours(1));
  const std::string later = jwt_.Issue("42", "Zm9v", seconds(600));
  clock_.Set(FakeClock::kStart);
  EXPECT_EQ(Say(later), "from_the_future");
}

TEST_F(JwtTest, SaysExpiredOnlyOfItsOwn) {
  clock_.Advance(hours(1));
  std::string changed(kByPyJwt);
  changed[changed.size() - 10] ^= 1;
  EXPECT_EQ(Say(changed), "bad_signature");
  EXPECT_EQ(Say(ForgeClaims("#reset", "#session")), "not_ours");
}

TEST_F(JwtTest, RefusesTimesThatAreNoWholeSeconds) {
  for (const std::string_view time :
       {"1780000600.0", "1780000600.5", "1.78e9", R"("1780000600")", "-1", "-1780000600", "null",
        "true", "[1780000600]", "18446744073709551615", "18446744073709551616",
        "9223372036854775807", "253402300800", "1e999", "01780000600"}) {
    EXPECT_EQ(Say(ForgeClaims("1780000600", time)), "malformed") << time;
    EXPECT_EQ(Say(ForgeClaims("1780000000", time)), "malformed") << time;
  }
}

TEST_F(JwtTest, RefusesALifeThatIsNotOurs) {
  EXPECT_EQ(Say(ForgeClaims("1780000600", "1780086400")), "good");
  EXPECT_EQ(Say(ForgeClaims("1780000600", "1780086401")), "not_ours");
  EXPECT_EQ(Say(ForgeClaims("1780000600", "253402300799")), "not_ours");
  EXPECT_EQ(Say(ForgeClaims("1780000600", "1780000000")), "not_ours");
  EXPECT_EQ(Say(ForgeClaims("1780000600", "0")), "not_ours");
  EXPECT_EQ(Say(ForgeClaims("1780000000", "0")), "not_ours");
}

TEST_F(JwtTest, KnowsWhatMayBeASubject) {
  EXPECT_TRUE(Jwt::TakesSubject("1"));
  EXPECT_TRUE(Jwt::TakesSubject(std::string(64, 'x')));
  EXPECT_FALSE(Jwt::TakesSubject(""));
  EXPECT_FALSE(Jwt::TakesSubject(std::string(65, 'x')));
  EXPECT_FALSE(Jwt::TakesSubject("a\nb"));
  EXPECT_FALSE(Jwt::TakesSubject("\xff"));
}

using JwtDeathTest = JwtTest;
TEST_F(JwtDeathTest, RefusesToIssueForEverOrForNobody) {
  EXPECT_DEATH(jwt_.Issue("42", "f", hours(24) + seconds(1)), "bug: CHECK");
  EXPECT_DEATH(jwt_.Issue("42", "f", seconds(0)), "bug: CHECK");
  EXPECT_DEATH(jwt_.Issue("", "f", seconds(1)), "bug: CHECK");
}

}  // namespace
}  // namespace latchkey::token
