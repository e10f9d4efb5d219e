// "<hex>:<salt>" of one or two fast digests, mostly from two columns. The shape is the same for
// all, so a site says which it is. Written only since their applications verify nothing better.

#include "crypto/encoding.h"
#include "password/recomputed.h"

namespace latchkey::password {
namespace {

std::string Md5(std::string_view data) {
  return crypto::EncodeHex(crypto::Digest(crypto::Hash::kMd5, data));
}
std::string Sha1(std::string_view data) {
  return crypto::EncodeHex(crypto::Digest(crypto::Hash::kSha1, data));
}
std::string operator+(std::string_view a, const std::string& b) { return std::string(a).append(b); }
std::string operator+(const std::string& a, std::string_view b) { return std::string(a).append(b); }

class SaltColumnScheme final : public RecomputedScheme {
 public:
  struct Format {
    std::string_view name;
    size_t digest_bytes;
    size_t salt_bytes;  // of a new one
    std::string (*digest)(std::string_view password, std::string_view salt);
  };
  explicit SaltColumnScheme(Format format) : format_(format) {}

  std::string_view name() const override { return format_.name; }
  bool self_describing() const override { return false; }
  bool Recognises(std::string_view stored) const override {
    const size_t digits = 2 * format_.digest_bytes;
    return stored.size() > digits && stored[digits] == ':' &&
           IsHex(stored.substr(0, digits), format_.digest_bytes) &&
           IsSalt(stored.substr(digits + 1), true);
  }
  Strength StrengthOf(std::string_view) const override { return {Strength::Kind::kFast, 1}; }

 private:
  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override {
    const std::string_view salt = stored.substr(2 * format_.digest_bytes + 1);
    return format_.digest(password, salt) + ":" + std::string(salt);
  }
  std::string Fresh() const override {
    return std::string(2 * format_.digest_bytes, '0') + ":" +
           RandomAlphanumerics(format_.salt_bytes);
  }

  Format format_;
};

using Text = std::string_view;
const SaltColumnScheme joomla({"joomla-md5", 16, 32, [](Text password, Text salt) {
                                 return Md5(std::string(password) + salt);
                               }});
const SaltColumnScheme oscommerce({"oscommerce-md5", 16, 2, [](Text password, Text salt) {
                                     return Md5(std::string(salt) + password);
                                   }});
const SaltColumnScheme vbulletin({"vbulletin", 16, 30, [](Text password, Text salt) {
                                    return Md5(Md5(password) + salt);
                                  }});
const SaltColumnScheme mybb({"mybb", 16, 8, [](Text password, Text salt) {
                               return Md5(Md5(salt) + Md5(password));
                             }});
const SaltColumnScheme punbb({"punbb", 20, 12, [](Text password, Text salt) {
                                return Sha1(salt + Sha1(password));
                              }});
const SaltColumnScheme opencart({"opencart", 20, 9, [](Text password, Text salt) {
                                   return Sha1(salt + Sha1(salt + Sha1(password)));
                                 }});

const Registration joomla_registered(joomla);
const Registration oscommerce_registered(oscommerce);
const Registration vbulletin_registered(vbulletin);
const Registration mybb_registered(mybb);
const Registration punbb_registered(punbb);
const Registration opencart_registered(opencart);

}  // namespace
}  // namespace latchkey::password
