// delivery.h -- one thread's work on the outbox: claim, look up, compose, send, finish
//
// The account is looked up here and not when somebody asked: so asking reveals nothing. The link is
// made here too, so its life starts when the mail leaves. Mail goes to the stored address only.
//
// Nothing is sent inside a transaction. What was sent is marked within some 20 ms of the relay's answer,
// while the next is in line for the relay: where that is brisk many notes share one commit, where it is
// slow each has its own. What the database does not take then is in the ledger, and marked later; after
// a crash its lease runs out and it is sent again under the same Message-ID. While a relay takes its time
// the note's lease is made longer, and what else was claimed with it is given back.

#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/accounts.h"
#include "accounts/binding.h"
#include "base/clock.h"
#include "base/result.h"
#include "delivery/ceiling.h"
#include "delivery/ledger.h"
#include "delivery/sender.h"
#include "mail/message.h"
#include "outbox/outbox.h"
#include "password/hashing.h"
#include "view/view.h"

namespace latchkey::delivery {

// When a note that could not be sent is due again: 5 s, 10 s, 20 s ... at most 10 min, each with up to
// a fifth more by chance. tries: made so far, from 1.
std::chrono::seconds RetryPause(uint32_t tries);
// Up to this many accounts on one address are named in one mail, each with its own link; for more
// none is sent.
inline constexpr size_t kMostAccounts = 5;
// Notes claimed at once. A batch grows while the relay is brisk and shrinks to one note where it is
// slow, so that other threads get the rest.
inline constexpr size_t kMostClaimed = 32;
inline constexpr std::chrono::milliseconds kBrisk{100};
// No note of a batch is begun later than this after the claim: the rest is given back, to any thread.
inline constexpr std::chrono::milliseconds kLongestBatch{1000};
// What was sent is marked by so much later, together with what was sent meanwhile.
inline constexpr std::chrono::milliseconds kMarkWithin{20};
// What marking may take of a lease.
inline constexpr std::chrono::milliseconds kMarking{500};

// "2026-05-04 10:11 UTC": the same in every language.
std::string DescribeTime(std::chrono::sys_seconds time);

struct Settings {
  std::string base_url;   // without a slash at the end
  std::string site_name;
  std::string from_name;
  mail::Address from;
  mail::Address bounces;  // the envelope's sender
  std::chrono::seconds link_life{600};
  std::chrono::seconds not_me_life{24 * 3600};
  std::chrono::seconds max_age{3600};  // an older note is abandoned, not delivered late
  std::chrono::seconds lease{180};
  // The sender's, up to the final dot: no note is begun with less left of its lease.
  std::chrono::seconds send_timeout{120};
  std::chrono::seconds keep{7 * 24 * 3600};
};

class Mailer {
 public:
  // All outlive this object. queue and accounts are one thread's.
  struct Parts {
    outbox::Claims& queue;
    accounts::Accounts& accounts;
    const accounts::BoundTokens& links;
    const accounts::BoundTokens& not_me_links;
    const password::Hashing& hashing;  // which accounts can be reset at all
    const view::Templates& templates;  // view::kMailTemplates
    Sender& sender;
    Ceiling& ceiling;
    Ledger& ledger;
    const Clock& clock;
  };
  Mailer(Parts parts, const Settings& settings);

  // Notes to handle now; none where nothing is due or the ceiling is reached.
  Result<std::vector<outbox::Note>> Claim();
  // After an error: what is still this thread's, to be handled again.
  Result<std::vector<outbox::Note>> Reclaim();
  // Handles what Claim gave, one after the other, until `stop` says so; what is left is given back. How
  // many were handled. Errors are the database's; the notes stay as they are.
  Result<size_t> Handle(const std::vector<outbox::Note>& notes, const std::function<bool()>& stop);
  // Deletes notes that ended long ago.
  Status Purge() { return parts_.queue.Purge(settings_.keep); }

 private:
  struct Found {
    accounts::Account account;
    std::chrono::sys_seconds not_before;  // see accounts::State
  };
  struct Mail {
    std::string_view kind;  // "mail_link"
    std::string account_ids;
    std::string to;         // as stored
    view::Values values;
  };
  // Can get a link, and use it.
  bool IsUsable(const accounts::Account& account) const;

  Result<size_t> HandleAll(const std::vector<outbox::Note>& notes, const std::function<bool()>& stop);
  void AdaptBatch(std::chrono::milliseconds took);
  Status HandleOne(const outbox::Note& note);
  Status HandleLink(const outbox::Note& note);
  // Those of the accounts that may get a link.
  Result<std::vector<Found>> WithoutMuted(const outbox::Note& note,
                                          const std::vector<accounts::Account>& accounts);
  Mail LinkMail(const outbox::Note& note, const std::vector<Found>& found) const;
  Status HandleChanged(const outbox::Note& note);
  void Describe(const outbox::Note& note, view::Values& values) const;
  Status Send(const outbox::Note& note, const Mail& mail);
  // What there is to do while the note is in line for the relay, or with it.
  void Meanwhile(const outbox::Note& note);
  Result<std::string> Compose(const outbox::Note& note, const Mail& mail, const mail::Address& to) const;
  Status Defer(const outbox::Note& note, const std::string& reason);
  // Marked soon, with others; see kMarkWithin.
  Status Finish(const outbox::Note& note, outbox::End end, std::string_view reason);
  Status MarkDue();
  Status MarkAll();

  Parts parts_;
  Settings settings_;
  size_t batch_ = 1;
  std::chrono::milliseconds claimed_at_{0};
  std::chrono::milliseconds leased_at_{0};  // claimed, or held since
  std::optional<Error> failure_;            // of what was done meanwhile
  bool is_unsure_ = false;  // what a claim that failed has claimed
  std::vector<outbox::Ended> unmarked_;
  std::chrono::milliseconds first_unmarked_{0};
};

}  // namespace latchkey::delivery
