// fake_accounts.h -- a users table in memory, with the manners of the real one
//
//   FakeAccounts accounts;
//   accounts.rows = {{"7", "ann@example.org", "hash"}};
//   accounts.failure = Error{Next::kTryLater, "down"};      // every call from now on
//   accounts.before_swap = [&] { accounts.rows[0].hash = "theirs"; };   // somebody is faster

#pragma once

#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/accounts.h"
#include "base/text.h"

namespace latchkey {

class FakeAccounts final : public accounts::Accounts {
 public:
  using Account = accounts::Account;

  std::vector<Account> rows;
  std::optional<Error> failure;       // of every call
  std::optional<Error> swap_failure;  // of SwapHash alone
  std::function<void()> before_swap;
  int finds = 0;
  int swaps = 0;
  std::optional<accounts::Reason> reason;  // of the last swap

  Result<std::vector<Account>> FindByAddress(std::string_view typed, size_t most) override {
    ++finds;
    if (failure) return *failure;
    std::vector<Account> found;
    for (const Account& row : rows) {
      if (EqualsIgnoringAsciiCase(row.address, typed) && found.size() <= most) found.push_back(row);
    }
    return found;
  }

  // By the site's login, where it has them.
  std::vector<std::pair<std::string, std::string>> logins;  // login, id
  Result<std::vector<Account>> FindByLogin(std::string_view typed) override {
    if (failure) return *failure;
    for (const auto& [login, id] : logins) {
      if (login == typed) return FindById(id);
    }
    return std::vector<Account>{};
  }

  Result<std::vector<Account>> FindById(std::string_view id) override {
    ++finds;
    if (failure) return *failure;
    const Account* row = Row(id);
    return row ? std::vector<Account>{*row} : std::vector<Account>{};
  }

  Result<accounts::Swap> SwapHash(const Account& account, std::string_view hash,
                                  accounts::Reason why,
                                  const std::function<Status()>& also) override {
    ++swaps;
    reason = why;
    if (failure) return *failure;
    if (swap_failure) return *swap_failure;
    if (before_swap) before_swap();
    Account* row = Row(account.id);
    if (!row || row->hash.empty() || row->hash != account.hash) return accounts::Swap::kLost;
    const Status status = also();
    if (!status.ok()) return status.error();
    row->hash = std::string(hash);
    return accounts::Swap::kDone;
  }

  std::map<std::string, accounts::State, std::less<>> states;  // by id
  Result<accounts::State> StateOf(std::string_view id) override {
    if (failure) return *failure;
    const auto found = states.find(id);
    return found == states.end() ? accounts::State() : found->second;
  }
  Status Revoke(std::string_view id, std::chrono::sys_seconds now,
                std::chrono::seconds mute) override {
    if (failure) return *failure;
    accounts::State& state = states[std::string(id)];
    state = {std::max(state.not_before, now), state.muted || mute.count() > 0};
    return Ok();
  }

 private:
  Account* Row(std::string_view id) {
    for (Account& row : rows) {
      if (row.id == id) return &row;
    }
    return nullptr;
  }
};

}  // namespace latchkey
