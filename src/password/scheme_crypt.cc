// crypt(3)'s other formats: DES, $1$, $5$, $6$.

#include "base/text.h"
#include "password/libcrypt.h"
#include "password/wrapped.h"

namespace latchkey::password {
namespace {

// Two characters of salt, eleven of hash. Any word of 13 letters has that shape.
class DesCryptScheme final : public ReadOnly<LibcryptScheme> {
 public:
  std::string_view name() const override { return "des-crypt"; }
  bool self_describing() const override { return false; }
  // The format cuts what is longer.
  size_t max_password_bytes() const override { return 8; }
  Strength StrengthOf(std::string_view) const override { return {Strength::Kind::kFast, 0}; }
  bool Recognises(std::string_view stored) const override {
    return stored.size() == 13 && AreLibcryptCharacters(stored);
  }
};

// "$1$<up to 8>$<22>"
class Md5CryptScheme final : public ReadOnly<LibcryptScheme> {
 public:
  std::string_view name() const override { return "md5-crypt"; }
  Strength StrengthOf(std::string_view) const override { return {Strength::Kind::kStretched, 0}; }
  bool Recognises(std::string_view stored) const override {
    if (!stored.starts_with("$1$") || stored.size() > kMaxStoredBytes) return false;
    const auto parts = Split(stored.substr(3), '$');
    return parts.size() == 2 && parts[0].size() <= 8 && AreLibcryptCharacters(parts[0]) &&
           parts[1].size() == 22 && AreLibcryptCharacters(parts[1]);
  }
};

// "$6$rounds=5000$<up to 16>$<86>"; without "rounds=" it is 5000.
class ShaCryptScheme final : public LibcryptScheme {
 public:
  struct Format {
    std::string_view name;
    const char* prefix;
    size_t digest_characters;
  };
  explicit ShaCryptScheme(Format format) : format_(format) {}

  std::string_view name() const override { return format_.name; }
  std::string_view CostOf(std::string_view stored) const override {
    return RoundsIn(stored).has_value() ? stored.substr(3, stored.find('$', 3) - 3) : "";
  }
  Strength StrengthOf(std::string_view stored) const override {
    return {Strength::Kind::kStretched, RoundsIn(stored).value_or(kUnsaidRounds)};
  }
  bool Recognises(std::string_view stored) const override {
    if (!stored.starts_with(format_.prefix) || stored.size() > kMaxStoredBytes) return false;
    auto parts = Split(stored.substr(3), '$');
    if (parts.size() == 3) {
      if (!RoundsIn(stored)) return false;
      parts.erase(parts.begin());
    }
    return parts.size() == 2 && parts[0].size() <= 16 && AreLibcryptCharacters(parts[0]) &&
           parts[1].size() == format_.digest_characters && AreLibcryptCharacters(parts[1]);
  }

 private:
  // As many as take a hundred milliseconds.
  static constexpr uint32_t kWrittenRounds = 200'000, kUnsaidRounds = 5000;
  static constexpr uint32_t kLeastRounds = 1000, kMostRounds = 1'000'000;

  static std::optional<uint32_t> RoundsIn(std::string_view stored) {
    return ParseNumber(Split(stored.substr(3), '$')[0], "rounds=", kLeastRounds, kMostRounds);
  }
  std::string Fresh() const override {
    return FreshSetting(format_.prefix, kWrittenRounds) + "$" +
           std::string(format_.digest_characters, '.');
  }

  Format format_;
};

const Registration des(DesCrypt());
const Registration md5(Md5Crypt());
const Registration sha256(Sha256Crypt());
const Registration sha512(Sha512Crypt());

}  // namespace

const Scheme& DesCrypt() {
  static const DesCryptScheme scheme;
  return scheme;
}
const Scheme& Md5Crypt() {
  static const Md5CryptScheme scheme;
  return scheme;
}
const Scheme& Sha256Crypt() {
  static const ShaCryptScheme scheme({"sha256-crypt", "$5$", 43});
  return scheme;
}
const Scheme& Sha512Crypt() {
  static const ShaCryptScheme scheme({"sha512-crypt", "$6$", 86});
  return scheme;
}

}  // namespace latchkey::password
