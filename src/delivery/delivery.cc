#include "delivery/delivery.h"

#include <signal.h>

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"
#include "password/scheme.h"

namespace latchkey::delivery {
namespace {

using outbox::End;
using outbox::Kind;
using outbox::Note;

constexpr std::chrono::milliseconds kPoll{500};
constexpr std::chrono::seconds kFirstPause{5};
constexpr std::chrono::seconds kLongestPause{600};

std::string TwoDigits(int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

// A hash of a format that nobody here knows is how sites mark an account as disabled ("!", "*"): it
// is not for a mail to wake it.
bool IsUsable(const accounts::Account& account) {
  return accounts::BoundTokens::CanIssue(account) && password::RecogniseScheme(account.hash) != nullptr;
}

// Addresses that differ in case only may be different people's: of those found, the ones stored
// exactly as typed, else the ones stored as the first is.
void KeepOneAddress(std::string_view typed, std::vector<accounts::Account>& found) {
  const bool has_exact = std::any_of(found.begin(), found.end(), [&](const auto& account) {
    return account.address == typed;
  });
  const std::string kept(has_exact ? typed : std::string_view(found.front().address));
  std::erase_if(found, [&](const accounts::Account& account) { return account.address != kept; });
}

std::string MessageId(const Note& note, const mail::Address& from) {
  return crypto::EncodeHex(note.id) + "@" + std::string(from.domain());
}

std::string JoinIds(const std::vector<accounts::Account>& found) {
  std::string joined;
  for (const accounts::Account& account : found) joined += (joined.empty() ? "" : ",") + account.id;
  return joined;
}

// A subject is one line, whatever the template's file ends with.
std::string OneLine(const std::string& text) { return std::string(TrimBlanks(text)); }

}  // namespace

std::chrono::seconds RetryPause(uint32_t tries) {
  const uint32_t doublings = std::min<uint32_t>(tries > 0 ? tries - 1 : 0, 7);
  const std::chrono::seconds pause = std::min(kFirstPause * (1 << doublings), kLongestPause);
  // Chance spreads out what one broken relay has brought into step.
  const auto chance = static_cast<unsigned char>(crypto::RandomBytes(1)[0]);
  return pause + pause / 5 * chance / 255;
}

std::string DescribeTime(std::chrono::sys_seconds time) {
  constexpr std::array<const char*, 12> kMonths = {
      "January", "February", "March",     "April",   "May",      "June",
      "July",    "August",   "September", "October", "November", "December"};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return std::to_string(static_cast<unsigned>(date.day())) + " " +
         kMonths[static_cast<unsigned>(date.month()) - 1] + " " +
         std::to_string(static_cast<int>(date.year())) + ", " + TwoDigits(clock.hours().count()) +
         ":" + TwoDigits(clock.minutes().count()) + " UTC";
}

Mailer::Mailer(Parts parts, Settings settings) : parts_(parts), settings_(std::move(settings)) {}

Result<size_t> Mailer::RunOnce(const std::function<bool()>& stop) {
  const auto claimed_at = parts_.clock.SinceBoot();
  const Result<std::vector<Note>> notes = parts_.queue.Claim(kBatch, kLease);
  if (!notes.ok()) return notes.error();
  size_t handled = 0;
  for (const Note& note : *notes) {
    const bool too_late = parts_.clock.SinceBoot() - claimed_at + kWorstSend > kLease;
    if (too_late || stop()) break;
    const Status status = Handle(note);
    if (!status.ok()) return status.error();
    ++handled;
  }
  if (handled == notes->size()) return handled;
  const Status released = parts_.queue.Release();
  if (!released.ok()) return released.error();
  return handled;
}

Status Mailer::Handle(const Note& note) {
  if (const auto known = unrecorded_.find(note.id); known != unrecorded_.end()) {
    const Ended ended = known->second;
    return Finish(note, ended.end, ended.reason);
  }
  if (note.muted) return Finish(note, End::kMuted, "");
  if (parts_.clock.Now() - note.dropped_at > kMaxAge) {
    log::Warning("mail_abandoned", {{"note", ShortId(note)}, {"tries", note.tries}});
    return Finish(note, End::kAbandoned, "too old to be of use");
  }
  return note.kind == Kind::kLink ? HandleLink(note) : HandleChanged(note);
}

Status Mailer::HandleLink(const Note& note) {
  Result<std::vector<accounts::Account>> found =
      accounts::FindByTyped(parts_.accounts, note.address, kMostAccounts);
  if (!found.ok()) return Defer(note, "looking up the account: " + found.error().message);
  const bool too_many = found->size() > kMostAccounts;
  std::erase_if(*found, [](const accounts::Account& account) { return !IsUsable(account); });
  if (too_many || found->empty()) {
    log::Info(too_many ? "link_too_many_accounts" : "link_no_account", {{"note", ShortId(note)}});
    return Finish(note, End::kNoAccount, "");
  }
  KeepOneAddress(note.address, *found);

  Mail mail{.kind = "mail_link",
            .account_ids = JoinIds(*found),
            .to = found->front().address,
            .values = {}};
  Describe(note, mail.values);
  view::ShowWait(mail.values.Show("LIFE"), settings_.link_life);
  for (const accounts::Account& account : *found) {
    view::Values& section = mail.values.Show("ACCOUNT");
    section.Set("ADDRESS", account.address);
    section.Set("LINK", settings_.base_url + "/reset_password/" +
                            parts_.links.Issue(account, settings_.link_life));
    if (found->size() > 1) section.Show("NAMED").Set("ACCOUNT_ID", account.id);
  }
  return Send(note, mail);
}

Status Mailer::HandleChanged(const Note& note) {
  const Result<std::vector<accounts::Account>> found = parts_.accounts.FindById(note.account_id);
  if (!found.ok()) return Defer(note, "looking up the account: " + found.error().message);
  if (found->size() != 1 || !IsUsable(found->front())) {
    log::Info("notice_no_account", {{"note", ShortId(note)}});
    return Finish(note, End::kNoAccount, "");
  }
  const accounts::Account& account = found->front();
  Mail mail{.kind = "mail_changed", .account_ids = account.id, .to = account.address, .values = {}};
  Describe(note, mail.values);
  mail.values.Set("ADDRESS", account.address);
  mail.values.Set("REQUEST_URL", settings_.base_url + "/reset_password_request");
  return Send(note, mail);
}

void Mailer::Describe(const Note& note, view::Values& values) const {
  values.Set("SITE_NAME", settings_.site_name);
  values.Set("BASE_URL", settings_.base_url);
  values.Set("WHEN", DescribeTime(note.dropped_at));
  values.Set("PEER", note.peer.empty() ? "an unknown network address" : note.peer);
}

Status Mailer::Send(const Note& note, const Mail& mail) {
  const auto fail = [&](const std::string& reason) {
    log::Warning("mail_failed",
                 {{"note", ShortId(note)}, {"account", mail.account_ids}, {"reason", reason}});
    return Finish(note, End::kFailed, reason);
  };
  const Result<mail::Address> to = mail::Address::Parse(mail.to);
  if (!to.ok()) return fail("the stored address: " + to.error().message);
  const Result<std::string> message = Compose(note, mail, *to);
  if (!message.ok()) return fail("the mail: " + message.error().message);
  const smtp::Reply reply = parts_.sender.Send(settings_.from, *to, *message);
  if (reply.outcome == smtp::Outcome::kRefused) return fail(reply.reason);
  if (reply.outcome != smtp::Outcome::kAccepted) return Defer(note, reply.reason);
  log::Info("mail_sent",
            {{"note", ShortId(note)}, {"kind", mail.kind}, {"account", mail.account_ids}});
  return Finish(note, End::kSent, "");
}

Result<std::string> Mailer::Compose(const Note& note, const Mail& mail,
                                    const mail::Address& to) const {
  const std::string kind(mail.kind);
  const auto render = [&](const char* part) {
    return parts_.templates.Render(kind + part, mail.values);
  };
  return mail::Compose({.from_name = settings_.from_name,
                        .from = settings_.from,
                        .to = to,
                        .subject = OneLine(render(".subject")),
                        .message_id = MessageId(note, settings_.from),
                        .date = parts_.clock.Now(),
                        .text = render(".txt"),
                        .html = render(".html")});
}

// Whatever the reason: a note that cannot be handled now must not stand in the way of the others.
Status Mailer::Defer(const Note& note, const std::string& reason) {
  const std::chrono::seconds pause = RetryPause(note.tries);
  const Status deferred = parts_.queue.Defer(note, pause, reason);
  if (!deferred.ok() && deferred.error().next != Next::kFixInput) return deferred;
  log::Warning("mail_deferred", {{"note", ShortId(note)}, {"tries", note.tries},
                                 {"pause_s", pause.count()}, {"reason", reason}});
  return Ok();
}

Status Mailer::Finish(const Note& note, End end, std::string_view reason) {
  const Status finished = parts_.queue.Finish(note, end, reason);
  if (finished.ok()) {
    unrecorded_.erase(note.id);
    return finished;
  }
  if (finished.error().next == Next::kFixInput) {
    unrecorded_.erase(note.id);
    log::Warning("note_not_ours", {{"note", ShortId(note)}, {"end", outbox::Name(end)}});
    return Ok();
  }
  unrecorded_.insert_or_assign(note.id, Ended{end, std::string(reason)});
  return finished;
}

namespace {

bool AskedToStop(os::SignalEvents& signals) {
  while (const auto signal = signals.Next()) {
    if (*signal == SIGTERM || *signal == SIGINT) return true;
  }
  return false;
}

// One line when the database goes, one when it is back.
void TellOutage(const Result<size_t>& ran, bool* down) {
  if (!ran.ok() && !*down) log::Error("database_lost", {{"reason", ran.error().message}});
  if (ran.ok() && *down) log::Info("database_back");
  *down = !ran.ok();
}

// What wakes us cannot be read while the database is away.
void Wait(const os::WakeEvent* wake, const os::SignalEvents& signals, bool down) {
  if (down || wake == nullptr) {
    os::WaitReadable(signals.fd(), kPoll);
    return;
  }
  os::WaitReadable({signals.fd(), wake->fd()}, kPoll);
}

}  // namespace

void Serve(Mailer& mailer, const os::WakeEvent* wake, os::SignalEvents& signals) {
  bool stopping = false;
  bool down = false;
  const auto stop = [&] { return stopping = stopping || AskedToStop(signals); };
  while (!stop()) {
    // Before the claim: what is dropped during it wakes us again.
    if (wake != nullptr) wake->Clear();
    const Result<size_t> ran = mailer.RunOnce(stop);
    TellOutage(ran, &down);
    if (stop()) return;
    if (ran.ok() && *ran > 0) continue;
    Wait(wake, signals, down);
  }
}

}  // namespace latchkey::delivery
