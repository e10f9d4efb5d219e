// outbox.h -- mail waiting to be sent
//
// A table of ours (etc/schema.sql) in a schema of ours, InnoDB. The web process drops notes and can do
// nothing else with them; the mailer claims, sends and ends them. A note does not hold a token or a
// link: those are made when the mail is. Leases run by the database's clock, so nodes need not agree.
// note.id is random, or a digest of the form that asked: so an INSERT repeated after an unknown outcome
// is harmless, and so is a form sent again.

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "db/db.h"

namespace latchkey::outbox {

enum class Kind {
  kLink,     // somebody asked for a reset of `address`, as typed
  kAdmin,    // the same, but an administrator did
  kChanged,  // the password of account `account_id` was changed; tell `address`, one of its stored ones
};

struct Note {
  std::string id;          // 16 bytes; the same for the same form sent again
  Kind kind = Kind::kLink;
  std::string address;     // kLink: trimmed text as typed; kChanged: as stored, or empty for the first
  std::string account_id;  // kChanged: whose; kLink: empty
  bool muted = false;      // the account's limit is used up: the mailer ends it unsent, as kMuted
  std::string peer;        // who asked, as text, for the mail's "from roughly where"
  std::string languages;   // the asking browser's Accept-Language; mails are English whatever it says

  // Filled by Claim:
  uint32_t tries = 0;                      // this one included
  std::chrono::sys_seconds dropped_at{};   // by the database's clock
};

inline constexpr size_t kMaxAddressBytes = 320;

// The first 8 hex digits of the id: what logs say.
std::string ShortId(const Note& note);
// A fresh id.
std::string NewNoteId();

// How many notes there are and were, by a word each, the database's order.
struct Tally {
  std::map<std::string, uint64_t> states;  // now in the table: "waiting", "failed", ...
  std::map<std::string, uint64_t> ends;    // ever: "sent", ...; see End
  uint64_t oldest_s = 0;                   // age of the oldest that waits
};

// The web process's half, an interface so that the domain is tested without a database.
class Drops {
 public:
  virtual ~Drops() = default;
  // kTryLater: nothing is stored. A second Drop of the same id is success.
  virtual Status Drop(const Note& note) = 0;
  // What Drop says of each, outside of a transaction. In one go, unless that fails for the fault of one.
  virtual std::vector<Status> DropAll(const std::vector<const Note*>& notes) = 0;
  // For whoever watches over the site.
  virtual Result<Tally> Count() = 0;
};

class SqlDrops final : public Drops {
 public:
  // schema: the outbox's, an identifier already white-listed. The session outlives this.
  SqlDrops(db::Session& session, const std::string& schema);
  Status Drop(const Note& note) override;
  std::vector<Status> DropAll(const std::vector<const Note*>& notes) override;
  Result<Tally> Count() override;

  // For start-up: the statements can be prepared as this user. An error begins "outbox.schema: ".
  Status Check();

 private:
  // All of them, or none.
  Status Insert(const std::vector<const Note*>& notes);
  // The connection went meanwhile, and the server may well answer over another.
  bool WasCut(const Error& error) const;
  // Not of the database, so that another note may fare better.
  bool MayBeOfOne(const Error& error) const;

  db::Session& session_;
  std::string insert_, outbox_, ends_;
};

// As Drops::Count, of these tables, whose names are quoted.
Result<Tally> CountNotes(db::Session& session, const std::string& outbox, const std::string& ends);

// How a note ends. Each end is counted in the table outbox_ends.
enum class End { kSent, kFailed, kAbandoned, kNoAccount, kMuted };
std::string_view Name(End end);

struct Ended {
  Note note;
  End end = End::kSent;
  std::string reason;  // for an administrator; at most 250 bytes of it are kept
};

// The mailer's half, an interface so that delivery is tested without a database.
class Claims {
 public:
  virtual ~Claims() = default;
  // Up to `most` notes that are due, leased to this owner for `lease`; whoever's lease ran out loses
  // the note. Where it is not known what was claimed, also what it claimed before and did not end.
  virtual Result<std::vector<Note>> Claim(size_t most, std::chrono::seconds lease) = 0;
  // After an error: what this owner has claimed and neither ended nor lost, leased for `lease` from now on.
  virtual Result<std::vector<Note>> Reclaim(std::chrono::seconds lease) = 0;
  // These notes are over, all in one transaction: kSent deletes the row, every other end keeps it, with
  // its reason, until it is purged. Notes that are not ours any more are left alone. How many were.
  virtual Result<size_t> Finish(const std::vector<Ended>& ended) = 0;
  // Due again after `pause`; the reason is kept.
  virtual Status Defer(const Note& note, std::chrono::seconds pause, std::string_view reason) = 0;
  // The note stays this owner's for `lease` from now on.
  virtual Status Hold(const Note& note, std::chrono::seconds lease) = 0;
  // Gives back, as if never claimed, what this owner has claimed and neither ended nor deferred, but for
  // the note of the id `kept` ("" for none).
  virtual Status Release(const std::string& kept) = 0;
  // Deletes notes that ended longer ago than `keep`, at most 1,000 a call.
  virtual Status Purge(std::chrono::seconds keep) = 0;
};

// The reader does not trust the writer: a row that is no note is ended as failed when it is claimed.
// What is claimed is first looked for without a lock and then taken by its ids: so every statement
// locks the table's rows in one order, that of the ids, and mailers are not each other's deadlocks.
class Queue final : public Claims {
 public:
  // schema: as for SqlDrops. owner: 16 random bytes, this process's name for its leases.
  Queue(db::Session& session, const std::string& schema, std::string owner);

  Result<std::vector<Note>> Claim(size_t most, std::chrono::seconds lease) override;
  Result<std::vector<Note>> Reclaim(std::chrono::seconds lease) override;
  Result<size_t> Finish(const std::vector<Ended>& ended) override;
  Status Defer(const Note& note, std::chrono::seconds pause, std::string_view reason) override;
  Status Hold(const Note& note, std::chrono::seconds lease) override;
  Status Release(const std::string& kept) override;
  Status Purge(std::chrono::seconds keep) override;

  // For start-up: the statements can be prepared as this user. An error begins "outbox.schema: ".
  Status Check();

 private:
  Result<std::map<End, uint64_t>> Remove(const std::vector<Ended>& ended);
  Result<uint64_t> EndAll(End end, const std::string& reason, const std::vector<std::string>& ids);
  // How many of these rows could be taken.
  Result<uint64_t> Take(const std::vector<db::Row>& rows, std::chrono::seconds lease);
  // What this owner holds.
  Result<std::vector<Note>> ReadOurs();
  Result<std::vector<Note>> NotesOf(const std::vector<db::Row>& rows);
  std::string TakeSql(size_t count) const;
  std::string LockSql(size_t count) const;
  std::string DeleteSql(size_t count) const;
  std::string KeepSql(size_t count) const;
  Status FinishUnreadable(const std::string& id);

  db::Session& session_;
  std::string owner_;
  std::string table_, free_, ours_;
  std::string find_, read_, renew_, defer_, hold_, release_, count_, purge_;
};

// A row as Claim reads it (note_id, kind, address, account_id, muted, peer, languages, tries, dropped_at
// in seconds since 1970) as a note; nullopt if it is none. A peer that is no IP address becomes "".
std::optional<Note> NoteOf(const db::Row& row);

}  // namespace latchkey::outbox
