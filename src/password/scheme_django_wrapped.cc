// Django's "argon2$argon2id$...", "bcrypt_sha256$$2b$12$..." and "bcrypt$$2b$12$...".

#include "crypto/encoding.h"
#include "password/argon2.h"
#include "password/wrapped.h"

namespace latchkey::password {
namespace {

// So that no byte of a long password is lost.
std::string Sha256Hex(std::string_view password) {
  return crypto::EncodeHex(crypto::Sha256(password));
}

// Django's own costs: 100 MiB.
const Argon2Scheme inner("django-argon2", Argon2Scheme::Variety::kId, {102400, 2, 8});
const WrappedScheme argon2({"django-argon2", "argon2", {&inner, &Argon2i()}});
const WrappedScheme bcrypt_sha256(
    {"django-bcrypt-sha256", "bcrypt_sha256$", {&Bcrypt()}, true, Sha256Hex});
// Cuts what is long; read only since the other is there.
const WrappedScheme bcrypt({"django-bcrypt", "bcrypt$", {&Bcrypt()}, false});

const Registration argon2_registered(argon2);
const Registration bcrypt_sha256_registered(bcrypt_sha256);
const Registration bcrypt_registered(bcrypt);

}  // namespace
}  // namespace latchkey::password
