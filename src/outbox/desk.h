// desk.h -- the outbox as an administrator sees it
//
// With the mailer's rights. What a mailer holds at this moment is left to it.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "db/db.h"
#include "outbox/outbox.h"

namespace latchkey::outbox {

// One row, as texts: a damaged one is shown too.
struct Listed {
  std::string id;       // 32 hex digits
  std::string kind, state;
  std::string address;  // as typed; empty for a notice
  std::string account;  // of a notice
  uint64_t age_s = 0;   // since it was dropped
  uint64_t tries = 0;
  int64_t due_s = 0;    // until the next try, where it waits
  std::string reason;
};

class Desk {
 public:
  // schema: as for Queue. The session outlives this.
  Desk(db::Session& session, const std::string& schema);

  Result<Tally> Count();
  // The oldest 1,000 in that state; "" for all.
  Result<std::vector<Listed>> List(const std::string& state);
  // `which`: the first 8 or more hex digits of an id, as logs have them, or "all". How many there were.
  // Due now, and anew: what failed, was abandoned or found no account waits again.
  Result<uint64_t> Retry(std::string_view which);
  // Deleted. One that waited counts as abandoned.
  Result<uint64_t> Discard(std::string_view which);

 private:
  db::Session& session_;
  std::string table_, ends_;
};

// Whether it is "all" or 8 to 32 lower-case hex digits.
bool IsNoteName(std::string_view which);

}  // namespace latchkey::outbox
