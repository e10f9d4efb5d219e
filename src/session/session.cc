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
  Result<std::vector<accounts::Account>> found =
      accounts::FindByTyped(accounts_, TrimBlanks(typed), kMostAccounts);
  if (!found.ok()) return found.error();

  bool paid = false;
  if (found->size() <= kMostAccounts) {
    for (accounts::Account& account : *found) {
      const bool right = parts_.hashing.Verify(password, account.login, account.hash);
      paid = paid || CostsAHash(account);
      if (!right || !accounts::BoundTokens::CanIssue(account)) continue;
      Rehash(password, account);
      log::Info("session_opened", {{"peer", peer}, {"account", account.id}});
      return std::optional(parts_.tokens.Issue(account, kLife));
    }
  }
  // Nobody, or only hashes of another cost: the time must not tell.
  if (!paid) static_cast<void>(parts_.hashing.Verify(password, "", parts_.dummy_hash));
  log::Info("session_refused", {{"peer", peer}});
  return std::optional<std::string>();
}

void Sessions::Rehash(std::string_view password, accounts::Account& account) {
  const bool fits =
      parts_.hashing.FitOf(password, account.login) == password::Fit::kFits;
  if (!parts_.rehash || !fits || !parts_.hashing.IsOutdated(account.hash)) return;
  Result<std::string> hash = parts_.hashing.Hash(password, account.login);
  if (!hash.ok()) return;
  const Result<accounts::Swap> swapped =
      accounts_.SwapHash(account, *hash, accounts::Reason::kRehash, [] { return Ok(); });
  if (!swapped.ok() || *swapped != accounts::Swap::kDone) {
    log::Warning("hash_not_renewed", {{"account", account.id}});
    return;
  }
  account.hash = *std::move(hash);
  log::Info("hash_renewed", {{"account", account.id}});
}

Result<std::optional<accounts::Account>> Sessions::WhoIs(std::string_view token) {
  if (token.empty()) return std::optional<accounts::Account>();
  Result<accounts::BoundTokens::Opened> opened = parts_.tokens.Open(token, accounts_);
  if (!opened.ok()) return opened.error();
  return std::move(opened->account);
}

}  // namespace latchkey::session
