#include "outbox/desk.h"

#include <algorithm>

#include "base/check.h"
#include "base/text.h"

namespace latchkey::outbox {
namespace {

// Not what a mailer holds. The place is for the id's first digits, "" for all.
constexpr std::string_view kFree =
    " WHERE LOWER(HEX(note_id)) LIKE CONCAT(?, '%')"
    " AND (lease_owner IS NULL OR lease_until < UTC_TIMESTAMP(6))";

std::string DigitsOf(std::string_view which) {
  CHECK(IsNoteName(which));
  return which == "all" ? "" : std::string(which);
}

}  // namespace

bool IsNoteName(std::string_view which) {
  const bool is_hex = std::all_of(which.begin(), which.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
  });
  return which == "all" || (is_hex && which.size() >= 8 && which.size() <= 32);
}

Desk::Desk(db::Session& session, const std::string& schema) : session_(session) {
  const Result<std::string> quoted = db::QuoteIdentifier(schema);
  CHECK(quoted.ok());
  table_ = *quoted + ".`outbox`";
  ends_ = *quoted + ".`outbox_ends`";
}

Result<Tally> Desk::Count() { return CountNotes(session_, table_, ends_); }

Result<std::vector<Listed>> Desk::List(const std::string& state) {
  const Result<std::vector<db::Row>> rows = session_.Query(
      "SELECT LOWER(HEX(note_id)), kind, state, address, account_id,"
      " GREATEST(TIMESTAMPDIFF(SECOND, dropped_at, UTC_TIMESTAMP(6)), 0), tries,"
      " TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), due_at), reason FROM " + table_ +
      " WHERE ? IN ('', state) ORDER BY dropped_at LIMIT 1000", {state});
  if (!rows.ok()) return rows.error();
  std::vector<Listed> listed;
  for (const db::Row& row : *rows) {
    const auto text = [&row](size_t column) { return row[column].value_or(""); };
    const auto number = [&](size_t column) { return ParseUnsigned(text(column)).value_or(0); };
    listed.push_back({text(0), text(1), text(2), text(3), text(4), number(5), number(6),
                      static_cast<int64_t>(number(7)), text(8)});
  }
  return listed;
}

Result<uint64_t> Desk::Retry(std::string_view which) {
  // From left to right: `state` is the old one until its turn. An age of its own, or it would be
  // abandoned at once.
  return session_.Execute("UPDATE " + table_ +
                              " SET due_at = UTC_TIMESTAMP(6), lease_owner = NULL,"
                              " dropped_at = IF(state = 'waiting', dropped_at, UTC_TIMESTAMP(6)),"
                              " muted = 0, tries = 0, state = 'waiting'" + std::string(kFree),
                          {DigitsOf(which)});
}

Result<uint64_t> Desk::Discard(std::string_view which) {
  uint64_t total = 0;
  const Status done = session_.Transaction([&]() -> Status {
    const std::string remove = "DELETE FROM " + table_ + std::string(kFree);
    const Result<uint64_t> waited =
        session_.Execute(remove + " AND state = 'waiting'", {DigitsOf(which)});
    if (!waited.ok()) return waited.error();
    const Result<uint64_t> ended =
        session_.Execute(remove + " AND state != 'waiting'", {DigitsOf(which)});
    if (!ended.ok()) return ended.error();
    total = *waited + *ended;
    const Result<uint64_t> counted = session_.Execute(
        "INSERT INTO " + ends_ + " (name, count) VALUES ('abandoned', ?)"
        " ON DUPLICATE KEY UPDATE count = count + VALUES(count)", {*waited});
    return counted.ok() ? Ok() : Status(counted.error());
  });
  if (!done.ok()) return done.error();
  return total;
}

}  // namespace latchkey::outbox
