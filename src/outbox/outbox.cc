#include "outbox/outbox.h"

#include <algorithm>

#include "base/check.h"
#include "base/ip.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"

namespace latchkey::outbox {
namespace {

constexpr size_t kIdBytes = 16;
constexpr size_t kMaxAddressBytes = 320;
constexpr size_t kMaxAccountIdBytes = 64;
constexpr size_t kMaxReasonBytes = 250;

std::string Table(const std::string& schema, const std::string& name) {
  const Result<std::string> quoted = db::QuoteIdentifier(schema);
  CHECK(quoted.ok());
  return *quoted + ".`" + name + "`";
}

std::string_view KindName(Kind kind) { return kind == Kind::kLink ? "link" : "changed"; }

std::optional<Kind> KindOf(std::string_view name) {
  if (name == "link") return Kind::kLink;
  if (name == "changed") return Kind::kChanged;
  return std::nullopt;
}

bool StaysForAdministrator(End end) { return end == End::kFailed || end == End::kAbandoned; }

std::string Cut(std::string_view reason) { return std::string(reason.substr(0, kMaxReasonBytes)); }

// With the configuration's key in front.
Status CanPrepare(db::Session& session, const std::string& sql) {
  const Status can = session.CanPrepare(sql);
  if (can.ok()) return can;
  return Error{can.error().next, "outbox.schema: " + can.error().message};
}

Status NeedsOurs(const Result<uint64_t>& affected) {
  if (!affected.ok()) return affected.error();
  if (*affected != 1) return Error{Next::kFixInput, "the note is not ours any more"};
  return Ok();
}

}  // namespace

std::string ShortId(const Note& note) {
  return crypto::EncodeHex(std::string_view(note.id).substr(0, 4));
}

std::string NewNoteId() { return crypto::RandomBytes(kIdBytes); }

SqlDrops::SqlDrops(db::Session& session, const std::string& schema)
    : session_(session),
      insert_(
          "INSERT INTO " + Table(schema, "outbox") +
          " (note_id, kind, address, account_id, peer, muted, state, tries, dropped_at, due_at, "
          "reason) VALUES (?, ?, ?, ?, ?, ?, 'waiting', 0, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), "
          "'')"),
      // No column that says whose note it is: web may not read those.
      count_states_("SELECT state, COUNT(*), GREATEST(TIMESTAMPDIFF(SECOND, MIN(dropped_at), "
                    "UTC_TIMESTAMP(6)), 0) FROM " +
                    Table(schema, "outbox") + " GROUP BY state"),
      count_ends_("SELECT name, count FROM " + Table(schema, "outbox_ends")) {}

Status SqlDrops::Drop(const Note& note) {
  CHECK(note.id.size() == kIdBytes);
  const db::Binds binds = {note.id,         std::string(KindName(note.kind)), note.address,
                           note.account_id, note.peer, int64_t{note.muted ? 1 : 0}};
  Result<uint64_t> inserted = session_.Execute(insert_, binds);
  // Whether it took effect is unknown: the id makes a second INSERT harmless.
  if (!inserted.ok() && inserted.error().next == Next::kFindOut) {
    inserted = session_.Execute(insert_, binds);
  }
  if (inserted.ok() || db::IsDuplicate(inserted.error())) return Ok();
  return inserted.error();
}

Result<Tally> SqlDrops::Count() {
  const Result<std::vector<db::Row>> states = session_.Query(count_states_);
  if (!states.ok()) return states.error();
  const Result<std::vector<db::Row>> ends = session_.Query(count_ends_);
  if (!ends.ok()) return ends.error();
  const auto number = [](const std::optional<std::string>& text) {
    return ParseUnsigned(text.value_or("")).value_or(0);
  };
  Tally tally;
  for (const db::Row& row : *states) {
    const std::string state = row[0].value_or("");
    tally.states[state] = number(row[1]);
    if (state == "waiting") tally.oldest_s = number(row[2]);
  }
  for (const db::Row& row : *ends) tally.ends[row[0].value_or("")] = number(row[1]);
  return tally;
}

Status SqlDrops::Check() {
  for (const std::string* sql : {&insert_, &count_states_, &count_ends_}) {
    const Status can = CanPrepare(session_, *sql);
    if (!can.ok()) return can;
  }
  return Ok();
}

std::string_view Name(End end) {
  switch (end) {
    case End::kSent: return "sent";
    case End::kFailed: return "failed";
    case End::kAbandoned: return "abandoned";
    case End::kNoAccount: return "no_account";
    case End::kMuted: return "muted";
  }
  return "";
}

std::optional<Note> NoteOf(const db::Row& row) {
  if (row.size() != 8) return std::nullopt;
  for (const auto& column : row) {
    if (!column) return std::nullopt;
  }
  const std::optional<Kind> kind = KindOf(*row[1]);
  const std::optional<uint64_t> tries = ParseUnsigned(*row[6]);
  const std::optional<uint64_t> dropped = ParseUnsigned(*row[7]);
  if (!kind || !tries || !dropped || row[0]->size() != kIdBytes) return std::nullopt;
  if (*tries > UINT32_MAX || *dropped > INT32_MAX * uint64_t{100}) return std::nullopt;

  Note note;
  note.id = *row[0];
  note.kind = *kind;
  note.address = *row[2];
  note.account_id = *row[3];
  note.muted = *row[4] != "0";
  const std::optional<IpAddress> peer = IpAddress::Parse(*row[5]);
  note.peer = peer ? peer->ToString() : "";
  note.tries = static_cast<uint32_t>(*tries);
  note.dropped_at = std::chrono::sys_seconds(std::chrono::seconds(*dropped));

  const bool is_link = note.kind == Kind::kLink;
  const std::string& wanted = is_link ? note.address : note.account_id;
  const std::string& other = is_link ? note.account_id : note.address;
  if (wanted.empty() || !other.empty()) return std::nullopt;
  if (wanted.size() > (is_link ? kMaxAddressBytes : kMaxAccountIdBytes)) return std::nullopt;
  return note;
}

Queue::Queue(db::Session& session, const std::string& schema, std::string owner)
    : session_(session), owner_(std::move(owner)) {
  CHECK(owner_.size() == kIdBytes);
  const std::string table = Table(schema, "outbox");
  const std::string ours = " WHERE note_id = ? AND lease_owner = ? AND state = 'waiting'";
  claim_ =
      "UPDATE " + table +
      " SET lease_owner = ?, lease_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND, tries = tries + 1"
      " WHERE state = 'waiting' AND due_at <= UTC_TIMESTAMP(6)"
      " AND (lease_owner IS NULL OR lease_until < UTC_TIMESTAMP(6)) ORDER BY due_at LIMIT ?";
  read_ = "SELECT note_id, kind, address, account_id, muted, peer, tries,"
          " TIMESTAMPDIFF(SECOND, '1970-01-01', dropped_at) FROM " + table +
          " WHERE state = 'waiting' AND lease_owner = ? AND lease_until > UTC_TIMESTAMP(6)"
          " ORDER BY due_at";
  delete_ = "DELETE FROM " + table + ours;
  keep_ = "UPDATE " + table + " SET state = ?, reason = ?, lease_owner = NULL, lease_until = NULL" +
          ours;
  defer_ = "UPDATE " + table +
           " SET due_at = UTC_TIMESTAMP(6) + INTERVAL ? SECOND, reason = ?, lease_owner = NULL,"
           " lease_until = NULL" + ours;
  release_ = "UPDATE " + table +
             " SET lease_owner = NULL, lease_until = NULL, tries = GREATEST(tries, 1) - 1"
             " WHERE state = 'waiting' AND lease_owner = ?";
  count_ = "INSERT INTO " + Table(schema, "outbox_ends") +
           " (name, count) VALUES (?, 1) ON DUPLICATE KEY UPDATE count = count + 1";
}

Result<std::vector<Note>> Queue::Claim(size_t most, std::chrono::seconds lease) {
  const auto limit = static_cast<int64_t>(most);
  const Result<uint64_t> claimed =
      session_.Execute(claim_, {owner_, static_cast<int64_t>(lease.count()), limit});
  // Where it is unknown what was claimed, the SELECT tells.
  if (!claimed.ok() && claimed.error().next != Next::kFindOut) return claimed.error();
  const Result<std::vector<db::Row>> rows = session_.Query(read_, {owner_});
  if (!rows.ok()) return rows.error();

  std::vector<Note> notes;
  for (const db::Row& row : *rows) {
    if (std::optional<Note> note = NoteOf(row)) {
      notes.push_back(std::move(*note));
      continue;
    }
    Note bad;
    bad.id = row[0].value_or("");
    log::Warning("note_unreadable", {{"note", ShortId(bad)}});
    const Status ended = Finish(bad, End::kFailed, "not a note of ours");
    if (!ended.ok() && ended.error().next != Next::kFixInput) return ended.error();
  }
  return notes;
}

Status Queue::Count(End end) {
  const Result<uint64_t> counted = session_.Execute(count_, {std::string(Name(end))});
  return counted.ok() ? Ok() : Status(counted.error());
}

Status Queue::Finish(const Note& note, End end, std::string_view reason) {
  return session_.Transaction([&]() -> Status {
    const Result<uint64_t> ended =
        StaysForAdministrator(end)
            ? session_.Execute(keep_, {std::string(Name(end)), Cut(reason), note.id, owner_})
            : session_.Execute(delete_, {note.id, owner_});
    const Status ours = NeedsOurs(ended);
    return ours.ok() ? Count(end) : ours;
  });
}

Status Queue::Defer(const Note& note, std::chrono::seconds pause, std::string_view reason) {
  return NeedsOurs(session_.Execute(
      defer_, {static_cast<int64_t>(pause.count()), Cut(reason), note.id, owner_}));
}

Status Queue::Release() {
  const Result<uint64_t> released = session_.Execute(release_, {owner_});
  return released.ok() ? Ok() : Status(released.error());
}

Status Queue::Check() {
  for (const std::string* sql : {&claim_, &read_, &delete_, &keep_, &defer_, &release_, &count_}) {
    const Status can = CanPrepare(session_, *sql);
    if (!can.ok()) return can;
  }
  return Ok();
}

}  // namespace latchkey::outbox
