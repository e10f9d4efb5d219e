#include "web/worker.h"

namespace latchkey::web {

Worker::Worker(const Shared& shared, const config::Web& config)
    : session_(accounts::SessionSettings(config.database)),
      accounts_(session_, config.site,
                {.write = true,
                 .hash_bytes = shared.hashing.max_hash_bytes(),
                 .own_schema = config.database.outbox_schema}),
      drops_(session_, config.database.outbox_schema),
      app_(shared, accounts_, drops_) {}

Status Worker::Check() {
  const Status accounts = accounts_.Check();
  return accounts.ok() ? drops_.Check() : accounts;
}

}  // namespace latchkey::web
