// A digest in hex and nothing else: what the oldest tables hold. Any word of that length has the
// shape.

#include "crypto/encoding.h"
#include "password/recomputed.h"

namespace latchkey::password {
namespace {

class HexScheme : public RecomputedScheme {
 public:
  struct Format {
    std::string_view name;
    crypto::Hash hash;
    size_t digest_bytes;
  };
  explicit HexScheme(Format format) : format_(format) {}

  std::string_view name() const override { return format_.name; }
  bool self_describing() const override { return false; }
  bool Recognises(std::string_view stored) const override {
    return IsHex(stored, format_.digest_bytes);
  }
  Strength StrengthOf(std::string_view) const override { return {Strength::Kind::kFast, 0}; }

 protected:
  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view) const override {
    return crypto::EncodeHex(crypto::Digest(format_.hash, password));
  }
  std::string Fresh() const override { return std::string(2 * format_.digest_bytes, '0'); }

 private:
  Format format_;
};

using ReadHex = ReadOnly<HexScheme>;
const ReadHex md5(HexScheme::Format{"md5", crypto::Hash::kMd5, 16});
const ReadHex sha1(HexScheme::Format{"sha1", crypto::Hash::kSha1, 20});
const ReadHex sha256(HexScheme::Format{"sha256", crypto::Hash::kSha256, 32});
const ReadHex sha512(HexScheme::Format{"sha512", crypto::Hash::kSha512, 64});
// SMF 2.0 knows nothing else; the site's "lower-login-prefix" is its salt.
const HexScheme smf({"smf-sha1", crypto::Hash::kSha1, 20});

const Registration md5_registered(md5);
const Registration sha1_registered(sha1);
const Registration sha256_registered(sha256);
const Registration sha512_registered(sha512);
const Registration smf_registered(smf);

}  // namespace
}  // namespace latchkey::password
