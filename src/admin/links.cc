// What an administrator does for a person: end their links, or have one mailed. A password is neither
// shown nor set.

#include <ostream>

#include "accounts/late.h"
#include "admin/commands.h"
#include "base/clock.h"
#include "base/text.h"
#include "config/config.h"
#include "outbox/outbox.h"

namespace latchkey::admin {
namespace {

constexpr size_t kMostAccounts = 200;
constexpr std::chrono::hours kMute{24};

int Say(Io io, int status, const std::string& line) {
  io.err << line << "\n";
  return status;
}

// Runs `work` on the accounts that the operand names, with the web process's login.
template <typename Work>
int WithAccounts(const Options& options, Io io, const Work& work) {
  const auto loaded = config::LoadWeb(ConfigPath(options));
  if (!loaded.ok()) return Say(io, kNo, loaded.error().message);
  db::InitialiseLibrary();
  const config::Database& database = loaded->part.database;
  db::Session session(accounts::SessionSettings(database));
  accounts::LateAccounts accounts(session, loaded->part.site,
                                  {.own_schema = database.outbox_schema});
  const std::string_view typed = TrimBlanks(options.at("ADDRESS"));
  const auto found = accounts::FindByTyped(accounts, typed, kMostAccounts);
  if (!found.ok()) return Say(io, kNo, found.error().message);
  if (found->empty()) return Say(io, kNo, "no account has that address or name");
  outbox::SqlDrops drops(session, database.outbox_schema);
  return work(accounts, *found, drops);
}

using Found = std::vector<accounts::Account>;

}  // namespace

int RevokeLinks(const Options& options, Io io) {
  const auto revoke = [&](accounts::Accounts& accounts, const Found& found, outbox::Drops&) {
    for (const accounts::Account& account : found) {
      const Status revoked = accounts.Revoke(account.id, SystemClock().Now(), kMute);
      if (!revoked.ok()) return Say(io, kNo, revoked.error().message);
      io.out << "account " << EscapeControls(account.id)
             << ": its links and sessions are over, and for a day it is mailed no link\n";
    }
    return kYes;
  };
  return WithAccounts(options, io, revoke);
}

int MailLink(const Options& options, Io io) {
  const auto mail = [&](accounts::Accounts&, const Found& found, outbox::Drops& drops) {
    outbox::Note note;
    note.id = outbox::NewNoteId();
    note.kind = outbox::Kind::kAdmin;
    // The stored one, in case that a user name was given.
    note.address = found.front().address;
    const Status dropped = drops.Drop(note);
    if (!dropped.ok()) return Say(io, kNo, dropped.error().message);
    io.out << "note " << outbox::ShortId(note) << ": a link goes to the stored address\n";
    return kYes;
  };
  return WithAccounts(options, io, mail);
}

}  // namespace latchkey::admin
