// session.h -- sign in, and who is this
//
// For sites that let Latchkey have the sign-in page. A session is a signed token bound to the
// account's hash, so it dies with a reset; nothing is stored.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/accounts.h"
#include "accounts/binding.h"
#include "base/result.h"
#include "password/hash_threads.h"
#include "password/hashing.h"

namespace latchkey::session {

class Sessions {
 public:
  static constexpr std::chrono::hours kLife{12};

  struct Parts {
    const accounts::BoundTokens& tokens;  // of token::Purpose::kSession
    const password::Hashing& hashing;
    password::HashWork& hash_work;
    // A hash of the scheme that is written, no password's: an unknown account pays for it.
    const std::string& dummy_hash;
    bool rehash = true;  // a hash that is weaker than what would be written is replaced
  };
  // What the parts refer to outlives this object; accounts is one thread's.
  Sessions(Parts parts, accounts::Accounts& accounts);

  // A token for the cookie. nullopt: no such account, an unusable one, or not its password: not told
  // apart, and each costs a hash of the written scheme. Of several accounts on one address it is the
  // one whose password this is. Where its hash is outdated it is replaced by one of the same
  // password; links that were sent before die with the old one. A failure of that changes nothing.
  // All hashes are one piece of work, the same for known and unknown. kBusy: it was not begun.
  Result<std::optional<std::string>> SignIn(std::string_view typed, std::string_view password,
                                            std::string_view peer);

  // nullopt: nobody.
  Result<std::optional<accounts::Account>> WhoIs(std::string_view token);

 private:
  // What hashing found out.
  struct Found {
    accounts::Account* account = nullptr;  // whose password it is
    std::string renewed;                   // a stronger hash of the same password; empty: none
  };
  Found Compare(std::string_view password, std::vector<accounts::Account>& accounts) const;
  // Whether verifying its hash takes what verifying one takes that is written now.
  bool CostsAHash(const accounts::Account& account) const;
  // Empty: it is good as it is, or cannot be had.
  std::string Renew(std::string_view password, const accounts::Account& account) const;
  // Puts the new hash into `account` when it took effect.
  void Store(std::string hash, accounts::Account& account);

  Parts parts_;
  accounts::Accounts& accounts_;
};

}  // namespace latchkey::session
