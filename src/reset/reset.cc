#include "reset/reset.h"

#include "base/log.h"
#include "base/text.h"
#include "mail/address.h"
#include "token/jwt.h"

namespace latchkey::reset {
namespace {

// On one address; more get no mail.
constexpr size_t kMostAccounts = 5;

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

outbox::Note NoteOf(outbox::Kind kind, std::string_view peer, std::string_view languages) {
  outbox::Note note;
  note.id = outbox::NewNoteId();
  note.kind = kind;
  note.peer = peer;
  note.languages = languages;
  return note;
}

// One for each address that the site stores, by NIST SP 800-63B: whoever holds one of them is told.
std::vector<outbox::Note> NoticesFor(const accounts::Account& account, std::string_view peer,
                                     std::string_view languages) {
  std::vector<std::string> addresses = account.addresses;
  if (addresses.empty()) addresses.push_back(account.address);
  std::vector<outbox::Note> notices;
  for (const std::string& address : addresses) {
    outbox::Note notice = NoteOf(outbox::Kind::kChanged, peer, languages);
    notice.account_id = account.id;
    // The column may hold what no note takes; the mailer then tells the first.
    if (address.size() <= outbox::kMaxAddressBytes) notice.address = address;
    notices.push_back(notice);
  }
  return notices;
}

}  // namespace

Resets::Resets(Parts parts, accounts::Accounts& accounts, outbox::Drops& drops)
    : parts_(std::move(parts)), accounts_(accounts), drops_(drops) {}

std::variant<AskOutcome, outbox::Note> Resets::Ask(std::string_view typed, std::string_view peer,
                                                   std::string_view languages,
                                                   std::string_view note_id) {
  const std::string_view trimmed = TrimBlanks(typed);
  const bool is_login = parts_.logins && accounts::IsLogin(trimmed);
  if (!mail::Address::Parse(trimmed).ok() && !is_login) return AskOutcome::kNotAnAddress;
  outbox::Note note = NoteOf(outbox::Kind::kLink, peer, languages);
  if (!note_id.empty()) note.id = note_id;
  if (parts_.was_taken && parts_.was_taken(note.id)) {
    log::Info("reset_repeated", {{"peer", peer}, {"note", outbox::ShortId(note)}});
    return AskOutcome::kAccepted;
  }
  note.address = trimmed;
  note.muted = parts_.admits_mail && !parts_.admits_mail(trimmed, peer);
  return note;
}

void Resets::Remember(const outbox::Note& note) {
  if (parts_.remember) parts_.remember(note.id);
  log::Info("reset_asked", {{"peer", note.peer}, {"note", outbox::ShortId(note)}});
}

std::optional<std::chrono::sys_seconds> Resets::Recognise(std::string_view token,
                                                          std::string_view peer,
                                                          bool* expired) const {
  const token::Jwt::Verified verified = parts_.links.Verify(token);
  *expired = !verified.claims && verified.refusal == token::Refusal::kExpired;
  if (verified.claims) return verified.claims->expires;
  log::Info("link_refused", {{"peer", peer}, {"why", token::Name(verified.refusal)}});
  return std::nullopt;
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
  return std::optional<Opened>(Opened{std::move(*opened->account), opened->issued, opened->expires});
}

Result<SetOutcome> Resets::Set(std::string_view token, std::string_view password,
                               std::string_view peer, std::string_view languages) {
  Result<std::optional<Opened>> opened = Open(token, peer, nullptr);
  if (!opened.ok()) return opened.error();
  if (!opened->has_value()) return SetOutcome::kBadLink;
  const accounts::Account& account = (*opened)->account;

  std::vector<std::string> words = account.addresses;
  words.insert(words.end(), {account.address, account.login, parts_.site_name});
  const password::Verdict verdict =
      password::Judge(parts_.policy, parts_.hashing, account.login, password, words);
  if (verdict != password::Verdict::kGood) return ToOutcome(verdict);
  const Result<std::optional<std::string>> hash = HashIfNew(account, password);
  if (!hash.ok()) return hash.error();
  if (!hash->has_value()) return SetOutcome::kIsCurrent;
  return Replace(account, **hash, NoticesFor(account, peer, languages));
}

Result<std::optional<std::string>> Resets::HashIfNew(const accounts::Account& account,
                                                     std::string_view password) {
  Result<std::optional<std::string>> outcome = std::optional<std::string>();
  const Status done = parts_.hash_work.Do([&] {
    if (parts_.hashing.Verify(password, account.login, account.hash)) return;
    Result<std::string> hash = parts_.hashing.Hash(password, account.login);
    if (!hash.ok()) {
      outcome = hash.error();
    } else {
      outcome = std::optional(*std::move(hash));
    }
  });
  if (!done.ok()) return done.error();
  return outcome;
}

Result<SetOutcome> Resets::Replace(const accounts::Account& account, std::string_view hash,
                                   const std::vector<outbox::Note>& notices) {
  const auto drop_all = [&]() -> Status {
    for (const outbox::Note& notice : notices) {
      const Status dropped = drops_.Drop(notice);
      if (!dropped.ok()) return dropped;
    }
    return Ok();
  };
  const std::string& peer = notices.front().peer;
  const Result<accounts::Swap> swapped =
      accounts_.SwapHash(account, hash, accounts::Reason::kReset, drop_all);
  if (!swapped.ok()) return swapped.error();
  if (*swapped == accounts::Swap::kLost) {
    log::Info("password_not_set", {{"peer", peer}, {"account", account.id}, {"why", "link_used"}});
    return SetOutcome::kBadLink;
  }
  log::Info("password_set",
            {{"peer", peer}, {"account", account.id}, {"note", outbox::ShortId(notices.front())}});
  return SetOutcome::kDone;
}

std::optional<std::chrono::sys_seconds> Resets::RecogniseNotMe(std::string_view token,
                                                               std::string_view peer) const {
  const token::Jwt::Verified verified = parts_.not_me_links.Verify(token);
  if (verified.claims) return verified.claims->expires;
  log::Info("not_me_refused", {{"peer", peer}, {"why", token::Name(verified.refusal)}});
  return std::nullopt;
}

Result<std::optional<Opened>> Resets::OpenNotMe(std::string_view token, std::string_view peer) {
  Result<accounts::BoundTokens::Opened> opened = parts_.not_me_links.Open(token, accounts_);
  if (!opened.ok()) return opened.error();
  if (!opened->account) {
    log::Info("not_me_refused", {{"peer", peer}, {"why", opened->refusal}});
    return std::optional<Opened>();
  }
  return std::optional<Opened>(
      Opened{std::move(*opened->account), opened->issued, opened->expires});
}

Result<NotMeOutcome> Resets::SayNotMe(std::string_view token, std::string_view peer) {
  const Result<std::optional<Opened>> opened = OpenNotMe(token, peer);
  if (!opened.ok()) return opened.error();
  if (!opened->has_value()) return NotMeOutcome::kBadLink;
  const Opened& link = **opened;
  // One mail names all accounts on its address, so one word is for all.
  Result<std::vector<accounts::Account>> found =
      accounts_.FindByAddress(link.account.address, kMostAccounts);
  if (!found.ok()) return found.error();
  found->push_back(link.account);
  for (const accounts::Account& account : *found) {
    if (account.address != link.account.address) continue;
    // The links were issued with this one, by a clock that may be ahead of ours.
    const Status revoked = accounts_.Revoke(account.id, link.issued, kMute);
    if (!revoked.ok()) return revoked.error();
  }
  log::Info("not_me", {{"peer", peer}, {"account", link.account.id}});
  return NotMeOutcome::kDone;
}

}  // namespace latchkey::reset
