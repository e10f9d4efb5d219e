// MediaWiki's ":bcrypt:10$<salt>$<digest>" and ":argon2:$argon2id$...".

#include "base/text.h"
#include "password/argon2.h"
#include "password/libcrypt.h"
#include "password/wrapped.h"

namespace latchkey::password {
namespace {

constexpr std::string_view kBcryptFront = ":bcrypt:";
constexpr size_t kSaltCharacters = 22;

// A row is bcrypt's own text with its "$2y$" and a leading zero taken away and a "$" put in.
class MediaWikiBcrypt final : public ReadOnly<RecomputedScheme> {
 public:
  std::string_view name() const override { return "mediawiki-bcrypt"; }
  size_t max_password_bytes() const override { return Bcrypt().max_password_bytes(); }
  bool takes_nul() const override { return false; }
  bool Recognises(std::string_view stored) const override { return !ToBcrypt(stored).empty(); }
  std::string_view CostOf(std::string_view stored) const override {
    return stored.substr(0, stored.find('$'));
  }
  Strength StrengthOf(std::string_view stored) const override {
    return Bcrypt().StrengthOf(ToBcrypt(stored));
  }

 private:
  // The empty text for what is none.
  static std::string ToBcrypt(std::string_view stored) {
    if (!stored.starts_with(kBcryptFront) || stored.size() > kMaxStoredBytes) return "";
    const auto parts = Split(stored.substr(kBcryptFront.size()), '$');
    if (parts.size() != 3 || parts[1].size() != kSaltCharacters) return "";
    if (!ParseNumber(parts[0], 1, 31)) return "";
    std::string text = parts[0].size() == 1 ? "$2y$0" : "$2y$";
    text.append(parts[0]).append("$").append(parts[1]).append(parts[2]);
    return Bcrypt().Recognises(text) ? text : "";
  }
  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override {
    const std::string bcrypt = ToBcrypt(stored);
    // All that may differ is the digest: Verify is the whole comparison.
    return Bcrypt().Verify(password, bcrypt) ? std::optional<std::string>(stored) : std::nullopt;
  }
};

// PHP's own defaults for Argon2.
const Argon2Scheme inner("mediawiki-argon2", Argon2Scheme::Variety::kId, {65536, 4, 1});
const WrappedScheme argon2({"mediawiki-argon2", ":argon2:", {&inner, &Argon2i()}});
const MediaWikiBcrypt bcrypt;

const Registration argon2_registered(argon2);
const Registration bcrypt_registered(bcrypt);

}  // namespace
}  // namespace latchkey::password
