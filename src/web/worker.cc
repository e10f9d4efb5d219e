#include "web/worker.h"

#include <utility>

namespace latchkey::web {

LateAccounts::LateAccounts(db::Session& session, const config::Site& site, size_t hash_bytes)
    : session_(session), site_(site), hash_bytes_(hash_bytes) {}

Status LateAccounts::Open() {
  if (accounts_) return Ok();
  Result<accounts::SqlAccounts> opened =
      accounts::SqlAccounts::Open(session_, site_, /*needs_write=*/true, hash_bytes_);
  if (!opened.ok()) return opened.error();
  accounts_.emplace(std::move(*opened));
  return Ok();
}

Result<std::vector<accounts::Account>> LateAccounts::FindByAddress(std::string_view typed,
                                                                   size_t most) {
  const Status open = Open();
  if (!open.ok()) return open.error();
  return accounts_->FindByAddress(typed, most);
}

Result<std::vector<accounts::Account>> LateAccounts::FindById(std::string_view id) {
  const Status open = Open();
  if (!open.ok()) return open.error();
  return accounts_->FindById(id);
}

Result<accounts::Swap> LateAccounts::SwapHash(const accounts::Account& account,
                                              std::string_view hash,
                                              const std::function<Status()>& also) {
  const Status open = Open();
  if (!open.ok()) return open.error();
  return accounts_->SwapHash(account, hash, also);
}

Worker::Worker(const Shared& shared, const config::Web& config)
    : config_(config),
      hash_bytes_(shared.scheme.max_hash_bytes()),
      session_(accounts::SessionSettings(config.database)),
      accounts_(session_, config.site, hash_bytes_),
      drops_(session_, config.database.outbox_schema),
      app_(shared, accounts_, drops_) {}

Status Worker::Check() {
  const Result<accounts::SqlAccounts> opened =
      accounts::SqlAccounts::Open(session_, config_.site, /*needs_write=*/true, hash_bytes_);
  if (!opened.ok()) return opened.error();
  return drops_.Check();
}

}  // namespace latchkey::web
