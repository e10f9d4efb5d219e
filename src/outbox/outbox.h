// outbox.h -- mail waiting to be sent
//
// A table of ours (etc/schema.sql) in a schema of ours, InnoDB. The web process drops notes and can do
// nothing else with them; the mailer claims, sends and ends them. A note does not hold a token or a
// link: those are made when the mail is. Leases run by the database's clock, so nodes need not agree.
// note.id is random, so an INSERT repeated after an unknown outcome is harmless.

#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "base/result.h"
#include "db/db.h"

namespace latchkey::outbox {

enum class Kind {
  kLink,     // somebody asked for a reset of `address`, as typed
  kChanged,  // the password of account `account_id` was changed; tell its stored address
};

struct Note {
  std::string id;          // 16 random bytes
  Kind kind = Kind::kLink;
  std::string address;     // kLink: trimmed text as typed; kChanged: empty
  std::string account_id;  // kChanged: whose; kLink: empty
  bool muted = false;      // the account's limit is used up: the mailer deletes it unsent
  std::string peer;        // who asked, as text, for the mail's "from roughly where"

  // Filled by Claim:
  uint32_t tries = 0;                      // this one included
  std::chrono::sys_seconds dropped_at{};   // by the database's clock
};

// The first 8 hex digits of the id: what logs say.
std::string ShortId(const Note& note);
// A fresh id.
std::string NewNoteId();

// The web process's half, an interface so that the domain is tested without a database.
class Drops {
 public:
  virtual ~Drops() = default;
  // kTryLater: nothing is stored. A second Drop of the same id is success.
  virtual Status Drop(const Note& note) = 0;
};

class SqlDrops final : public Drops {
 public:
  // schema: the outbox's, an identifier already white-listed. The session outlives this.
  SqlDrops(db::Session& session, const std::string& schema);
  Status Drop(const Note& note) override;

  // For start-up: the INSERT can be prepared as this user.
  Status Check();

 private:
  db::Session& session_;
  std::string insert_;
};

// How a note ends. Each end is counted in the table outbox_ends.
enum class End { kSent, kFailed, kAbandoned, kNoAccount, kMuted };
std::string_view Name(End end);

// The mailer's half.
class Queue {
 public:
  // owner: 16 random bytes, this process's name for its leases.
  Queue(db::Session& session, const std::string& schema, std::string owner);

  // Up to `most` notes that are due, leased to this owner for `lease`; whoever's lease ran out loses
  // the note. Notes of this owner that it claimed before and did not end are returned again.
  Result<std::vector<Note>> Claim(size_t most, std::chrono::seconds lease);
  // The note is over: kSent, kNoAccount and kMuted delete it, kFailed and kAbandoned keep the row with
  // the reason (at most 250 bytes) for an administrator. A note that is not ours any more is left
  // alone and kFixInput says so.
  Status Finish(const Note& note, End end, std::string_view reason);
  // Due again after `pause`; the reason is kept.
  Status Defer(const Note& note, std::chrono::seconds pause, std::string_view reason);
  // For start-up.
  Status Check();

 private:
  db::Session& session_;
  std::string owner_;
  std::string table_;
  std::string ends_;
};

}  // namespace latchkey::outbox
