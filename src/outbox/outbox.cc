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
constexpr size_t kMaxAccountIdBytes = 64;
constexpr size_t kMaxReasonBytes = 250;
// How often others may be quicker at what was found, before it is as if there was nothing.
constexpr int kFinds = 5;

std::string Table(const std::string& schema, const std::string& name) {
  const Result<std::string> quoted = db::QuoteIdentifier(schema);
  CHECK(quoted.ok());
  return *quoted + ".`" + name + "`";
}

std::string_view KindName(Kind kind) {
  switch (kind) {
    case Kind::kLink: return "link";
    case Kind::kAdmin: return "admin";
    case Kind::kChanged: return "changed";
  }
  return "";
}

std::optional<Kind> KindOf(std::string_view name) {
  for (const Kind kind : {Kind::kLink, Kind::kAdmin, Kind::kChanged}) {
    if (KindName(kind) == name) return kind;
  }
  return std::nullopt;
}

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

// Without a column that says whose note it is: web may not read those.
std::string CountStates(const std::string& table) {
  return "SELECT state, COUNT(*), GREATEST(TIMESTAMPDIFF(SECOND, MIN(dropped_at), "
         "UTC_TIMESTAMP(6)), 0) FROM " + table + " GROUP BY state";
}

std::string CountEnds(const std::string& table) { return "SELECT name, count FROM " + table; }

// A note as it is inserted.
constexpr std::string_view kInserted =
    "(?, ?, ?, ?, ?, ?, ?, 'waiting', 0, UTC_TIMESTAMP(6), UTC_TIMESTAMP(6), '')";

// "?, ?, ?"
std::string Places(size_t count) {
  std::string places;
  for (size_t i = 0; i < count; ++i) places += i == 0 ? "?" : ", ?";
  return places;
}

}  // namespace

std::string ShortId(const Note& note) {
  return crypto::EncodeHex(std::string_view(note.id).substr(0, 4));
}

std::string NewNoteId() { return crypto::RandomBytes(kIdBytes); }

SqlDrops::SqlDrops(db::Session& session, const std::string& schema)
    : session_(session),
      insert_("INSERT INTO " + Table(schema, "outbox") +
              " (note_id, kind, address, account_id, peer, muted, languages, state, tries, "
              "dropped_at, due_at, reason) VALUES " + std::string(kInserted)),
      outbox_(Table(schema, "outbox")),
      ends_(Table(schema, "outbox_ends")) {}

Status SqlDrops::Drop(const Note& note) {
  Status inserted = Insert({&note});
  // Whether it took effect is unknown: the id makes a second INSERT harmless.
  if (!inserted.ok() && WasCut(inserted.error())) inserted = Insert({&note});
  if (inserted.ok() || db::IsDuplicate(inserted.error())) return Ok();
  return inserted;
}

std::vector<Status> SqlDrops::DropAll(const std::vector<const Note*>& notes) {
  Status told = Ok();
  if (notes.size() > 1) {
    told = Insert(notes);
    if (told.ok() || !MayBeOfOne(told.error())) return {notes.size(), told};
  }
  // Each for itself: then an error is its own, and what is there already is no error. But a database
  // that is away is not asked again for each of them.
  std::vector<Status> outcomes;
  for (const Note* note : notes) {
    if (told.ok() || MayBeOfOne(told.error())) told = Drop(*note);
    outcomes.push_back(told);
  }
  return outcomes;
}

bool SqlDrops::WasCut(const Error& error) const {
  return error.next == Next::kFindOut && !session_.hung();
}

bool SqlDrops::MayBeOfOne(const Error& error) const {
  return error.next == Next::kFixInput || WasCut(error);
}

Status SqlDrops::Insert(const std::vector<const Note*>& notes) {
  std::string insert = insert_;
  db::Binds binds;
  for (const Note* note : notes) {
    CHECK(note->id.size() == kIdBytes);
    if (!binds.empty()) insert.append(", ").append(kInserted);
    binds.insert(binds.end(),
                 {note->id, std::string(KindName(note->kind)), note->address, note->account_id,
                  note->peer, int64_t{note->muted ? 1 : 0}, note->languages});
  }
  const Result<uint64_t> inserted = session_.Execute(insert, binds);
  return inserted.ok() ? Ok() : Status(inserted.error());
}

Result<Tally> SqlDrops::Count() { return CountNotes(session_, outbox_, ends_); }

Status SqlDrops::Check() {
  for (const std::string& sql : {insert_, CountStates(outbox_), CountEnds(ends_)}) {
    const Status can = CanPrepare(session_, sql);
    if (!can.ok()) return can;
  }
  return Ok();
}

Result<Tally> CountNotes(db::Session& session, const std::string& outbox, const std::string& ends) {
  const Result<std::vector<db::Row>> state_rows = session.Query(CountStates(outbox));
  if (!state_rows.ok()) return state_rows.error();
  const Result<std::vector<db::Row>> end_rows = session.Query(CountEnds(ends));
  if (!end_rows.ok()) return end_rows.error();
  const auto number = [](const std::optional<std::string>& text) {
    return ParseUnsigned(text.value_or("")).value_or(0);
  };
  Tally tally;
  for (const db::Row& row : *state_rows) {
    const std::string state = row[0].value_or("");
    tally.states[state] = number(row[1]);
    if (state == "waiting") tally.oldest_s = number(row[2]);
  }
  for (const db::Row& row : *end_rows) tally.ends[row[0].value_or("")] = number(row[1]);
  return tally;
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
  if (row.size() != 9) return std::nullopt;
  for (const auto& column : row) {
    if (!column) return std::nullopt;
  }
  const std::optional<Kind> kind = KindOf(*row[1]);
  const std::optional<uint64_t> tries = ParseUnsigned(*row[7]);
  const std::optional<uint64_t> dropped = ParseUnsigned(*row[8]);
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
  note.languages = HasControls(*row[6]) ? "" : *row[6];
  note.tries = static_cast<uint32_t>(*tries);
  note.dropped_at = std::chrono::sys_seconds(std::chrono::seconds(*dropped));

  const bool is_link = note.kind != Kind::kChanged;
  const std::string& wanted = is_link ? note.address : note.account_id;
  if (wanted.empty() || (is_link && !note.account_id.empty())) return std::nullopt;
  if (note.address.size() > kMaxAddressBytes || note.account_id.size() > kMaxAccountIdBytes) {
    return std::nullopt;
  }
  return note;
}

Queue::Queue(db::Session& session, const std::string& schema, std::string owner)
    : session_(session), owner_(std::move(owner)) {
  CHECK(owner_.size() == kIdBytes);
  const std::string table = table_ = Table(schema, "outbox");
  ours_ = " AND lease_owner = ? AND state = 'waiting'";
  const std::string ours = " WHERE note_id = ?" + ours_;
  free_ = "state = 'waiting' AND due_at <= UTC_TIMESTAMP(6)"
          " AND (lease_owner IS NULL OR lease_until < UTC_TIMESTAMP(6))";
  const auto select = [&](const std::string& tries) {
    return "SELECT note_id, kind, address, account_id, muted, peer, languages, " + tries +
           ", TIMESTAMPDIFF(SECOND, '1970-01-01', dropped_at) FROM " + table + " WHERE ";
  };
  find_ = select("tries + 1") + free_ + " ORDER BY due_at LIMIT ?";
  const std::string held = "state = 'waiting' AND lease_owner = ? AND lease_until > UTC_TIMESTAMP(6)";
  read_ = select("tries") + held + " ORDER BY due_at";
  renew_ = "UPDATE " + table + " SET lease_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND WHERE " + held;
  defer_ = "UPDATE " + table +
           " SET due_at = UTC_TIMESTAMP(6) + INTERVAL ? SECOND, reason = ?, lease_owner = NULL,"
           " lease_until = NULL" + ours;
  hold_ = "UPDATE " + table + " SET lease_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND" + ours;
  release_ = "UPDATE " + table +
             " SET lease_owner = NULL, lease_until = NULL, tries = GREATEST(tries, 1) - 1"
             " WHERE state = 'waiting' AND lease_owner = ? AND note_id != ?";
  count_ = "INSERT INTO " + Table(schema, "outbox_ends") +
           " (name, count) VALUES (?, ?) ON DUPLICATE KEY UPDATE count = count + VALUES(count)";
  purge_ = "DELETE FROM " + table +
           " WHERE state IN ('failed', 'abandoned', 'no_account', 'muted')"
           " AND due_at < UTC_TIMESTAMP(6) - INTERVAL ? SECOND LIMIT 1000";
}

Result<std::vector<Note>> Queue::Claim(size_t most, std::chrono::seconds lease) {
  for (int i = 0; i < kFinds; ++i) {
    const auto found = session_.Query(find_, {static_cast<int64_t>(most)});
    if (!found.ok()) return found.error();
    if (found->empty()) break;
    const Result<uint64_t> taken = Take(*found, lease);
    if (taken.ok() && *taken == found->size()) return NotesOf(*found);
    if (!taken.ok() && taken.error().next != Next::kFindOut) return taken.error();
    // Others were quicker with some of them, or it is unknown.
    if (!taken.ok() || *taken > 0) return ReadOurs();
  }
  return std::vector<Note>();
}

Result<std::vector<Note>> Queue::Reclaim(std::chrono::seconds lease) {
  const Result<uint64_t> renewed =
      session_.Execute(renew_, {static_cast<int64_t>(lease.count()), owner_});
  if (!renewed.ok()) return renewed.error();
  return ReadOurs();
}

Result<uint64_t> Queue::Take(const std::vector<db::Row>& rows, std::chrono::seconds lease) {
  std::vector<std::string> ids;
  for (const db::Row& row : rows) ids.push_back(row[0].value_or(""));
  std::sort(ids.begin(), ids.end());
  db::Binds binds = {owner_, static_cast<int64_t>(lease.count())};
  binds.insert(binds.end(), ids.begin(), ids.end());
  return session_.Execute(TakeSql(ids.size()), binds);
}

Result<std::vector<Note>> Queue::ReadOurs() {
  const Result<std::vector<db::Row>> rows = session_.Query(read_, {owner_});
  if (!rows.ok()) return rows.error();
  return NotesOf(*rows);
}

Result<std::vector<Note>> Queue::NotesOf(const std::vector<db::Row>& rows) {
  std::vector<Note> notes;
  for (const db::Row& row : rows) {
    if (std::optional<Note> note = NoteOf(row)) {
      notes.push_back(std::move(*note));
      continue;
    }
    const Status ended = FinishUnreadable(row[0].value_or(""));
    if (!ended.ok()) return ended.error();
  }
  return notes;
}

Status Queue::FinishUnreadable(const std::string& id) {
  Ended bad;
  bad.note.id = id;
  bad.end = End::kFailed;
  bad.reason = "not a note of ours";
  log::Warning("note_unreadable", {{"note", ShortId(bad.note)}});
  const Result<size_t> ended = Finish({bad});
  return ended.ok() ? Ok() : Status(ended.error());
}

std::string Queue::TakeSql(size_t count) const {
  return "UPDATE " + table_ +
         " SET lease_owner = ?, lease_until = UTC_TIMESTAMP(6) + INTERVAL ? SECOND, tries = tries + 1"
         " WHERE note_id IN (" + Places(count) + ") AND " + free_;
}

// Several statements end a batch: what they lock is locked by one, in its order.
std::string Queue::LockSql(size_t count) const {
  return "SELECT note_id FROM " + table_ + " WHERE note_id IN (" + Places(count) + ") FOR UPDATE";
}

std::string Queue::DeleteSql(size_t count) const {
  return "DELETE FROM " + table_ + " WHERE note_id IN (" + Places(count) + ")" + ours_;
}

// due_at of what has ended is when it ended.
std::string Queue::KeepSql(size_t count) const {
  return "UPDATE " + table_ + " SET state = ?, reason = ?, due_at = UTC_TIMESTAMP(6),"
         " lease_owner = NULL, lease_until = NULL WHERE note_id IN (" + Places(count) + ")" + ours_;
}

// Those of the notes that are still ours are over.
Result<uint64_t> Queue::EndAll(End end, const std::string& reason,
                               const std::vector<std::string>& ids) {
  db::Binds binds;
  if (end != End::kSent) binds = {std::string(Name(end)), Cut(reason)};
  binds.insert(binds.end(), ids.begin(), ids.end());
  binds.emplace_back(owner_);
  return session_.Execute(end == End::kSent ? DeleteSql(ids.size()) : KeepSql(ids.size()), binds);
}

// How many of each end were still ours.
Result<std::map<End, uint64_t>> Queue::Remove(const std::vector<Ended>& ended) {
  std::map<std::pair<End, std::string>, std::vector<std::string>> alike;
  std::vector<std::string> all;
  for (const Ended& one : ended) all.push_back(one.note.id);
  std::sort(all.begin(), all.end());
  for (const Ended& one : ended) alike[{one.end, one.reason}].push_back(one.note.id);
  if (alike.size() > 1) {
    const auto locked = session_.Query(LockSql(all.size()), db::Binds(all.begin(), all.end()));
    if (!locked.ok()) return locked.error();
  }
  std::map<End, uint64_t> counts;
  for (auto& [how, ids] : alike) {
    std::sort(ids.begin(), ids.end());
    const Result<uint64_t> removed = EndAll(how.first, how.second, ids);
    if (!removed.ok()) return removed.error();
    if (*removed > 0) counts[how.first] += *removed;
  }
  return counts;
}

Result<size_t> Queue::Finish(const std::vector<Ended>& ended) {
  size_t total = 0;
  const Status done = session_.Transaction([&]() -> Status {
    total = 0;
    const Result<std::map<End, uint64_t>> counts = Remove(ended);
    if (!counts.ok()) return counts.error();
    // Last, and in one order: all mailers meet at these rows.
    for (const auto& [end, count] : *counts) {
      const Result<uint64_t> counted = session_.Execute(count_, {std::string(Name(end)), count});
      if (!counted.ok()) return counted.error();
      total += count;
    }
    return Ok();
  });
  if (!done.ok()) return done.error();
  return total;
}

Status Queue::Defer(const Note& note, std::chrono::seconds pause, std::string_view reason) {
  return NeedsOurs(session_.Execute(
      defer_, {static_cast<int64_t>(pause.count()), Cut(reason), note.id, owner_}));
}

Status Queue::Hold(const Note& note, std::chrono::seconds lease) {
  return NeedsOurs(
      session_.Execute(hold_, {static_cast<int64_t>(lease.count()), note.id, owner_}));
}

Status Queue::Release(const std::string& kept) {
  const Result<uint64_t> released = session_.Execute(release_, {owner_, kept});
  return released.ok() ? Ok() : Status(released.error());
}

Status Queue::Purge(std::chrono::seconds keep) {
  const Result<uint64_t> purged = session_.Execute(purge_, {static_cast<int64_t>(keep.count())});
  if (!purged.ok()) return purged.error();
  if (*purged > 0) log::Info("notes_purged", {{"count", *purged}});
  return Ok();
}

Status Queue::Check() {
  for (const std::string& sql :
       {find_, TakeSql(1), read_, renew_, LockSql(1), DeleteSql(1), KeepSql(1), defer_, hold_, release_, count_, purge_}) {
    const Status can = CanPrepare(session_, sql);
    if (!can.ok()) return can;
  }
  return Ok();
}

}  // namespace latchkey::outbox
