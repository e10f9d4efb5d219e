// Dovecot's and PostfixAdmin's "{SHA512-CRYPT}$6$...": a scheme's name in braces, then its text; as
// "{SHA512-CRYPT.B64}" or ".HEX" that text is encoded once more.

#include <optional>

#include "crypto/encoding.h"
#include "password/argon2.h"
#include "password/dovecot.h"
#include "password/wrapped.h"

namespace latchkey::password {
namespace {

class DovecotScheme final : public WrappedScheme {
 public:
  using WrappedScheme::WrappedScheme;

 private:
  std::optional<std::string_view> Unwrap(std::string_view stored,
                                         std::string* kept) const override {
    if (const auto plain = WrappedScheme::Unwrap(stored, kept)) return plain;
    const std::optional<DovecotText> text = ParseDovecot(stored);
    if (!text || text->encoding == DovecotText::Encoding::kUnsaid || text->name != Name()) {
      return std::nullopt;
    }
    std::optional<std::string> decoded = DecodeDovecot(*text);
    if (!decoded) return std::nullopt;
    *kept = std::move(*decoded);
    return *kept;
  }
  // Without its braces.
  std::string_view Name() const { return front().substr(1, front().size() - 2); }
};

// doveadm's own defaults.
const Argon2Scheme inner_argon2id("dovecot-argon2id", Argon2Scheme::Variety::kId, {65536, 3, 1});

const DovecotScheme argon2id({"dovecot-argon2id", "{ARGON2ID}", {&inner_argon2id}});
const DovecotScheme argon2i({"dovecot-argon2i", "{ARGON2I}", {&Argon2i()}, false});
const DovecotScheme blf({"dovecot-blf-crypt", "{BLF-CRYPT}", {&Bcrypt()}});
const DovecotScheme sha512({"dovecot-sha512-crypt", "{SHA512-CRYPT}", {&Sha512Crypt()}});
const DovecotScheme sha256({"dovecot-sha256-crypt", "{SHA256-CRYPT}", {&Sha256Crypt()}});
const DovecotScheme md5({"dovecot-md5-crypt", "{MD5-CRYPT}", {&Md5Crypt()}, false});
const DovecotScheme des({"dovecot-des-crypt", "{DES-CRYPT}", {&DesCrypt()}, false});
const DovecotScheme crypt({"dovecot-crypt",
                           "{CRYPT}",
                           {&Bcrypt(), &Sha512Crypt(), &Sha256Crypt(), &Md5Crypt(), &DesCrypt()},
                           false});

const Registration argon2id_registered(argon2id);
const Registration argon2i_registered(argon2i);
const Registration blf_registered(blf);
const Registration sha512_registered(sha512);
const Registration sha256_registered(sha256);
const Registration md5_registered(md5);
const Registration des_registered(des);
const Registration crypt_registered(crypt);

}  // namespace
}  // namespace latchkey::password
