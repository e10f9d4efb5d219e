// worker.h -- one thread's App with its own database session
//
// The database may be away when a worker starts, and again at any time: then its pages say so, and the
// first request after its return finds it. Only the start-up check insists on it.

#pragma once

#include <memory>
#include <optional>

#include "accounts/accounts.h"
#include "config/config.h"
#include "db/db.h"
#include "outbox/outbox.h"
#include "web/app.h"
#include "web/shared.h"

namespace latchkey::web {

// Opens the mapping of the site's table at the first call that finds the database there.
class LateAccounts final : public accounts::Accounts {
 public:
  // session and site outlive this object. hash_bytes: what the hash column must hold.
  LateAccounts(db::Session& session, const config::Site& site, size_t hash_bytes);

  Result<std::vector<accounts::Account>> FindByAddress(std::string_view typed,
                                                       size_t most) override;
  Result<std::vector<accounts::Account>> FindById(std::string_view id) override;
  Result<accounts::Swap> SwapHash(const accounts::Account& account, std::string_view hash,
                                  const std::function<Status()>& also) override;

 private:
  Status Open();

  db::Session& session_;
  const config::Site& site_;
  size_t hash_bytes_;
  std::optional<accounts::SqlAccounts> accounts_;
};

class Worker {
 public:
  // Both outlive this object. Does not connect yet.
  Worker(const Shared& shared, const config::Web& config);

  App& app() { return app_; }
  // Everything that serving will need of the database: login, columns, rights. Errors as in
  // accounts.h and db.h.
  Status Check();

 private:
  const config::Web& config_;
  size_t hash_bytes_;
  db::Session session_;
  LateAccounts accounts_;
  outbox::SqlDrops drops_;
  App app_;
};

}  // namespace latchkey::web
