// crypto.h -- random bytes, digests, MACs, key derivation, constant-time comparison
//
// A thin wall around OpenSSL 3: values in, values out, no OpenSSL type outside this module. Failure
// of a primitive on good arguments is a bug or a broken library, so it is a CHECK; what input can
// cause is said beside each function. All functions are safe from any thread.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/secret.h"

namespace latchkey::crypto {

// From OpenSSL's generator, a few hundred at a time for each thread. CHECKs that the bytes came: there
// is no weaker fallback. Limits: a process that forks and goes on would have some twice; none of ours does.
std::string RandomBytes(size_t count);

std::string Sha256(std::string_view data);  // 32 bytes

// HMAC-SHA-256 (RFC 2104) under one key. The key schedule is copied once per thread, so a call costs
// the hashing only; const methods are safe from any thread. A thread keeps the last 32 schedules it
// used until it ends, those of objects that are gone among them.
// REQUIRES: a key of at least 32 bytes (OpenSSL would take an empty one).
class Hmac {
 public:
  explicit Hmac(const Secret& key);
  Hmac(Hmac&&) noexcept;
  ~Hmac();

  std::string Sign(std::string_view data) const;  // 32 bytes
  // In constant time for equal lengths; another length is false.
  bool Verify(std::string_view data, std::string_view mac) const;

 private:
  struct Key;
  Key* key_;
};

// HKDF-SHA-256 (RFC 5869) with an empty salt; 32 bytes.
Secret DeriveKey(const Secret& secret, std::string_view info);
// The whole of RFC 5869, for its test vectors. length_bytes <= 8160.
Secret Hkdf(const Secret& secret, std::string_view salt, std::string_view info,
            size_t length_bytes);

// False at once for different lengths, else in time that does not depend on the contents.
bool ConstantTimeEquals(std::string_view a, std::string_view b);

// For the schemes in password/: what legacy tables hold is made of all of these.
enum class Hash { kMd5, kSha1, kSha256, kSha384, kSha512 };
std::string Digest(Hash hash, std::string_view data);
// HMAC with a key of any length, the empty one included.
std::string HmacOf(Hash hash, std::string_view key, std::string_view data);
Secret Pbkdf2(Hash hash, std::string_view password, std::string_view salt, uint32_t rounds,
              size_t length_bytes);
// RFC 7914. False for parameters that the RFC forbids, that need over max_memory_bytes, or when there
// is no memory; what *key holds then means nothing.
struct ScryptParameters {
  uint64_t n;
  uint32_t r;
  uint32_t p;
};
bool Scrypt(std::string_view password, std::string_view salt, ScryptParameters parameters,
            uint64_t max_memory_bytes, size_t length_bytes, std::string* key);

}  // namespace latchkey::crypto
