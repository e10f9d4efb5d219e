// binding.h -- tokens that die with what they were made for
//
// A token names an account and carries "fpr", a keyed digest of the account's stored hash (with its
// salt) and of all its addresses: when one of them changes, every token made before is refused, with
// no token table in the site's schema. Used for reset links (the mailer issues, web opens) and for sessions.

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "accounts/accounts.h"
#include "token/jwt.h"
#include "token/keyring.h"

namespace latchkey::accounts {

// kReset and kNotMe tokens end by a change of hash or address; kSession ones by a change of hash. A
// revocation ends kReset and kSession tokens.
class BoundTokens {
 public:
  // All arguments outlive this object.
  BoundTokens(const token::Keyring& keyring, token::Purpose purpose, const std::string& origin,
              const Clock& clock);

  // An id of more than 64 bytes, or one that is no text, cannot be named in a token.
  static bool CanIssue(const Account& account);
  // REQUIRES: CanIssue(account)
  // not_before: the account's state's, so that the token counts although it was revoked this second.
  std::string Issue(const Account& account, std::chrono::seconds life,
                    std::chrono::sys_seconds not_before = {}) const;

  struct Opened {
    std::optional<Account> account;  // none: refused
    std::chrono::sys_seconds issued{}, expires{};
    std::string_view refusal;  // for the log: "expired", "bad_signature", "account_changed", ...
    bool expired = false;      // ours, and only too old: the notice says so
  };
  // Whether it is ours and in its time; the account that it names is not looked at.
  token::Jwt::Verified Verify(std::string_view token) const { return jwt_.Verify(token); }
  // Errors are the database's.
  Result<Opened> Open(std::string_view token, Accounts& accounts) const;

 private:
  std::string Fingerprint(const token::Key& key, const Account& account) const;
  const token::Keyring& keyring_;
  token::Purpose purpose_;
  token::Jwt jwt_;
};

}  // namespace latchkey::accounts
