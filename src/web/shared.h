// shared.h -- what all threads of latchkey-web share; it does not change while the program runs

#pragma once

#include <functional>
#include <memory>
#include <string>

#include "accounts/binding.h"
#include "base/clock.h"
#include "base/result.h"
#include "config/config.h"
#include "http/forwarded.h"
#include "http/url.h"
#include "password/hash_threads.h"
#include "password/hashing.h"
#include "password/policy.h"
#include "metrics/metrics.h"
#include "ratelimit/limiter.h"
#include "ratelimit/seen.h"
#include "token/keyring.h"
#include "token/stamp.h"
#include "view/view.h"
#include "web/counters.h"
#include "web/health.h"
#include "web/stall.h"

namespace latchkey::web {

// Cookies ignore ports, and __Host- demands Path=/: so two installations on one host would see each
// other's, but for the digits of a digest of the base URL at the end.
struct CookieNames {
  explicit CookieNames(const http::BaseUrl& base);
  std::string form;     // what a form's csrf_token is bound to
  std::string session;  // who is signed in
  std::string link;     // the token of the link that was opened
  std::string not_me;   // of the "this was not me" link
  std::string flash;    // the notice the next page shows
};

struct Shared {
  // Everything but the database: from the configuration and the files it names. Errors are one line
  // with file, line and cure. limits: nullptr where they are off. The clock outlives the result. Starts
  // the threads that hash.
  static Result<std::unique_ptr<Shared>> Build(const config::Loaded<config::Web>& loaded,
                                               std::unique_ptr<ratelimit::Store> limits,
                                               metrics::Counters counters,
                                               std::function<void()> wake_mailer,
                                               const Clock& clock);
  // For tests, which have all parts at hand.
  Shared(http::BaseUrl base_url, token::Keyring keys, view::Templates pages,
         password::Hashing hashing, const Clock& clock,
         metrics::Counters counts = metrics::Counters(kCounters));

  const Clock& clock;
  http::BaseUrl base;
  std::string site_name;
  bool login = true;
  std::string login_url;  // of the site; where login is false
  std::string home_url;   // of the site; where login is false
  bool logins = false;    // people may type a user name instead of an address
  http::TrustedProxies proxies;
  bool trust_remote_user = false;  // whom the web server names is signed in; where login is false
  std::string content_security_policy;
  CookieNames cookies;

  token::Keyring keyring;
  token::Stamp form_stamp;
  token::Stamp flash_stamp;
  accounts::BoundTokens links;
  accounts::BoundTokens not_me_links;
  accounts::BoundTokens sessions;

  password::Policy policy;
  password::Hashing hashing;
  std::string dummy_hash;  // of the scheme that is written, and no password's
  bool rehash = true;      // signing in replaces an outdated hash

  view::Templates templates;
  std::unique_ptr<ratelimit::Limiter> limiter;  // nullptr: nothing is counted
  std::unique_ptr<ratelimit::Seen> seen;  // the notes that forms made; nullptr: not kept
  metrics::Counters counters;
  void Tally(Count count) const { counters.Add(static_cast<size_t>(count)); }
  http::TrustedProxies monitors;  // who may read /metrics and /healthz
  mutable HealthCache health;
  mutable Stall outbox_stall;
  std::function<void()> wake_mailer = [] {};
  std::unique_ptr<password::HashWork> hash_work;  // REQUIRES: there before the first App
};

// "default-src 'none'; ..." with the origins that a form of ours may lead to.
std::string ContentSecurityPolicy(const std::string& login_url, const std::string& home_url);

}  // namespace latchkey::web
