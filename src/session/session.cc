#include "session/session.h"

#include "base/log.h"
#include "base/text.h"

namespace latchkey::session {
namespace {

// Each costs a hash, and an address is typed by anybody.
constexpr size_t kMostAccounts = 5;

}  // namespace

Sessions::Sessions(Parts parts, accounts::Accounts& accounts)
    : parts_(parts), accounts_(accounts) {}

bool Sessions::CostsAHash(const accounts::Account& account) const {
  return parts_.hashing.Recognise(account.hash) != nullptr &&
         parts_.hashing.CostTheSame(account.hash, parts_.dummy_hash);
}

Result<std::optional<std::string>> Sessions::SignIn(std::string_view typed,
                                                    std::string_view password,
                                                    std::string_view peer) {
  Result<std::vector<accounts::Account>> accounts =
      accounts::FindByTyped(accounts_, TrimBlanks(typed), kMostAccounts);
  if (!accounts.ok()) return accounts.error();
  if (accounts->size() > kMostAccounts) accounts->clear();

  Found found;
  // What is no password whoever types it takes nobody's turn.
  if (password::Hashing::CanBeTyped(password)) {
    const Status done = parts_.hash_work.Do([&] { found = Compare(password, *accounts); });
    if (!done.ok()) return done.error();
  }
  if (found.account == nullptr) {
    log::Info("session_refused", {{"peer", peer}});
    return std::optional<std::string>();
  }
  if (!found.renewed.empty()) Store(std::move(found.renewed), *found.account);
  log::Info("session_opened", {{"peer", peer}, {"account", found.account->id}});
  return std::optional(parts_.tokens.Issue(*found.account, kLife));
}

Sessions::Found Sessions::Compare(std::string_view password,
                                  std::vector<accounts::Account>& accounts) const {
  bool paid = false;
  for (accounts::Account& account : accounts) {
    const bool right = parts_.hashing.Verify(password, account.login, account.hash);
    paid = paid || CostsAHash(account);
    if (!right || !accounts::BoundTokens::CanIssue(account)) continue;
    return {&account, Renew(password, account)};
  }
  // Nobody, or only hashes of another cost: the time must not tell.
  if (!paid) static_cast<void>(parts_.hashing.Verify(password, "", parts_.dummy_hash));
  return {};
}

std::string Sessions::Renew(std::string_view password, const accounts::Account& account) const {
  const bool fits =
      parts_.hashing.FitOf(password, account.login) == password::Fit::kFits;
  if (!parts_.rehash || !fits || !parts_.hashing.IsOutdated(account.hash)) return "";
  Result<std::string> hash = parts_.hashing.Hash(password, account.login);
  return hash.ok() ? *std::move(hash) : "";
}

void Sessions::Store(std::string hash, accounts::Account& account) {
  const Result<accounts::Swap> swapped =
      accounts_.SwapHash(account, hash, accounts::Reason::kRehash, [] { return Ok(); });
  if (!swapped.ok() || *swapped != accounts::Swap::kDone) {
    log::Warning("hash_not_renewed", {{"account", account.id}});
    return;
  }
  account.hash = std::move(hash);
  log::Info("hash_renewed", {{"account", account.id}});
}

Result<std::optional<accounts::Account>> Sessions::WhoIs(std::string_view token) {
  if (token.empty()) return std::optional<accounts::Account>();
  Result<accounts::BoundTokens::Opened> opened = parts_.tokens.Open(token, accounts_);
  if (!opened.ok()) return opened.error();
  return std::move(opened->account);
}

}  // namespace latchkey::session
