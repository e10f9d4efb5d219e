#include "reset/reset.h"

#include "base/log.h"
#include "base/text.h"
#include "mail/address.h"

namespace latchkey::reset {
namespace {

SetOutcome ToOutcome(password::Verdict verdict) {
  switch (verdict) {
    case password::Verdict::kGood: return SetOutcome::kDone;
    case password::Verdict::kTooShort: return SetOutcome::kTooShort;
    case password::Verdict::kTooLong: return SetOutcome::kTooLong;
    case password::Verdict::kHasNul: return SetOutcome::kHasNul;
    case password::Verdict::kTooGuessable: return SetOutcome::kTooGuessable;
  }
  return SetOutcome::kTooGuessable;
}

outbox::Note NoteOf(outbox::Kind kind, std::string_view peer) {
  outbox::Note note;
  note.id = outbox::NewNoteId();
  note.kind = kind;
  note.peer = peer;
  return note;
}

}  // namespace

Resets::Resets(Parts parts, accounts::Accounts& accounts, outbox::Drops& drops)
    : parts_(std::move(parts)), accounts_(accounts), drops_(drops) {}

Result<AskOutcome> Resets::Ask(std::string_view typed, std::string_view peer) {
  const std::string_view trimmed = TrimBlanks(typed);
  const bool is_login = parts_.logins && accounts::IsLogin(trimmed);
  if (!mail::Address::Parse(trimmed).ok() && !is_login) return AskOutcome::kNotAnAddress;
  outbox::Note note = NoteOf(outbox::Kind::kLink, peer);
  note.address = trimmed;
  const Status dropped = drops_.Drop(note);
  if (!dropped.ok()) return dropped.error();
  log::Info("reset_asked", {{"peer", peer}, {"note", outbox::ShortId(note)}});
  return AskOutcome::kAccepted;
}

Result<std::optional<Opened>> Resets::Open(std::string_view token, std::string_view peer,
                                           bool* expired) {
  Result<accounts::BoundTokens::Opened> opened = parts_.links.Open(token, accounts_);
  if (!opened.ok()) return opened.error();
  if (expired != nullptr) *expired = opened->expired;
  if (opened->account && parts_.hashing.Recognise(opened->account->hash) == nullptr) {
    opened->refusal = "hash_unknown";  // how sites mark an account as disabled
    opened->account.reset();
  }
  if (!opened->account) {
    log::Info("link_refused", {{"peer", peer}, {"why", opened->refusal}});
    return std::optional<Opened>();
  }
  return std::optional<Opened>(Opened{std::move(*opened->account), opened->expires});
}

Result<SetOutcome> Resets::Set(std::string_view token, std::string_view password,
                               std::string_view peer) {
  Result<std::optional<Opened>> opened = Open(token, peer, nullptr);
  if (!opened.ok()) return opened.error();
  if (!opened->has_value()) return SetOutcome::kBadLink;
  const accounts::Account& account = (*opened)->account;

  std::vector<std::string> words = account.addresses;
  words.insert(words.end(), {account.address, account.login, parts_.site_name});
  const password::Verdict verdict =
      password::Judge(parts_.policy, parts_.hashing, account.login, password, words);
  if (verdict != password::Verdict::kGood) return ToOutcome(verdict);
  if (parts_.hashing.Verify(password, account.login, account.hash)) return SetOutcome::kIsCurrent;
  return Replace(account, password, peer);
}

Result<SetOutcome> Resets::Replace(const accounts::Account& account, std::string_view password,
                                   std::string_view peer) {
  Result<std::string> hash = parts_.hashing.Hash(password, account.login);
  if (!hash.ok()) return hash.error();

  outbox::Note notice = NoteOf(outbox::Kind::kChanged, peer);
  notice.account_id = account.id;
  const Result<accounts::Swap> swapped =
      accounts_.SwapHash(
      account, *hash, accounts::Reason::kReset, [&] { return drops_.Drop(notice); });
  if (!swapped.ok()) return swapped.error();
  if (*swapped == accounts::Swap::kLost) {
    log::Info("password_not_set", {{"peer", peer}, {"account", account.id}, {"why", "link_used"}});
    return SetOutcome::kBadLink;
  }
  log::Info("password_set",
            {{"peer", peer}, {"account", account.id}, {"note", outbox::ShortId(notice)}});
  return SetOutcome::kDone;
}

}  // namespace latchkey::reset
