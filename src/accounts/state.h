// state.h -- what we remember of an account: since when its links count, and whether it wants no mail
//
// A small table of ours, account_state, in the outbox's schema; accounts that it does not name, nearly
// all, have the state that holds by default. The web process and an administrator write it, the mailer
// reads it.

#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"
#include "db/db.h"

namespace latchkey::accounts {

struct State {
  // Tokens issued until then, by their own word, are refused.
  std::chrono::sys_seconds not_before{};
  // Somebody said that they did not ask: no link is mailed for now.
  bool muted = false;
};

class SqlStates {
 public:
  // schema: the outbox's, an identifier already white-listed. The session outlives this.
  SqlStates(db::Session& session, const std::string& schema);

  Result<State> Find(std::string_view account_id);
  // Ends what was issued until `now` (the caller's clock; the database's, where that is ahead), and
  // mutes the account for `mute`, if that is not 0. Never undoes an earlier, longer one.
  Status Revoke(std::string_view account_id, std::chrono::sys_seconds now,
                std::chrono::seconds mute);

  // For start-up: what is needed can be prepared as this user. An error begins "outbox.schema: ".
  Status Check(bool needs_write);

 private:
  db::Session& session_;
  std::string find_, revoke_;
};

}  // namespace latchkey::accounts
