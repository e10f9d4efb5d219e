// session.h -- sign in, and who is this
//
// For sites that let Latchkey have the sign-in page. A session is a signed token bound to the
// account's hash, so it dies with a reset; nothing is stored.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/accounts.h"
#include "accounts/binding.h"
#include "base/result.h"
#include "password/scheme.h"

namespace latchkey::session {

class Sessions {
 public:
  static constexpr std::chrono::hours kLife{12};

  // tokens: of token::Purpose::kSession. written: the scheme whose cost an unknown account pays. All
  // outlive this object; accounts is one thread's.
  Sessions(const accounts::BoundTokens& tokens, const password::Scheme& written,
           accounts::Accounts& accounts);

  struct SignedIn {
    std::string account_id;
    std::string token;  // for the cookie
  };
  // nullopt: no such account, an unusable one, or not its password: not told apart, and each costs a
  // hash. Of several accounts on one address the one whose password it is.
  Result<std::optional<SignedIn>> SignIn(std::string_view typed_address, std::string_view password);

  // nullopt: nobody.
  Result<std::optional<accounts::Account>> WhoIs(std::string_view token);

 private:
  const accounts::BoundTokens& tokens_;
  const password::Scheme& written_;
  accounts::Accounts& accounts_;
};

}  // namespace latchkey::session
