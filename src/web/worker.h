// worker.h -- one thread's App with its own database session
//
// The database may be away when a worker starts, and again at any time: then its pages say so, and the
// first request after its return finds it. Only the start-up check insists on it.

#pragma once

#include <memory>

#include "accounts/late.h"
#include "config/config.h"
#include "db/db.h"
#include "outbox/outbox.h"
#include "web/app.h"
#include "web/shared.h"

namespace latchkey::web {

class Worker {
 public:
  // All outlive this object. Does not connect yet.
  Worker(const Shared& shared, const config::Web& config);

  App& app() { return app_; }
  // Everything that serving will need of the database: login, columns, rights. Errors as in
  // accounts.h and db.h.
  Status Check();

 private:
  db::Session session_;
  accounts::LateAccounts accounts_;
  outbox::SqlDrops drops_;
  App app_;
};

}  // namespace latchkey::web
