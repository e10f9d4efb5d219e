#include "web/worker.h"

namespace latchkey::web {

Worker::Worker(const Shared& shared, const config::Web& config)
    : session_(accounts::SessionSettings(config.database)),
      accounts_(session_, config.site, /*needs_write=*/true, shared.scheme.max_hash_bytes()),
      drops_(session_, config.database.outbox_schema),
      app_(shared, accounts_, drops_) {}

Status Worker::Check() {
  const Status accounts = accounts_.Check();
  return accounts.ok() ? drops_.Check() : accounts;
}

}  // namespace latchkey::web
