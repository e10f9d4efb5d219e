#include "password/recomputed.h"

#include "base/check.h"
#include "crypto/crypto.h"

namespace latchkey::password {

bool RecomputedScheme::Takes(std::string_view password) const {
  return password.size() <= max_password_bytes() && (takes_nul() || !HasNul(password));
}

bool RecomputedScheme::Verify(std::string_view password, std::string_view stored) const {
  CHECK(Recognises(stored));
  if (password.size() > kMaxPasswordBytes) return false;
  const std::optional<std::string> again =
      Recompute(password.substr(0, max_password_bytes()), stored);
  // What it cannot take has cost the same.
  return again && Takes(password) && crypto::ConstantTimeEquals(*again, stored);
}

Result<std::string> RecomputedScheme::Make(std::string_view password) const {
  CHECK(writes() && Takes(password));
  std::optional<std::string> stored = Recompute(password, Fresh());
  if (!stored) return Error{Next::kTryLater, std::string(name()) + ": failed"};
  if (!Recognises(*stored) || !Verify(password, *stored)) {
    return Error{Next::kTryLater, std::string(name()) + ": does not verify"};
  }
  return std::move(*stored);
}

std::string NothingFresh() { CheckFailed("scheme.writes()", __FILE__, __LINE__); }

}  // namespace latchkey::password
