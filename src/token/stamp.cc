#include "token/stamp.h"

#include <algorithm>
#include <utility>

#include "base/check.h"
#include "base/text.h"
#include "crypto/encoding.h"

namespace latchkey::token {
namespace {

constexpr size_t kMacBytes = 16;

bool IsPayload(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           c == '-' || c == '_';
  });
}

struct Halves {
  std::string first, second;  // base64url
};

// `use` keeps what Issue signs apart from what Digest does.
std::string Mac(const Key& key, std::string_view use, std::string_view text) {
  return key.hmac.Sign(LengthPrefixed({use, text}));
}

Halves StampOf(const Key& key, std::string_view payload) {
  const std::string mac = Mac(key, "stamp", payload);
  const std::string_view bytes = mac;
  return {crypto::EncodeBase64Url(bytes.substr(0, kMacBytes)),
          crypto::EncodeBase64Url(bytes.substr(kMacBytes))};
}

std::string DigestOf(const Key& key, std::string_view about) {
  const std::string mac = Mac(key, "digest", about);
  return crypto::EncodeBase64Url(std::string_view(mac).substr(0, kMacBytes));
}

}  // namespace

Stamp::Stamp(const Keyring& keyring, Purpose purpose) : keyring_(keyring), purpose_(purpose) {}

Stamp::Issued Stamp::Issue(std::string_view payload) const {
  CHECK(IsPayload(payload));
  Halves mac = StampOf(keyring_.First(purpose_), payload);
  return {std::string(payload) + "." + mac.first, std::move(mac.second)};
}

std::optional<Stamp::Verified> Stamp::Verify(std::string_view stamped) const {
  const size_t dot = stamped.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view payload = stamped.substr(0, dot);
  if (!IsPayload(payload)) return std::nullopt;
  for (const Key& key : keyring_.All(purpose_)) {
    Halves mac = StampOf(key, payload);
    if (!crypto::ConstantTimeEquals(mac.first, stamped.substr(dot + 1))) continue;
    return Verified{std::string(payload), std::move(mac.second)};
  }
  return std::nullopt;
}

std::string Stamp::Digest(std::string_view about) const {
  return DigestOf(keyring_.First(purpose_), about);
}

bool Stamp::VerifyDigest(std::string_view about, std::string_view digest) const {
  const std::vector<Key>& keys = keyring_.All(purpose_);
  return std::any_of(keys.begin(), keys.end(), [&](const Key& key) {
    return crypto::ConstantTimeEquals(DigestOf(key, about), digest);
  });
}

}  // namespace latchkey::token
