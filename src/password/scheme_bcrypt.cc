#include <crypt.h>
#include <string.h>

#include <algorithm>
#include <memory>
#include <optional>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "password/scheme.h"
#include "password/shape.h"

namespace latchkey::password {
namespace {

// $2y$12$<22 characters of salt><31 of hash>, 60 in all.
constexpr size_t kHashBytes = 60;
constexpr size_t kSettingBytes = 29;
constexpr size_t kRandomBytes = 16;
// bcrypt itself takes no more; a C string ends at a NUL.
constexpr size_t kMostBytes = 72;
// 16 is four seconds on a core of today.
constexpr uint32_t kLeastCost = 4, kMostCost = 16;
// PHP's prefix; cost 12 as in PHP 8.4. libxcrypt's own default for $2b$ is 05.
constexpr char kWrittenPrefix[] = "$2y$";
constexpr unsigned long kWrittenCost = 12;

bool IsSaltCharacter(char c) { return IsAlphanumeric(c) || c == '.' || c == '/'; }

// Wiped, and off the stack for its 32 KiB.
struct WipeState {
  void operator()(crypt_data* state) const {
    explicit_bzero(state, sizeof *state);
    delete state;
  }
};

// The whole hash, or nullopt: no memory, or a setting that the library does not take.
std::optional<std::string> Crypt(std::string_view password, std::string_view stored) {
  const std::unique_ptr<crypt_data, WipeState> state(new crypt_data{});
  std::string phrase(password);
  const std::string setting(stored.substr(0, kSettingBytes));
  const char* const hash = crypt_rn(phrase.c_str(), setting.c_str(), state.get(), sizeof *state);
  Wipe(phrase);
  // Failure is a null pointer or "*0", by the library's age.
  if (hash == nullptr || hash[0] == '*') {
    log::Error("hash_failed", {{"scheme", "bcrypt"}});
    return std::nullopt;
  }
  return std::string(hash);
}

class Bcrypt final : public Scheme {
 public:
  std::string_view name() const override { return "bcrypt"; }
  size_t max_password_bytes() const override { return kMostBytes; }
  bool takes_nul() const override { return false; }
  size_t max_hash_bytes() const override { return kHashBytes; }

  // "$2y$12"; the letter costs nothing.
  std::string_view CostOf(std::string_view stored) const override { return stored.substr(4, 2); }
  Strength StrengthOf(std::string_view stored) const override {
    return {Strength::Kind::kSlow, ParseUnsigned(CostOf(stored)).value()};
  }
  Strength written_strength() const override { return {Strength::Kind::kSlow, kWrittenCost}; }
  bool Recognises(std::string_view stored) const override {
    if (stored.size() != kHashBytes || stored[6] != '$') return false;
    const std::string_view prefix = stored.substr(0, 4);
    if (prefix != "$2y$" && prefix != "$2b$" && prefix != "$2a$") return false;
    // Always two digits.
    const std::string_view cost = stored.substr(stored[4] == '0' ? 5 : 4, stored[4] == '0' ? 1 : 2);
    return ParseNumber(cost, kLeastCost, kMostCost).has_value() &&
           std::all_of(stored.begin() + 7, stored.end(), IsSaltCharacter);
  }

  bool Verify(std::string_view password, std::string_view stored) const override {
    CHECK(Recognises(stored));
    if (password.size() > kMaxPasswordBytes) return false;
    const std::optional<std::string> hash = Crypt(password.substr(0, kMostBytes), stored);
    // What it cannot take has cost the same.
    if (!hash || !Takes(password)) return false;
    // The whole text: the salt's last character has four bits without meaning.
    return crypto::ConstantTimeEquals(*hash, stored);
  }

  Result<std::string> Make(std::string_view password) const override {
    CHECK(Takes(password));
    const std::string random = crypto::RandomBytes(kRandomBytes);
    char setting[CRYPT_GENSALT_OUTPUT_SIZE];
    CHECK(crypt_gensalt_rn(kWrittenPrefix, kWrittenCost, random.data(), kRandomBytes, setting,
                           sizeof setting) != nullptr);
    std::optional<std::string> stored = Crypt(password, setting);
    if (!stored) return Error{Next::kTryLater, "bcrypt: failed"};
    if (!Recognises(*stored) || !Verify(password, *stored)) {
      return Error{Next::kTryLater, "bcrypt: does not verify"};
    }
    return std::move(*stored);
  }

 private:
  static bool Takes(std::string_view password) {
    return password.size() <= kMostBytes && !HasNul(password);
  }
};

const Bcrypt scheme;
const Registration registered(scheme);

}  // namespace
}  // namespace latchkey::password
