#include "token/keyring.h"

#include <algorithm>

#include "crypto/encoding.h"

namespace latchkey::token {
namespace {

// In the order of the enumeration.
constexpr Purpose kPurposes[] = {Purpose::kReset, Purpose::kSession, Purpose::kNotMe,
                                 Purpose::kForm,  Purpose::kFlash,   Purpose::kBinding,
                                 Purpose::kLimiter};

std::string KeyId(const Secret& secret) {
  std::string text = "latchkey/v1/kid";
  text += secret.Reveal();
  const std::string digest = crypto::Sha256(text);
  Wipe(text);
  return crypto::EncodeHex(digest).substr(0, 8);
}

Key MakeKey(const Secret& secret, Purpose purpose) {
  const std::string info = "latchkey/v1/" + std::string(Name(purpose));
  return {KeyId(secret), crypto::Hmac(crypto::DeriveKey(secret, info))};
}

Error Refuse(size_t index, const std::string& problem) {
  return {Next::kFixSetup,
          "token.secret_files: secret " + std::to_string(index + 1) + " " + problem};
}

}  // namespace

std::string_view Name(Purpose purpose) {
  switch (purpose) {
    case Purpose::kReset: return "reset";
    case Purpose::kSession: return "session";
    case Purpose::kNotMe: return "not-me";
    case Purpose::kForm: return "form";
    case Purpose::kFlash: return "flash";
    case Purpose::kBinding: return "binding";
    case Purpose::kLimiter: return "limiter";
  }
  return "";
}

Result<Keyring> Keyring::Make(const std::vector<Secret>& secrets) {
  if (secrets.empty()) {
    return Error{Next::kFixSetup, "token.secret_files: names no secret; list one file at least"};
  }
  std::vector<std::string> ids;
  for (size_t i = 0; i < secrets.size(); ++i) {
    const size_t size_bytes = secrets[i].size_bytes();
    if (size_bytes < kMinSecretBytes) {
      return Refuse(i, "has " + std::to_string(size_bytes) + " bytes; at least " +
                           std::to_string(kMinSecretBytes) + " random ones are needed");
    }
    ids.push_back(KeyId(secrets[i]));
    // By id, so that an id always names one secret.
    const auto twin = std::find(ids.begin(), ids.end() - 1, ids.back());
    if (twin != ids.end() - 1) {
      return Refuse(i, "is secret " + std::to_string(twin - ids.begin() + 1) +
                           " again; list each once");
    }
  }
  Keyring keyring;
  for (const Purpose purpose : kPurposes) {
    std::vector<Key>& keys = keyring.keys_.emplace_back();
    for (const Secret& secret : secrets) keys.push_back(MakeKey(secret, purpose));
  }
  return keyring;
}

const Key& Keyring::First(Purpose purpose) const { return All(purpose).front(); }

const std::vector<Key>& Keyring::All(Purpose purpose) const {
  return keys_[static_cast<size_t>(purpose)];
}

const Key* Keyring::Find(Purpose purpose, std::string_view id) const {
  const std::vector<Key>& keys = All(purpose);
  const auto found =
      std::find_if(keys.begin(), keys.end(), [id](const Key& key) { return key.id == id; });
  return found == keys.end() ? nullptr : &*found;
}

}  // namespace latchkey::token
