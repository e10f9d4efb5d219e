#include <ostream>

#include "accounts/accounts.h"
#include "admin/commands.h"
#include "admin/json.h"
#include "base/text.h"
#include "config/config.h"
#include "outbox/desk.h"

namespace latchkey::admin {
namespace {

using outbox::Listed;

int Say(Io io, int status, const std::string& line) {
  io.err << line << "\n";
  return status;
}

// Runs `work` on the outbox with the mailer's login.
template <typename Work>
int AtDesk(const Options& options, Io io, const Work& work) {
  const auto loaded = config::LoadMailer(ConfigPath(options));
  if (!loaded.ok()) return Say(io, kNo, loaded.error().message);
  db::InitialiseLibrary();
  db::Session session(accounts::SessionSettings(loaded->part.database));
  outbox::Desk desk(session, loaded->part.database.outbox_schema);
  return work(desk);
}

void PrintCounts(std::ostream& out, const std::map<std::string, uint64_t>& counts) {
  for (const auto& [word, count] : counts) out << "  " << word << " " << count << "\n";
}

std::string JsonCounts(const std::map<std::string, uint64_t>& counts) {
  std::string text;
  for (const auto& [word, count] : counts) {
    text += (text.empty() ? "" : ", ") + JsonText(word) + ": " + std::to_string(count);
  }
  return "{" + text + "}";
}

void PrintNote(std::ostream& out, const Listed& note) {
  const std::string whose = note.address.empty() ? "account " + note.account : note.address;
  out << note.id.substr(0, 8) << "  " << note.state << "  " << note.kind << "  " << note.age_s
      << "s old  " << note.tries << (note.tries == 1 ? " try" : " tries");
  if (note.state == "waiting") out << "  next in " << note.due_s << "s";
  out << "  " << EscapeControls(whose);
  if (!note.reason.empty()) out << "  (" << EscapeControls(note.reason) << ")";
  out << "\n";
}

std::string JsonNote(const Listed& note) {
  return "{\"note\": " + JsonText(note.id) + ", \"kind\": " + JsonText(note.kind) +
         ", \"state\": " + JsonText(note.state) + ", \"address\": " + JsonText(note.address) +
         ", \"account\": " + JsonText(note.account) + ", \"age_s\": " + std::to_string(note.age_s) +
         ", \"tries\": " + std::to_string(note.tries) + ", \"due_s\": " +
         std::to_string(note.due_s) + ", \"reason\": " + JsonText(note.reason) + "}";
}

using Change = Result<uint64_t> (outbox::Desk::*)(std::string_view);

int ChangeNotes(const Options& options, Io io, Change change, const char* word) {
  const std::string& which = options.at("NOTE");
  if (!outbox::IsNoteName(which)) {
    return Say(io, kNotUnderstood, "NOTE is \"all\" or at least the first 8 digits of a note");
  }
  return AtDesk(options, io, [&](outbox::Desk& desk) {
    const Result<uint64_t> changed = (desk.*change)(which);
    if (!changed.ok()) return Say(io, kNo, changed.error().message);
    if (*changed == 0) return Say(io, kNo, "no such note, or a mailer is at it right now");
    io.out << word << " " << *changed << "\n";
    return kYes;
  });
}

}  // namespace

int ShowQueue(const Options& options, Io io) {
  return AtDesk(options, io, [&](outbox::Desk& desk) {
    const Result<outbox::Tally> tally = desk.Count();
    if (!tally.ok()) return Say(io, kNo, tally.error().message);
    if (options.contains("--json")) {
      io.out << "{\"notes\": " << JsonCounts(tally->states) << ", \"oldest_s\": " << tally->oldest_s
             << ", \"ended\": " << JsonCounts(tally->ends) << "}\n";
      return kYes;
    }
    io.out << "in the outbox:\n";
    PrintCounts(io.out, tally->states);
    if (tally->states.contains("waiting")) {
      io.out << "  the oldest that waits is " << tally->oldest_s << "s old\n";
    }
    io.out << "ended so far:\n";
    PrintCounts(io.out, tally->ends);
    return kYes;
  });
}

int ListQueue(const Options& options, Io io) {
  const auto state = options.find("--state");
  return AtDesk(options, io, [&](outbox::Desk& desk) {
    const auto notes = desk.List(state == options.end() ? "" : state->second);
    if (!notes.ok()) return Say(io, kNo, notes.error().message);
    for (const Listed& note : *notes) {
      // One object a line, so that a long list needs no parser that holds it all.
      if (options.contains("--json")) {
        io.out << JsonNote(note) << "\n";
      } else {
        PrintNote(io.out, note);
      }
    }
    return kYes;
  });
}

int RetryQueue(const Options& options, Io io) {
  return ChangeNotes(options, io, &outbox::Desk::Retry, "tried again:");
}

int DropQueue(const Options& options, Io io) {
  return ChangeNotes(options, io, &outbox::Desk::Discard, "dropped:");
}

}  // namespace latchkey::admin
