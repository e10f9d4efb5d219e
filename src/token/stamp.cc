#include "token/stamp.h"

#include <algorithm>

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

// `use` keeps what Issue signs apart from what Digest does.
std::string MacText(const Key& key, std::string_view use, std::string_view text) {
  const std::string mac = key.hmac.Sign(LengthPrefixed({use, text}));
  return crypto::EncodeBase64Url(std::string_view(mac).substr(0, kMacBytes));
}

}  // namespace

Stamp::Stamp(const Keyring& keyring, Purpose purpose) : keyring_(keyring), purpose_(purpose) {}

std::string Stamp::Issue(std::string_view payload) const {
  CHECK(IsPayload(payload));
  return std::string(payload) + "." + MacText(keyring_.First(purpose_), "stamp", payload);
}

std::optional<std::string> Stamp::Verify(std::string_view stamped) const {
  const size_t dot = stamped.find('.');
  if (dot == std::string_view::npos) return std::nullopt;
  const std::string_view payload = stamped.substr(0, dot);
  if (!IsPayload(payload) || !Made("stamp", payload, stamped.substr(dot + 1))) return std::nullopt;
  return std::string(payload);
}

std::string Stamp::Digest(std::string_view about) const {
  return MacText(keyring_.First(purpose_), "digest", about);
}

bool Stamp::VerifyDigest(std::string_view about, std::string_view digest) const {
  return Made("digest", about, digest);
}

bool Stamp::Made(std::string_view use, std::string_view text, std::string_view mac) const {
  const std::vector<Key>& keys = keyring_.All(purpose_);
  return std::any_of(keys.begin(), keys.end(), [&](const Key& key) {
    return crypto::ConstantTimeEquals(MacText(key, use, text), mac);
  });
}

}  // namespace latchkey::token
