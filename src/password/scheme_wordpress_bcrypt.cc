// WordPress 6.8's "$wp$2y$10$...": bcrypt of base64(HMAC-SHA-384(key "wp-sha384", password)), so
// that no byte of a long password is lost.

#include "crypto/crypto.h"
#include "crypto/encoding.h"
#include "password/wrapped.h"

namespace latchkey::password {
namespace {

std::string Reduce(std::string_view password) {
  return crypto::EncodeBase64(crypto::HmacOf(crypto::Hash::kSha384, "wp-sha384", password));
}

const WrappedScheme scheme({"wordpress-bcrypt", "$wp", {&Bcrypt()}, true, Reduce});
const Registration registered(scheme);

}  // namespace
}  // namespace latchkey::password
