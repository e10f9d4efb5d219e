#include "base/text.h"
#include "password/libcrypt.h"
#include "password/wrapped.h"

namespace latchkey::password {
namespace {

// $2y$12$<22 characters of salt><31 of hash>, 60 in all.
constexpr size_t kHashBytes = 60;
constexpr size_t kDigestCharacters = 31;
// bcrypt itself takes no more.
constexpr size_t kMostBytes = 72;
// 16 is four seconds on a core of today.
constexpr uint32_t kLeastCost = 4, kMostCost = 16;
// PHP's prefix; cost 12 as in PHP 8.4. libxcrypt's own default for $2b$ is 05.
constexpr char kWrittenPrefix[] = "$2y$";
constexpr unsigned long kWrittenCost = 12;

class BcryptScheme final : public LibcryptScheme {
 public:
  std::string_view name() const override { return "bcrypt"; }
  size_t max_password_bytes() const override { return kMostBytes; }

  // "12"; the letter costs nothing.
  std::string_view CostOf(std::string_view stored) const override { return stored.substr(4, 2); }
  Strength StrengthOf(std::string_view stored) const override {
    return {Strength::Kind::kSlow, ParseUnsigned(CostOf(stored)).value()};
  }
  bool Recognises(std::string_view stored) const override {
    if (stored.size() != kHashBytes || stored[6] != '$') return false;
    const std::string_view prefix = stored.substr(0, 4);
    if (prefix != "$2y$" && prefix != "$2b$" && prefix != "$2a$") return false;
    // Always two digits.
    const std::string_view cost = stored.substr(stored[4] == '0' ? 5 : 4, stored[4] == '0' ? 1 : 2);
    return ParseNumber(cost, kLeastCost, kMostCost).has_value() &&
           AreLibcryptCharacters(stored.substr(7));
  }

 private:
  std::string Fresh() const override {
    return FreshSetting(kWrittenPrefix, kWrittenCost) + std::string(kDigestCharacters, '.');
  }
};

const Registration registered(Bcrypt());

}  // namespace

const Scheme& Bcrypt() {
  static const BcryptScheme scheme;
  return scheme;
}

}  // namespace latchkey::password
