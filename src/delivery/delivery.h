// delivery.h -- the mailer's loop: claim, look up, compose, send, finish
//
// The account is looked up here and not when somebody asked: so asking reveals nothing. The link is
// made here too, so its life starts when the mail leaves. Mail goes to the stored address only.
//
// A note that was sent but whose end the database did not take is ended later and not sent again, as
// long as this process lives; after a crash its lease runs out and it is sent again under the same
// Message-ID.

#pragma once

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/accounts.h"
#include "accounts/binding.h"
#include "base/clock.h"
#include "base/result.h"
#include "mail/message.h"
#include "os/events.h"
#include "os/signals.h"
#include "outbox/outbox.h"
#include "smtp/smtp.h"
#include "view/view.h"

namespace latchkey::delivery {

// Sends one message; an interface so that the loop is tested without a relay.
class Sender {
 public:
  virtual ~Sender() = default;
  virtual smtp::Reply Send(const mail::Address& from, const mail::Address& to, const std::string& message) = 0;
};

class RelaySender final : public Sender {
 public:
  explicit RelaySender(smtp::Settings settings) : relay_(std::move(settings)) {}
  smtp::Reply Send(const mail::Address& from, const mail::Address& to, const std::string& message) override {
    return relay_.Send(from, to, message);
  }

 private:
  smtp::Relay relay_;
};

// When a note that could not be sent is due again: 5 s, 10 s, 20 s ... at most 10 min, each with up to
// a fifth more by chance. tries: made so far, from 1.
std::chrono::seconds RetryPause(uint32_t tries);
// A note older than this is abandoned, not delivered late.
inline constexpr std::chrono::hours kMaxAge{1};
// Up to this many accounts on one address are named in one mail, each with its own link; for more
// none is sent.
inline constexpr size_t kMostAccounts = 5;
// Notes claimed at once, and for how long. A note is begun only while kWorstSend is left of its lease.
inline constexpr size_t kBatch = 8;
inline constexpr std::chrono::seconds kLease{180};
inline constexpr std::chrono::seconds kWorstSend{100};

// "4 May 2026, 10:11 UTC"
std::string DescribeTime(std::chrono::sys_seconds time);

struct Settings {
  std::string base_url;   // without a slash at the end
  std::string site_name;
  std::string from_name;
  mail::Address from;
  std::chrono::seconds link_life;
};

class Mailer {
 public:
  // All outlive this object and are one thread's.
  struct Parts {
    outbox::Claims& queue;
    accounts::Accounts& accounts;
    const accounts::BoundTokens& links;
    const view::Templates& templates;  // view::kMailTemplates
    Sender& sender;
    const Clock& clock;
  };
  Mailer(Parts parts, Settings settings);

  // Claims a batch and handles it, one after the other, until `stop` says so; what is left is given
  // back. How many notes were handled. Errors are the database's; the notes stay as they are.
  Result<size_t> RunOnce(const std::function<bool()>& stop);

 private:
  struct Mail {
    std::string_view kind;  // "mail_link"
    std::string account_ids;
    std::string to;         // as stored
    view::Values values;
  };
  struct Ended {
    outbox::End end;
    std::string reason;
  };

  Status Handle(const outbox::Note& note);
  Status HandleLink(const outbox::Note& note);
  Status HandleChanged(const outbox::Note& note);
  void Describe(const outbox::Note& note, view::Values& values) const;
  Status Send(const outbox::Note& note, const Mail& mail);
  Result<std::string> Compose(const outbox::Note& note, const Mail& mail, const mail::Address& to) const;
  Status Defer(const outbox::Note& note, const std::string& reason);
  Status Finish(const outbox::Note& note, outbox::End end, std::string_view reason);

  Parts parts_;
  Settings settings_;
  std::map<std::string, Ended> unrecorded_;  // by note id
};

// Runs the mailer until SIGTERM or SIGINT, which end the waiting at once and the work after the
// current note. Waits for `wake` (may be null) or half a second.
void Serve(Mailer& mailer, const os::WakeEvent* wake, os::SignalEvents& signals);

}  // namespace latchkey::delivery
