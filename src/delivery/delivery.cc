#include "delivery/delivery.h"

#include <algorithm>
#include <utility>

#include "base/log.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"

namespace latchkey::delivery {
namespace {

using outbox::End;
using outbox::Kind;
using outbox::Note;

constexpr std::chrono::seconds kFirstPause{5};
constexpr std::chrono::seconds kLongestPause{600};

std::string TwoDigits(int64_t number) {
  return (number < 10 ? "0" : "") + std::to_string(number);
}

// A hash of a format that nobody here knows is how sites mark an account as disabled ("!", "*"): it
// is not for a mail to wake it.
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

bool Holds(const std::vector<std::string>& texts, std::string_view text) {
  return std::find(texts.begin(), texts.end(), text) != texts.end();
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
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return std::to_string(static_cast<int>(date.year())) + "-" +
         TwoDigits(static_cast<unsigned>(date.month())) + "-" +
         TwoDigits(static_cast<unsigned>(date.day())) + " " + TwoDigits(clock.hours().count()) +
         ":" + TwoDigits(clock.minutes().count()) + " UTC";
}

Mailer::Mailer(Parts parts, const Settings& settings) : parts_(parts), settings_(settings) {}

Result<std::vector<Note>> Mailer::Claim() {
  if (is_unsure_) {
    Result<std::vector<Note>> left = Reclaim();
    if (left.ok()) parts_.ceiling.Take(left->size());
    if (!left.ok() || !left->empty()) return left;
  }
  claimed_at_ = leased_at_ = parts_.clock.SinceBoot();
  const size_t allowed = parts_.ceiling.Take(batch_);
  if (allowed == 0) return std::vector<Note>();
  Result<std::vector<Note>> notes = parts_.queue.Claim(allowed, settings_.lease);
  is_unsure_ = !notes.ok();
  const size_t claimed = notes.ok() ? notes->size() : 0;
  // What comes back from an earlier claim may be more than was taken: it was paid for then.
  if (claimed < allowed) parts_.ceiling.GiveBack(allowed - claimed);
  return notes;
}

Result<std::vector<Note>> Mailer::Reclaim() {
  claimed_at_ = leased_at_ = parts_.clock.SinceBoot();
  Result<std::vector<Note>> left = parts_.queue.Reclaim(settings_.lease);
  is_unsure_ = !left.ok();
  return left;
}

Result<size_t> Mailer::Handle(const std::vector<Note>& notes, const std::function<bool()>& stop) {
  const auto began = parts_.clock.SinceBoot();
  const Result<size_t> handled = HandleAll(notes, stop);
  // Also after an error: what was sent was sent.
  const Status marked = MarkAll();
  if (!handled.ok()) return handled;
  if (!marked.ok()) return marked.error();
  AdaptBatch(parts_.clock.SinceBoot() - began);
  if (*handled == notes.size()) return handled;
  parts_.ceiling.GiveBack(notes.size() - *handled);
  const Status released = parts_.queue.Release("");
  if (!released.ok()) return released.error();
  return handled;
}

Result<size_t> Mailer::HandleAll(const std::vector<Note>& notes,
                                 const std::function<bool()>& stop) {
  size_t handled = 0;
  for (const Note& note : notes) {
    const auto leased_for = parts_.clock.SinceBoot() - claimed_at_;
    if (stop() || (handled > 0 && leased_for > kLongestBatch)) break;
    if (leased_for + settings_.send_timeout + kMarking > settings_.lease) break;
    failure_.reset();
    const Status status = HandleOne(note);
    if (!status.ok()) return status.error();
    if (failure_) return *failure_;
    ++handled;
  }
  return handled;
}

void Mailer::AdaptBatch(std::chrono::milliseconds took) {
  batch_ = took <= kBrisk ? std::min(batch_ * 2, kMostClaimed) : std::max<size_t>(batch_ / 2, 1);
}

Status Mailer::HandleOne(const Note& note) {
  if (parts_.ledger.Holds(note.id)) return Finish(note, End::kSent, "");
  if (note.muted) return Finish(note, End::kMuted, "over the limit for the account");
  if (parts_.clock.Now() - note.dropped_at > settings_.max_age) {
    log::Warning("mail_abandoned", {{"note", ShortId(note)}, {"tries", note.tries}});
    return Finish(note, End::kAbandoned, "too old to be of use");
  }
  return note.kind == Kind::kChanged ? HandleChanged(note) : HandleLink(note);
}

bool Mailer::IsUsable(const accounts::Account& account) const {
  const bool known = parts_.hashing.Recognise(account.hash) != nullptr;
  if (!known) log::Warning("account_hash_unknown", {{"account", account.id}});
  return known && accounts::BoundTokens::CanIssue(account);
}

Status Mailer::HandleLink(const Note& note) {
  Result<std::vector<accounts::Account>> found =
      accounts::FindByTyped(parts_.accounts, note.address, kMostAccounts);
  if (!found.ok()) return Defer(note, "looking up the account: " + found.error().message);
  const bool too_many = found->size() > kMostAccounts;
  std::erase_if(*found, [this](const accounts::Account& account) { return !IsUsable(account); });
  if (too_many || found->empty()) {
    log::Info(too_many ? "link_too_many_accounts" : "link_no_account", {{"note", ShortId(note)}});
    return Finish(note, End::kNoAccount, too_many ? "more than five accounts" : "");
  }
  KeepOneAddress(note.address, *found);
  const Result<std::vector<Found>> heard = WithoutMuted(note, *found);
  if (!heard.ok()) return Defer(note, "looking up the account: " + heard.error().message);
  if (heard->empty()) return Finish(note, End::kMuted, "\"this was not me\", less than a day ago");
  return Send(note, LinkMail(note, *heard));
}

Result<std::vector<Mailer::Found>> Mailer::WithoutMuted(
    const Note& note, const std::vector<accounts::Account>& accounts) {
  std::vector<Found> found;
  for (const accounts::Account& account : accounts) {
    const Result<accounts::State> state = parts_.accounts.StateOf(account.id);
    if (!state.ok()) return state.error();
    // Whoever mutes their mail and then cannot get in asks an administrator.
    if (state->muted && note.kind != Kind::kAdmin) continue;
    found.push_back({account, state->not_before});
  }
  return found;
}

Mailer::Mail Mailer::LinkMail(const Note& note, const std::vector<Found>& found) const {
  const std::string path = settings_.base_url + "/reset_password/";
  const accounts::Account& first = found.front().account;
  Mail mail{.kind = "mail_link", .account_ids = "", .to = first.address, .values = {}};
  Describe(note, mail.values);
  mail.values.Show(note.kind == Kind::kAdmin ? "BY_ADMIN" : "BY_PERSON");
  mail.values.Set("ENDS", DescribeTime(parts_.clock.Now() + settings_.link_life));
  mail.values.Set("NOT_ME_LINK", path + "not_me/" +
                                     parts_.not_me_links.Issue(first, settings_.not_me_life));
  view::ShowWait(mail.values.Show("LIFE"), settings_.link_life);
  for (const auto& [account, not_before] : found) {
    mail.account_ids += (mail.account_ids.empty() ? "" : ",") + account.id;
    view::Values& section = mail.values.Show("ACCOUNT");
    section.Set("ADDRESS", account.address);
    section.Set("LINK", path + parts_.links.Issue(account, settings_.link_life, not_before));
    if (found.size() > 1) section.Show("NAMED").Set("ACCOUNT_ID", account.id);
  }
  return mail;
}

Status Mailer::HandleChanged(const Note& note) {
  const Result<std::vector<accounts::Account>> found = parts_.accounts.FindById(note.account_id);
  if (!found.ok()) return Defer(note, "looking up the account: " + found.error().message);
  if (found->size() != 1 || !IsUsable(found->front())) {
    log::Info("notice_no_account", {{"note", ShortId(note)}});
    return Finish(note, End::kNoAccount, "");
  }
  const accounts::Account& account = found->front();
  const std::string& to = note.address.empty() ? account.address : note.address;
  // Only where it is still stored: a note never says by itself where mail goes.
  if (to != account.address && !Holds(account.addresses, to)) {
    return Finish(note, End::kNoAccount, "the address is no longer the account's");
  }
  Mail mail{.kind = "mail_changed", .account_ids = account.id, .to = to, .values = {}};
  Describe(note, mail.values);
  mail.values.Set("ADDRESS", account.address);
  mail.values.Set("REQUEST_URL", settings_.base_url + "/reset_password_request");
  return Send(note, mail);
}

void Mailer::Describe(const Note& note, view::Values& values) const {
  values.Set("SITE_NAME", settings_.site_name);
  values.Set("BASE_URL", settings_.base_url);
  values.Set("WHEN", DescribeTime(note.dropped_at));
  values.Set("PEER", note.peer);
  values.Show(note.peer.empty() ? "NO_PEER" : "HAS_PEER");
}

Status Mailer::Send(const Note& note, const Mail& mail) {
  const auto fail = [&](const std::string& reason) {
    log::Warning("mail_failed",
                 {{"note", ShortId(note)}, {"account", mail.account_ids}, {"reason", reason}});
    return Finish(note, End::kFailed, reason);
  };
  const Result<mail::Address> stored = mail::Address::Parse(mail.to);
  const Result<mail::Address> to = stored.ok() ? stored->WithAsciiDomain() : stored;
  if (!to.ok()) return fail("the stored address: " + to.error().message);
  const Result<std::string> message = Compose(note, mail, *to);
  if (!message.ok()) return fail("the mail: " + message.error().message);
  const smtp::Reply reply = parts_.sender.Send(settings_.bounces, *to, *message, [&] { Meanwhile(note); });
  if (reply.outcome == smtp::Outcome::kRefused) return fail(reply.reason);
  if (reply.outcome != smtp::Outcome::kAccepted) return Defer(note, reply.reason);
  parts_.ledger.Enter(note.id);
  log::Info("mail_sent",
            {{"note", ShortId(note)}, {"kind", mail.kind}, {"account", mail.account_ids}});
  return Finish(note, End::kSent, "");
}

void Mailer::Meanwhile(const Note& note) {
  const Status marked = MarkDue();
  if (!marked.ok()) failure_ = marked.error();
  const auto now = parts_.clock.SinceBoot();
  if (now - leased_at_ < settings_.lease / 3) return;
  const Status held = parts_.queue.Hold(note, settings_.lease);
  if (!held.ok()) return;  // again in a second
  leased_at_ = now;
  // What was sent and could not be marked is nobody else's.
  if (failure_) return;
  const Status released = parts_.queue.Release(note.id);
  if (!released.ok()) failure_ = released.error();
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
  if (end != End::kSent) parts_.ceiling.GiveBack(1);
  if (unmarked_.empty()) first_unmarked_ = parts_.clock.SinceBoot();
  unmarked_.push_back({note, end, std::string(reason)});
  // What was sent is marked when the next is in line for the relay, which need not wait for that.
  return end == End::kSent ? Ok() : MarkDue();
}

Status Mailer::MarkDue() {
  const auto waited = parts_.clock.SinceBoot() - first_unmarked_;
  return waited < kMarkWithin && unmarked_.size() < kMostClaimed ? Ok() : MarkAll();
}

Status Mailer::MarkAll() {
  if (unmarked_.empty()) return Ok();
  // Whatever comes of it: notes that stay unmarked come back by their lease.
  const std::vector<outbox::Ended> ended = std::exchange(unmarked_, {});
  const Result<size_t> marked = parts_.queue.Finish(ended);
  if (!marked.ok()) return marked.error();
  if (*marked < ended.size()) {
    // Those are another's now, who must find them in the ledger.
    log::Warning("notes_not_ours", {{"count", ended.size() - *marked}});
    return Ok();
  }
  std::vector<std::string> ids;
  for (const outbox::Ended& one : ended) ids.push_back(one.note.id);
  parts_.ledger.Strike(ids);
  return Ok();
}

}  // namespace latchkey::delivery
