#include "accounts/late.h"

#include <utility>

namespace latchkey::accounts {

LateAccounts::LateAccounts(db::Session& session, const config::Site& site, bool needs_write,
                           size_t hash_bytes)
    : session_(session), site_(site), needs_write_(needs_write), hash_bytes_(hash_bytes) {}

Status LateAccounts::Check() {
  accounts_.reset();
  return Open();
}

Status LateAccounts::Open() {
  if (accounts_) return Ok();
  Result<SqlAccounts> opened = SqlAccounts::Open(session_, site_, needs_write_, hash_bytes_);
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

Result<Swap> LateAccounts::SwapHash(const Account& account, std::string_view hash,
                                    const std::function<Status()>& also) {
  const Status open = Open();
  if (!open.ok()) return open.error();
  return accounts_->SwapHash(account, hash, also);
}

}  // namespace latchkey::accounts
