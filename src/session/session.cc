#include "session/session.h"

#include "base/log.h"
#include "base/text.h"

namespace latchkey::session {
namespace {

// Each costs a hash, and an address is typed by anybody.
constexpr size_t kMostAccounts = 5;

bool IsPasswordOf(std::string_view password, const accounts::Account& account) {
  const password::Scheme* scheme = password::RecogniseScheme(account.hash);
  return scheme != nullptr && scheme->Verify(password, account.hash);
}

}  // namespace

Sessions::Sessions(Parts parts, accounts::Accounts& accounts)
    : parts_(parts), accounts_(accounts) {}

bool Sessions::CostsAHash(const accounts::Account& account) const {
  const password::Scheme& scheme = parts_.scheme;
  return scheme.Recognises(account.hash) &&
         scheme.CostOf(account.hash) == scheme.CostOf(parts_.dummy_hash);
}

Result<std::optional<std::string>> Sessions::SignIn(std::string_view typed,
                                                    std::string_view password,
                                                    std::string_view peer) {
  const Result<std::vector<accounts::Account>> found =
      accounts::FindByTyped(accounts_, TrimBlanks(typed), kMostAccounts);
  if (!found.ok()) return found.error();

  bool paid = false;
  if (found->size() <= kMostAccounts) {
    for (const accounts::Account& account : *found) {
      const bool right = IsPasswordOf(password, account);
      paid = paid || CostsAHash(account);
      if (!right || !accounts::BoundTokens::CanIssue(account)) continue;
      log::Info("session_opened", {{"peer", peer}, {"account", account.id}});
      return std::optional(parts_.tokens.Issue(account, kLife));
    }
  }
  // Nobody, or only hashes of another cost: the time must not tell.
  if (!paid) static_cast<void>(parts_.scheme.Verify(password, parts_.dummy_hash));
  log::Info("session_refused", {{"peer", peer}});
  return std::optional<std::string>();
}

Result<std::optional<accounts::Account>> Sessions::WhoIs(std::string_view token) {
  if (token.empty()) return std::optional<accounts::Account>();
  Result<accounts::BoundTokens::Opened> opened = parts_.tokens.Open(token, accounts_);
  if (!opened.ok()) return opened.error();
  return std::move(opened->account);
}

}  // namespace latchkey::session
