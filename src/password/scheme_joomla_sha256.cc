// Joomla 2.5's "{SHA256}<hex>:<salt>".

#include "crypto/encoding.h"
#include "password/recomputed.h"

namespace latchkey::password {
namespace {

constexpr std::string_view kFront = "{SHA256}";
constexpr size_t kSaltAt = kFront.size() + 64 + 1;

class JoomlaSha256 final : public ReadOnly<RecomputedScheme> {
 public:
  std::string_view name() const override { return "joomla-sha256"; }
  bool Recognises(std::string_view stored) const override {
    return stored.size() > kSaltAt && stored.starts_with(kFront) && stored[kSaltAt - 1] == ':' &&
           IsHex(stored.substr(kFront.size(), 64), 32) && IsSalt(stored.substr(kSaltAt));
  }
  Strength StrengthOf(std::string_view) const override { return {Strength::Kind::kFast, 1}; }

 private:
  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override {
    const std::string salt(stored.substr(kSaltAt));
    const std::string digest =
        crypto::Digest(crypto::Hash::kSha256, std::string(password).append(salt));
    return std::string(kFront) + crypto::EncodeHex(digest) + ":" + salt;
  }
};

const JoomlaSha256 scheme;
const Registration registered(scheme);

}  // namespace
}  // namespace latchkey::password
