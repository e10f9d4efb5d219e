// keyring.h -- the site's secrets and the keys derived from them
//
// Each purpose has a key of its own, HKDF-SHA-256(secret, no salt, "latchkey/v1/" + purpose), so
// that what is signed for one can never serve another. Several secrets may be listed: the first
// signs, all verify, which is how a secret is changed without breaking links on their way.

#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "crypto/crypto.h"

namespace latchkey::token {

enum class Purpose { kReset, kSession, kNotMe, kForm, kFlash, kBinding, kLimiter };

// "reset", "session", "not-me", "form", "flash", "binding", "limiter".
std::string_view Name(Purpose purpose);

struct Key {
  std::string id;  // 8 hex digits of SHA-256("latchkey/v1/kid" | secret): a JWT's "kid"
  crypto::Hmac hmac;
};

class Keyring {
 public:
  static constexpr size_t kMinSecretBytes = 32;

  // kFixSetup for no secret, one under kMinSecretBytes, or two with one id (the same one twice).
  static Result<Keyring> Make(const std::vector<Secret>& secrets);

  // The key that signs.
  const Key& First(Purpose purpose) const;
  // All that verify, the signing one first.
  const std::vector<Key>& All(Purpose purpose) const;
  // The one with this id, or nullptr.
  const Key* Find(Purpose purpose, std::string_view id) const;

 private:
  Keyring() = default;

  std::vector<std::vector<Key>> keys_;  // by purpose
};

}  // namespace latchkey::token
