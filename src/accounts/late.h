// late.h -- the accounts of a database that may be away when a program starts
//
// Opens the mapping of the site's table at the first call that finds the database there; until then
// every call fails with why. One thread, with its session.

#pragma once

#include <optional>

#include "accounts/accounts.h"

namespace latchkey::accounts {

class LateAccounts final : public Accounts {
 public:
  // session and site outlive this object. needs: as for SqlAccounts::Open; its schema
  // of ours has account_state.
  LateAccounts(db::Session& session, const config::Site& site, SqlAccounts::Needs needs);

  // Looks the columns up anew: for a start-up check.
  Status Check();

  Result<std::vector<Account>> FindByAddress(std::string_view typed, size_t most) override;
  Result<std::vector<Account>> FindByLogin(std::string_view typed) override;
  Result<std::vector<Account>> FindById(std::string_view id) override;
  Result<Swap> SwapHash(const Account& account, std::string_view hash, Reason reason,
                        const std::function<Status()>& also) override;
  Result<State> StateOf(std::string_view id) override { return states_.Find(id); }
  Status Revoke(std::string_view id, std::chrono::sys_seconds now,
                std::chrono::seconds mute) override {
    return states_.Revoke(id, now, mute);
  }

 private:
  Status Open();

  db::Session& session_;
  const config::Site& site_;
  SqlAccounts::Needs needs_;
  SqlStates states_;
  std::optional<SqlAccounts> accounts_;
};

}  // namespace latchkey::accounts
