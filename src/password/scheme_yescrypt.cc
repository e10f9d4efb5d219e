#include <algorithm>

#include "base/text.h"
#include "password/libcrypt.h"

namespace latchkey::password {
namespace {

// What libxcrypt writes for its measures of work 1 to 9: 1 MiB to 256 MiB. "j9T" is its default, 16
// MiB.
constexpr std::string_view kParameters[] = {"j75", "j85", "j7T", "j8T", "j9T",
                                            "jAT", "jBT", "jCT", "jDT"};
constexpr unsigned long kWrittenWork = 5;
constexpr size_t kDigestCharacters = 43, kMostSaltCharacters = 86;

// "$y$j9T$<salt>$<43>"
class Yescrypt final : public LibcryptScheme {
 public:
  std::string_view name() const override { return "yescrypt"; }
  std::string_view CostOf(std::string_view stored) const override { return stored.substr(3, 3); }
  Strength StrengthOf(std::string_view stored) const override {
    const auto work = std::find(std::begin(kParameters), std::end(kParameters), CostOf(stored));
    // KiB of memory.
    return {Strength::Kind::kMemoryHard, uint64_t{1024} << (work - std::begin(kParameters))};
  }
  Memory memory() const override {
    constexpr size_t kMiB = 1 << 20;
    return {kMiB << (kWrittenWork - 1), kMiB << (std::size(kParameters) - 1)};
  }
  bool Recognises(std::string_view stored) const override {
    if (!stored.starts_with("$y$") || stored.size() > kMaxStoredBytes) return false;
    const auto parts = Split(stored.substr(3), '$');
    if (parts.size() != 3) return false;
    const bool known = std::find(std::begin(kParameters), std::end(kParameters), parts[0]) !=
                       std::end(kParameters);
    return known && !parts[1].empty() && parts[1].size() <= kMostSaltCharacters &&
           AreLibcryptCharacters(parts[1]) && parts[2].size() == kDigestCharacters &&
           AreLibcryptCharacters(parts[2]);
  }

 private:
  std::string Fresh() const override {
    return FreshSetting("$y$", kWrittenWork) + "$" + std::string(kDigestCharacters, '.');
  }
};

const Yescrypt scheme;
const Registration registered(scheme);

}  // namespace
}  // namespace latchkey::password
