#include "password/libcrypt.h"

#include <crypt.h>
#include <string.h>

#include <algorithm>
#include <memory>

#include "base/check.h"
#include "base/log.h"
#include "os/large_block.h"

namespace latchkey::password {
namespace {

// Wiped, and off the stack for its 32 KiB.
struct WipeState {
  void operator()(crypt_data* state) const {
    explicit_bzero(state, sizeof *state);
    delete state;
  }
};

}  // namespace

std::optional<std::string> LibcryptScheme::Recompute(std::string_view password,
                                                     std::string_view stored) const {
  os::FreeKeptBlock();  // yescrypt takes megabytes
  const std::unique_ptr<crypt_data, WipeState> state(new crypt_data{});
  std::string phrase(password);
  const std::string setting(stored);
  const char* const hash = crypt_rn(phrase.c_str(), setting.c_str(), state.get(), sizeof *state);
  Wipe(phrase);
  // Failure is a null pointer or "*0", by the library's age.
  if (hash == nullptr || hash[0] == '*') {
    log::Error("hash_failed", {{"scheme", name()}});
    return std::nullopt;
  }
  return std::string(hash);
}

std::string FreshSetting(const char* prefix, unsigned long work) {
  char setting[CRYPT_GENSALT_OUTPUT_SIZE];
  // Null random bytes: the library takes as many as it needs from the system.
  CHECK(crypt_gensalt_rn(prefix, work, nullptr, 0, setting, sizeof setting) != nullptr);
  return setting;
}

bool IsLibcryptCharacter(char c) { return IsAlphanumeric(c) || c == '.' || c == '/'; }

bool AreLibcryptCharacters(std::string_view text) {
  return std::all_of(text.begin(), text.end(), IsLibcryptCharacter);
}

}  // namespace latchkey::password
