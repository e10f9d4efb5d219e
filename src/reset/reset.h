// reset.h -- one person's attempt to get back in: ask, open, set
//
// The domain: no HTTP, no HTML, no SQL. Its answers are made so that enumeration is hard to write:
// Ask has no value for "no such account", for it does not look the account up at all; the mailer does.

#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "accounts/accounts.h"
#include "accounts/binding.h"
#include "base/result.h"
#include "outbox/outbox.h"
#include "password/hash_threads.h"
#include "password/hashing.h"
#include "password/policy.h"

namespace latchkey::reset {

enum class AskOutcome { kAccepted, kNotAnAddress /* nor a login, where these may be typed */ };

enum class SetOutcome {
  kDone,
  kBadLink,          // refused, or another browser was faster with it
  kTooShort, kTooLong, kHasNul, kTooGuessable,
  kIsCurrent,        // the password the account has already
};

struct Opened {
  accounts::Account account;
  std::chrono::sys_seconds issued, expires;
};

enum class NotMeOutcome { kDone, kBadLink };

class Resets {
 public:
  // For so long no link is mailed to an account whose owner says that it was not them.
  static constexpr std::chrono::hours kMute{24};

  // What does not change while the program runs. All referred to outlive this object.
  struct Parts {
    const accounts::BoundTokens& links;
    const accounts::BoundTokens& not_me_links;
    const password::Policy& policy;
    const password::Hashing& hashing;
    password::HashWork& hash_work;
    std::string site_name;           // a guesser's first word
    bool logins = false;             // a user name may be typed too
    // Whether one more mail may go to this address; what is over that is muted. Empty: always.
    std::function<bool(std::string_view address, std::string_view peer)> admits_mail = {};
    // Whether a note of this id was dropped lately, even if it is mailed by now; and that one was.
    // Empty: not known.
    std::function<bool(std::string_view note_id)> was_taken = {};
    std::function<void(std::string_view note_id)> remember = {};
  };
  // accounts, drops: one thread's.
  Resets(Parts parts, accounts::Accounts& accounts, outbox::Drops& drops);

  // What was typed as a note for the mailer, the same work and the same answer whatever it is: who asks is
  // told kAccepted when the note is durable, and then Remember knows it. Or the outcome without one.
  // languages: the browser's Accept-Language, for the note. note_id: the same for a request that is
  // repeated, which then is kAccepted and mails nothing further; empty: a fresh one.
  std::variant<AskOutcome, outbox::Note> Ask(std::string_view typed, std::string_view peer,
                                             std::string_view languages = {},
                                             std::string_view note_id = {});
  void Remember(const outbox::Note& note);
  // When a link of ours ends, by the token alone: no database is asked, so a flood of opened links costs
  // it nothing, and whether the account has changed since is told by Open. nullopt as there.
  std::optional<std::chrono::sys_seconds> Recognise(std::string_view token, std::string_view peer,
                                                    bool* expired) const;
  // Changes nothing. nullopt: a bad link; `expired` (may be null) tells whether it was good once.
  Result<std::optional<Opened>> Open(std::string_view token, std::string_view peer, bool* expired);
  // Verifies the token again, refuses by policy and the current password, swaps the hash and drops the
  // notice mail in one transaction. On kDone every link and session of the account is dead. What the
  // checks refuse costs no hash. kBusy: it would have; the link is as good as before.
  Result<SetOutcome> Set(std::string_view token, std::string_view password, std::string_view peer,
                         std::string_view languages = {});

  // As Recognise and Open, for a "this was not me" link.
  std::optional<std::chrono::sys_seconds> RecogniseNotMe(std::string_view token,
                                                         std::string_view peer) const;
  Result<std::optional<Opened>> OpenNotMe(std::string_view token, std::string_view peer);
  // Ends every link and session of all accounts on its address, and mails them no link for kMute.
  Result<NotMeOutcome> SayNotMe(std::string_view token, std::string_view peer);

 private:
  // A hash of it, in one piece of work with the comparison; nullopt: it is the current one.
  Result<std::optional<std::string>> HashIfNew(const accounts::Account& account,
                                               std::string_view password);
  Result<SetOutcome> Replace(const accounts::Account& account, std::string_view hash,
                             const std::vector<outbox::Note>& notices);

  Parts parts_;
  accounts::Accounts& accounts_;
  outbox::Drops& drops_;
};

}  // namespace latchkey::reset
