#include "token/jwt.h"

#include <algorithm>

#include <utility>
#include <vector>

#include "base/check.h"
#include "base/text.h"
#include "crypto/encoding.h"
#include "token/flat_object.h"

namespace latchkey::token {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

// The year 9999: far below where arithmetic on seconds could overflow.
constexpr uint64_t kLatestTime = 253'402'300'799;
constexpr size_t kMaxSubjectBytes = 64;

std::string TypeOf(Purpose purpose) { return std::string(Name(purpose)) + "+jwt"; }

std::string HeaderOf(Purpose purpose, const Key& key) {
  FlatObject header;
  header.Add("alg", "HS256");
  header.Add("typ", TypeOf(purpose));
  header.Add("kid", key.id);
  return crypto::EncodeBase64Url(header.Serialise());
}

Jwt::Verified Refuse(Refusal refusal) { return {std::nullopt, refusal}; }

std::optional<FlatObject> ParsePart(std::string_view part) {
  const std::optional<std::string> json = crypto::DecodeBase64Url(part);
  return json.has_value() ? FlatObject::Parse(*json) : std::nullopt;
}

std::optional<sys_seconds> Time(const FlatObject& object, std::string_view name) {
  const uint64_t* const number = object.Number(name);
  if (number == nullptr || *number > kLatestTime) return std::nullopt;
  return sys_seconds(seconds(static_cast<int64_t>(*number)));
}

// The claims of the right types and nothing else; who they are from is not looked at.
std::optional<Claims> ReadClaims(const FlatObject& object) {
  const std::string* const subject = object.Text("sub");
  const std::string* const fingerprint = object.Text("fpr");
  const std::optional<sys_seconds> issued = Time(object, "iat");
  const std::optional<sys_seconds> expires = Time(object, "exp");
  if (object.size() != 6 || object.Text("iss") == nullptr || object.Text("aud") == nullptr) {
    return std::nullopt;
  }
  if (subject == nullptr || fingerprint == nullptr || !issued || !expires) return std::nullopt;
  if (!Jwt::TakesSubject(*subject)) return std::nullopt;
  return Claims{*subject, *fingerprint, *issued, *expires};
}

}  // namespace

std::string_view Name(Refusal refusal) {
  switch (refusal) {
    case Refusal::kMalformed: return "malformed";
    case Refusal::kUnknownKey: return "unknown_key";
    case Refusal::kBadSignature: return "bad_signature";
    case Refusal::kNotOurs: return "not_ours";
    case Refusal::kExpired: return "expired";
    case Refusal::kFromTheFuture: return "from_the_future";
  }
  return "";
}

Jwt::Jwt(const Keyring& keyring, Purpose purpose, std::string origin, const Clock& clock)
    : keyring_(keyring),
      purpose_(purpose),
      origin_(std::move(origin)),
      audience_(origin_ + "#" + std::string(Name(purpose))),
      clock_(clock) {
  CHECK(origin_.size() <= kMaxOriginBytes && IsValidUtf8(origin_));
  for (const Key& key : keyring.All(purpose)) headers_.push_back(HeaderOf(purpose, key));
}

bool Jwt::TakesSubject(std::string_view subject) {
  return !subject.empty() && subject.size() <= kMaxSubjectBytes && !HasControls(subject) &&
         IsValidUtf8(subject);
}

std::string Jwt::Issue(std::string_view subject, std::string_view fingerprint,
                       seconds life, std::chrono::sys_seconds earliest) const {
  CHECK(TakesSubject(subject) && life > seconds(0) && life <= kLongestLife);
  CHECK(fingerprint.size() <= kMaxFingerprintBytes);
  const Key& key = keyring_.First(purpose_);
  const seconds now = std::max(clock_.Now(), earliest).time_since_epoch();

  FlatObject claims;
  claims.Add("iss", origin_);
  claims.Add("aud", audience_);
  claims.Add("sub", std::string(subject));
  claims.Add("iat", static_cast<uint64_t>(now.count()));
  claims.Add("exp", static_cast<uint64_t>((now + life).count()));
  claims.Add("fpr", std::string(fingerprint));

  std::string token = headers_.front() + "." + crypto::EncodeBase64Url(claims.Serialise());
  const std::string signature = key.hmac.Sign(token);
  token += "." + crypto::EncodeBase64Url(signature);
  CHECK(token.size() <= kMaxBytes);
  return token;
}

Jwt::Verified Jwt::Verify(std::string_view token) const {
  if (token.size() > kMaxBytes) return Refuse(Refusal::kMalformed);
  const std::vector<std::string_view> parts = Split(token, '.');
  if (parts.size() != 3) return Refuse(Refusal::kMalformed);

  const std::optional<std::string> signature = crypto::DecodeBase64Url(parts[2]);
  if (!signature) return Refuse(Refusal::kMalformed);
  Refusal refusal{};
  const Key* const key = KeyOf(parts[0], &refusal);
  if (key == nullptr) return Refuse(refusal);
  const std::string_view signed_part = token.substr(0, parts[0].size() + 1 + parts[1].size());
  if (!key->hmac.Verify(signed_part, *signature)) return Refuse(Refusal::kBadSignature);
  return VerifyClaims(parts[1]);
}

const Key* Jwt::KeyOf(std::string_view header_part, Refusal* refusal) const {
  // Most are as we write them; the same header may be written in other ways.
  const auto known = std::find(headers_.begin(), headers_.end(), header_part);
  if (known != headers_.end()) return &keyring_.All(purpose_)[known - headers_.begin()];

  const std::optional<FlatObject> header = ParsePart(header_part);
  const std::string* const key_id = header ? header->Text("kid") : nullptr;
  if (key_id == nullptr || header->size() != 3) {
    *refusal = Refusal::kMalformed;
    return nullptr;
  }
  if (!header->TextIs("alg", "HS256") || !header->TextIs("typ", TypeOf(purpose_))) {
    *refusal = Refusal::kNotOurs;
    return nullptr;
  }
  *refusal = Refusal::kUnknownKey;
  return keyring_.Find(purpose_, *key_id);
}

Jwt::Verified Jwt::VerifyClaims(std::string_view part) const {
  const std::optional<FlatObject> object = ParsePart(part);
  std::optional<Claims> claims = object ? ReadClaims(*object) : std::nullopt;
  if (!claims) return Refuse(Refusal::kMalformed);
  if (!object->TextIs("iss", origin_) || !object->TextIs("aud", audience_)) {
    return Refuse(Refusal::kNotOurs);
  }
  const seconds life = claims->expires - claims->issued;
  if (life <= seconds(0) || life > kLongestLife) return Refuse(Refusal::kNotOurs);

  const sys_seconds now = clock_.Now();
  if (claims->issued > now + kLeeway) return Refuse(Refusal::kFromTheFuture);
  if (now >= claims->expires) return Refuse(Refusal::kExpired);
  return {std::move(claims), {}};
}

}  // namespace latchkey::token
