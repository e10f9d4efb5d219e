#include "crypto/crypto.h"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/kdf.h>
#include <openssl/params.h>
#include <openssl/rand.h>

#include <array>
#include <atomic>
#include <climits>
#include <memory>
#include <utility>

#include "base/check.h"

namespace latchkey::crypto {
namespace {

constexpr size_t kMacBytes = 32;
constexpr size_t kMinKeyBytes = 32;

struct MacFree {
  void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};
using MacContext = std::unique_ptr<EVP_MAC_CTX, MacFree>;

// OpenSSL takes a null pointer for "no value given"; an empty string_view may hold one.
const char* Pointer(std::string_view bytes) { return bytes.data() == nullptr ? "" : bytes.data(); }
const uint8_t* Bytes(std::string_view bytes) {
  return reinterpret_cast<const uint8_t*>(Pointer(bytes));
}
uint8_t* Bytes(std::string& bytes) { return reinterpret_cast<uint8_t*>(bytes.data()); }

OSSL_PARAM Octets(const char* name, std::string_view bytes) {
  return OSSL_PARAM_construct_octet_string(name, const_cast<char*>(Pointer(bytes)), bytes.size());
}
OSSL_PARAM Sha256Parameter(const char* name) {
  return OSSL_PARAM_construct_utf8_string(name, const_cast<char*>("SHA256"), 0);
}

MacContext NewKeyedContext(const Secret& key) {
  EVP_MAC* mac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
  CHECK(mac != nullptr);
  MacContext context(EVP_MAC_CTX_new(mac));
  EVP_MAC_free(mac);  // the context holds a reference
  CHECK(context != nullptr);
  const OSSL_PARAM parameters[] = {Sha256Parameter(OSSL_MAC_PARAM_DIGEST),
                                   OSSL_PARAM_construct_end()};
  CHECK(EVP_MAC_init(context.get(), Bytes(key.Reveal()), key.size_bytes(), parameters) == 1);
  return context;
}

const EVP_MD* FetchedSha256() {
  static const EVP_MD* const sha256 = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  CHECK(sha256 != nullptr);
  return sha256;
}

const EVP_MD* Algorithm(Hash hash) {
  switch (hash) {
    case Hash::kMd5: return EVP_md5();
    case Hash::kSha1: return EVP_sha1();
    case Hash::kSha256: return EVP_sha256();
    case Hash::kSha384: return EVP_sha384();
    case Hash::kSha512: return EVP_sha512();
  }
  return nullptr;
}

// One thread's random bytes that nobody has had yet. The generator takes about as long for 16 as for all.
class RandomStock {
 public:
  static constexpr size_t kMost = 64;

  ~RandomStock() { OPENSSL_cleanse(bytes_.data(), bytes_.size()); }

  std::string Take(size_t count) {
    if (left_ < count) {
      CHECK(RAND_bytes(bytes_.data(), static_cast<int>(bytes_.size())) == 1);
      left_ = bytes_.size();
    }
    left_ -= count;
    std::string taken(reinterpret_cast<const char*>(&bytes_[left_]), count);
    OPENSSL_cleanse(&bytes_[left_], count);
    return taken;
  }

 private:
  std::array<uint8_t, 512> bytes_{};
  size_t left_ = 0;
};

}  // namespace

std::string RandomBytes(size_t count) {
  if (count <= RandomStock::kMost) {
    thread_local RandomStock stock;
    return stock.Take(count);
  }
  CHECK(count <= INT_MAX);
  std::string bytes(count, '\0');
  CHECK(RAND_bytes(Bytes(bytes), static_cast<int>(count)) == 1);
  return bytes;
}

std::string Sha256(std::string_view data) {
  std::string digest(32, '\0');
  CHECK(EVP_Digest(Pointer(data), data.size(), Bytes(digest), nullptr, FetchedSha256(), nullptr) ==
        1);
  return digest;
}

struct Hmac::Key {
  uint64_t id;  // never used again, unlike an address
  MacContext keyed;  // only ever copied from: threads may do so at once

  // This thread's copy, ready for data. A slot that two keys share is only slower.
  EVP_MAC_CTX* ThreadContext() const {
    struct Slot {
      uint64_t id = 0;
      MacContext context;
    };
    thread_local std::array<Slot, 32> slots;
    Slot& slot = slots[id % slots.size()];
    if (slot.id != id) {
      slot.context.reset(EVP_MAC_CTX_dup(keyed.get()));
      slot.id = id;
    }
    CHECK(slot.context != nullptr);
    // No key given: the schedule in the context is used again.
    CHECK(EVP_MAC_init(slot.context.get(), nullptr, 0, nullptr) == 1);
    return slot.context.get();
  }
};

Hmac::Hmac(const Secret& key) {
  CHECK(key.size_bytes() >= kMinKeyBytes);
  static std::atomic<uint64_t> last_id{0};
  key_ = new Key{++last_id, NewKeyedContext(key)};
}

Hmac::Hmac(Hmac&& other) noexcept : key_(std::exchange(other.key_, nullptr)) {}

Hmac::~Hmac() { delete key_; }

std::string Hmac::Sign(std::string_view data) const {
  CHECK(key_ != nullptr);
  EVP_MAC_CTX* const context = key_->ThreadContext();
  std::string mac(kMacBytes, '\0');
  size_t length = 0;
  CHECK(EVP_MAC_update(context, Bytes(data), data.size()) == 1);
  CHECK(EVP_MAC_final(context, Bytes(mac), &length, mac.size()) == 1 && length == mac.size());
  return mac;
}

bool Hmac::Verify(std::string_view data, std::string_view mac) const {
  return ConstantTimeEquals(Sign(data), mac);
}

Secret DeriveKey(const Secret& secret, std::string_view info) {
  return Hkdf(secret, "", info, kMinKeyBytes);
}

Secret Hkdf(const Secret& secret, std::string_view salt, std::string_view info,
            size_t length_bytes) {
  EVP_KDF* kdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  CHECK(kdf != nullptr);
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(kdf),
                                                                          EVP_KDF_CTX_free);
  EVP_KDF_free(kdf);
  CHECK(context != nullptr);
  const OSSL_PARAM parameters[] = {Sha256Parameter(OSSL_KDF_PARAM_DIGEST),
                                   Octets(OSSL_KDF_PARAM_KEY, secret.Reveal()),
                                   Octets(OSSL_KDF_PARAM_SALT, salt),
                                   Octets(OSSL_KDF_PARAM_INFO, info), OSSL_PARAM_construct_end()};
  std::string key(length_bytes, '\0');
  CHECK(EVP_KDF_derive(context.get(), Bytes(key), key.size(), parameters) == 1);
  return Secret(std::move(key));
}

bool ConstantTimeEquals(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string Digest(Hash hash, std::string_view data) {
  const EVP_MD* const algorithm = Algorithm(hash);
  std::string digest(static_cast<size_t>(EVP_MD_get_size(algorithm)), '\0');
  CHECK(EVP_Digest(Pointer(data), data.size(), Bytes(digest), nullptr, algorithm, nullptr) == 1);
  return digest;
}

std::string HmacOf(Hash hash, std::string_view key, std::string_view data) {
  const EVP_MD* const algorithm = Algorithm(hash);
  std::string mac(static_cast<size_t>(EVP_MD_get_size(algorithm)), '\0');
  CHECK(key.size() <= INT_MAX);
  CHECK(HMAC(algorithm, Pointer(key), static_cast<int>(key.size()), Bytes(data), data.size(),
             Bytes(mac), nullptr) != nullptr);
  return mac;
}

Secret Pbkdf2(Hash hash, std::string_view password, std::string_view salt, uint32_t rounds,
              size_t length_bytes) {
  CHECK(rounds >= 1 && rounds <= INT_MAX);
  CHECK(password.size() <= INT_MAX && salt.size() <= INT_MAX && length_bytes <= INT_MAX);
  std::string key(length_bytes, '\0');
  CHECK(PKCS5_PBKDF2_HMAC(Pointer(password), static_cast<int>(password.size()), Bytes(salt),
                          static_cast<int>(salt.size()), static_cast<int>(rounds), Algorithm(hash),
                          static_cast<int>(length_bytes), Bytes(key)) == 1);
  return Secret(std::move(key));
}

bool Scrypt(std::string_view password, std::string_view salt, ScryptParameters parameters,
            uint64_t max_memory_bytes, size_t length_bytes, std::string* key) {
  key->assign(length_bytes, '\0');
  return EVP_PBE_scrypt(Pointer(password), password.size(), Bytes(salt), salt.size(), parameters.n,
                        parameters.r, parameters.p, max_memory_bytes, Bytes(*key),
                        key->size()) == 1;
}

}  // namespace latchkey::crypto
