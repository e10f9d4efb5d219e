// delivery.h -- the mailer's loop: claim, look up, compose, send, finish
//
// The account is looked up here and not when somebody asked: so asking reveals nothing. The link is
// made here too, so its life starts when the mail leaves. Mail goes to the stored address only.

#pragma once

#include <chrono>
#include <memory>
#include <string>

#include "accounts/accounts.h"
#include "accounts/binding.h"
#include "base/result.h"
#include "mail/message.h"
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

// When a note that could not be sent is due again: 5 s, 10 s, 20 s ... at most 10 min, each with up to
// a fifth more by chance.
std::chrono::seconds RetryPause(uint32_t tries);
// A note older than this is abandoned, not delivered late.
inline constexpr std::chrono::hours kMaxAge{1};
// Up to this many accounts on one address are named in one mail, each with its own link; for more
// none is sent.
inline constexpr size_t kMostAccounts = 5;

}  // namespace latchkey::delivery
