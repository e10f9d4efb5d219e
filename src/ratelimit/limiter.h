// limiter.h -- who may do how much: the rules, for peers and for accounts, over a store
//
// A peer is an IPv4 address, or an IPv6 /64 and also its /48; each of these tiers has its factor, and
// a hit counts in all or in none. An account is what was typed as its address, in lower case, whether
// it exists or not; the store sees a keyed digest of it. latchkey-web asks, latchkey forgets.

#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "crypto/crypto.h"
#include "ratelimit/settings.h"
#include "ratelimit/store.h"
#include "ratelimit/told.h"

namespace latchkey::ratelimit {

struct Refusal {
  Verdict verdict;
  std::string policy;  // "reset-request", or "reset-request-48" where the /48 is over its limit
  Limit limit;         // that was reached
  std::chrono::milliseconds window_left;
};

class Limiter {
 public:
  // account_key and clock outlive this object.
  Limiter(Settings settings, std::unique_ptr<Store> store, const crypto::Hmac& account_key,
          const Clock& clock = SystemClock());

  // Counts one hit. nullopt: go on. What a dry run would refuse is logged and let go on. A refusal is
  // logged once in a window for each counter that is full: the others are counted (Read).
  std::optional<Refusal> Admit(Rule rule, const IpAddress& peer);
  // Counts one mail to this address. False: enough were asked for, whoever asked.
  bool AdmitMail(std::string_view address, std::string_view peer);

  // How many counters were forgotten.
  int Forget(const IpAddress& peer);
  int ForgetMails(std::string_view address);

  Usage Read() const { return store_->Read(); }

 private:
  bool IsExempt(const IpAddress& peer) const;
  void Log(const Refusal& refusal, std::string_view counter, const IpAddress& peer);
  CounterKey KeyOfAccount(std::string_view address) const;

  Settings settings_;
  std::unique_ptr<Store> store_;
  const crypto::Hmac& account_key_;
  const Clock& clock_;
  Told told_;
};

}  // namespace latchkey::ratelimit
