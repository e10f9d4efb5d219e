#include "accounts/late.h"

#include <utility>

namespace latchkey::accounts {

LateAccounts::LateAccounts(db::Session& session, const config::Site& site, SqlAccounts::Needs needs)
    : session_(session),
      site_(site),
      needs_(std::move(needs)),
      states_(session, needs_.own_schema) {}

Status LateAccounts::Check() {
  accounts_.reset();
  const Status open = Open();
  return open.ok() ? states_.Check(needs_.write) : open;
}

Status LateAccounts::Open() {
  if (accounts_) return Ok();
  Result<SqlAccounts> opened = SqlAccounts::Open(session_, site_, needs_);
  if (!opened.ok()) return opened.error();
  accounts_.emplace(std::move(*opened));
  return Ok();
}

Result<std::vector<Account>> LateAccounts::FindByAddress(std::string_view typed, size_t most) {
  const Status open = Open();
  if (!open.ok()) return open.error();
  return accounts_->FindByAddress(typed, most);
}

Result<std::vector<Account>> LateAccounts::FindByLogin(std::string_view typed) {
  const Status open = Open();
  if (!open.ok()) return open.error();
  return accounts_->FindByLogin(typed);
}

Result<std::vector<Account>> LateAccounts::FindById(std::string_view id) {
  const Status open = Open();
  if (!open.ok()) return open.error();
  return accounts_->FindById(id);
}

Result<Swap> LateAccounts::SwapHash(const Account& account, std::string_view hash, Reason reason,
                                    const std::function<Status()>& also) {
  const Status open = Open();
  if (!open.ok()) return open.error();
  return accounts_->SwapHash(account, hash, reason, also);
}

}  // namespace latchkey::accounts
