#include "accounts/state.h"

#include <vector>

#include "base/check.h"
#include "base/text.h"

namespace latchkey::accounts {

SqlStates::SqlStates(db::Session& session, const std::string& schema) : session_(session) {
  const Result<std::string> quoted = db::QuoteIdentifier(schema);
  CHECK(quoted.ok());
  const std::string table = *quoted + ".`account_state`";
  find_ = "SELECT not_before, mute_until > UTC_TIMESTAMP(6) FROM " + table + " WHERE account_id = ?";
  revoke_ = "INSERT INTO " + table +
            " (account_id, not_before, mute_until) VALUES (?, GREATEST(UNIX_TIMESTAMP(), ?),"
            " UTC_TIMESTAMP(6) + INTERVAL ? SECOND) ON DUPLICATE KEY UPDATE"
            " not_before = GREATEST(not_before, VALUES(not_before)),"
            " mute_until = GREATEST(mute_until, VALUES(mute_until))";
}

Result<State> SqlStates::Find(std::string_view account_id) {
  const Result<std::vector<db::Row>> rows = session_.Query(find_, {std::string(account_id)});
  if (!rows.ok()) return rows.error();
  State state;
  if (rows->empty()) return state;
  const db::Row& row = rows->front();
  const auto seconds = ParseUnsigned(row[0].value_or("")).value_or(0);
  state.not_before = std::chrono::sys_seconds(std::chrono::seconds(seconds));
  state.muted = row[1] == "1";
  return state;
}

Status SqlStates::Revoke(std::string_view account_id, std::chrono::sys_seconds now,
                         std::chrono::seconds mute) {
  const Result<uint64_t> revoked =
      session_.Execute(revoke_, {std::string(account_id), int64_t{now.time_since_epoch().count()},
                                 int64_t{mute.count()}});
  return revoked.ok() ? Ok() : Status(revoked.error());
}

Status SqlStates::Check(bool needs_write) {
  for (const std::string& sql : {find_, revoke_}) {
    if (sql == revoke_ && !needs_write) break;
    const Status can = session_.CanPrepare(sql);
    if (!can.ok()) return Error{can.error().next, "outbox.schema: " + can.error().message};
  }
  return Ok();
}

}  // namespace latchkey::accounts
