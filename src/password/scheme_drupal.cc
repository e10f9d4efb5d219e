#include "crypto/encoding.h"
#include "password/phpass.h"

namespace latchkey::password {
namespace {

// "$S$E<salt><43>", and "U$S$..." of the hex MD5 of the password: what was MD5 before Drupal 7.
class Drupal final : public PhpassScheme {
 public:
  // Drupal 8's 2^16 rounds; 7 writes 2^15 and reads any.
  Drupal() : PhpassScheme({"drupal", {"$S$"}, true, crypto::Hash::kSha512, 43, 16}) {}

  // Drupal refuses more.
  size_t max_password_bytes() const override { return 512; }
  std::string_view CostOf(std::string_view stored) const override {
    return PhpassScheme::CostOf(WithoutU(stored));
  }
  bool Recognises(std::string_view stored) const override {
    return PhpassScheme::Recognises(WithoutU(stored));
  }
  Strength StrengthOf(std::string_view stored) const override {
    if (HasU(stored)) return {Strength::Kind::kStretched, 0};  // Drupal replaces it at once
    return PhpassScheme::StrengthOf(stored);
  }

 private:
  static bool HasU(std::string_view stored) { return stored.starts_with("U$S$"); }
  static std::string_view WithoutU(std::string_view stored) {
    return stored.substr(HasU(stored) ? 1 : 0);
  }
  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override {
    if (!HasU(stored)) return PhpassScheme::Recompute(password, stored);
    const std::string md5 = crypto::EncodeHex(crypto::Digest(crypto::Hash::kMd5, password));
    return "U" + PhpassScheme::Recompute(md5, WithoutU(stored)).value();
  }
};

const Drupal scheme;
const Registration registered(scheme);

}  // namespace
}  // namespace latchkey::password
