#include "web/shared.h"

#include "base/check.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"

namespace latchkey::web {
namespace {

std::string CookieName(const http::BaseUrl& base, std::string_view what) {
  const std::string digest = crypto::EncodeHex(crypto::Sha256(base.whole)).substr(0, 8);
  return (base.https ? "__Host-lk-" : "lk-") + std::string(what) + "-" + digest;
}

http::TrustedProxies ToProxies(const config::Web& config) {
  using Header = http::TrustedProxies::Header;
  return {.networks = config.trusted_proxies,
          .unix_sockets = config.trusts_unix_proxies,
          .header = config.forwarded == "forwarded" ? Header::kForwarded : Header::kXForwardedFor};
}

Result<password::Permits> OpenPermits(const config::Loaded<config::Web>& loaded) {
  const config::Hashing& config = loaded.part.hashing;
  Result<password::Permits> permits =
      password::Permits::Open(config.page, password::CountPermits(config.permits));
  if (permits.ok()) return permits;
  return loaded.positions.Blame("hashing.page", permits.error().message);
}

void TallyHashing(const Shared& shared, const password::HashTold& told) {
  using End = password::HashTold::End;
  shared.counters.Add(static_cast<size_t>(Count::kHashWaitMs),
                      static_cast<uint64_t>(told.waited.count()));
  switch (told.end) {
    case End::kDone: return shared.Tally(Count::kHashed);
    case End::kQueueFull: return shared.Tally(Count::kHashQueueFull);
    case End::kWaitedTooLong: return shared.Tally(Count::kHashWaitedTooLong);
  }
}

// shared: outlives the threads.
std::unique_ptr<password::HashWork> StartHashing(password::Permits permits,
                                                 const config::Web& config, const Shared& shared) {
  return std::make_unique<password::HashThreads>(
      std::move(permits),
      password::HashThreads::Settings{
          .queue = password::CountQueue(config.hashing.queue,
                                        config::Share(config.threads).answering),
          .wait = config.hashing.wait,
          .tell = [&shared](const password::HashTold& told) { TallyHashing(shared, told); }});
}

}  // namespace

CookieNames::CookieNames(const http::BaseUrl& base)
    : form(CookieName(base, "form")),
      session(CookieName(base, "session")),
      link(CookieName(base, "link")),
      not_me(CookieName(base, "notme")),
      flash(CookieName(base, "flash")) {}

std::string ContentSecurityPolicy(const std::string& login_url, const std::string& home_url) {
  // form-action holds for the redirect after a POST too, so the site's own pages must be in it.
  std::string form_action = "form-action 'self'";
  for (const std::string& url : {login_url, home_url}) {
    const std::string origin = http::OriginOf(url);
    if (!origin.empty() && form_action.find(" " + origin) == std::string::npos) {
      form_action += " " + origin;
    }
  }
  return "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; " + form_action +
         "; base-uri 'none'; frame-ancestors 'none'";
}

Shared::Shared(http::BaseUrl base_url, token::Keyring keys, view::Templates pages,
               password::Hashing how, const Clock& now, metrics::Counters counts)
    : clock(now),
      base(std::move(base_url)),
      content_security_policy(ContentSecurityPolicy("", "")),
      cookies(base),
      keyring(std::move(keys)),
      form_stamp(keyring, token::Purpose::kForm),
      flash_stamp(keyring, token::Purpose::kFlash),
      links(keyring, token::Purpose::kReset, base.whole, now),
      not_me_links(keyring, token::Purpose::kNotMe, base.whole, now),
      sessions(keyring, token::Purpose::kSession, base.whole, now),
      hashing(std::move(how)),
      dummy_hash(hashing.Unmatched()),
      templates(std::move(pages)),
      counters(std::move(counts)) {}

Result<std::unique_ptr<Shared>> Shared::Build(const config::Loaded<config::Web>& loaded,
                                              std::unique_ptr<ratelimit::Store> limits,
                                              metrics::Counters counters,
                                              std::function<void()> wake_mailer,
                                              const Clock& clock) {
  const config::Web& config = loaded.part;
  const config::Positions& at = loaded.positions;

  Result<http::BaseUrl> base = http::BaseUrl::Parse(config.base_url);
  if (!base.ok()) return at.Blame("base_url", base.error().message);
  Result<password::Hashing> hashing = at.Place(password::Hashing::Make(
      {config.site.reads, config.site.scheme, config.site.prepare, config.site_key.Copy()}));
  if (!hashing.ok()) return hashing.error();
  Result<token::Keyring> keyring = token::Keyring::Make(config.token_secrets);
  if (!keyring.ok()) return at.Blame("token.secret_files", keyring.error().message);
  Result<view::Templates> templates =
      view::Templates::Load(config.templates, view::kPageTemplates, config.overrides);
  if (!templates.ok()) {
    const std::string& problem = templates.error().message;
    const bool own = !config.overrides.empty() && problem.starts_with(config.overrides);
    return at.Blame(own ? "pages.overrides" : "pages.templates", problem);
  }

  Result<password::Permits> permits = OpenPermits(loaded);
  if (!permits.ok()) return permits.error();

  auto shared = std::make_unique<Shared>(std::move(*base), std::move(*keyring),
                                         std::move(*templates), std::move(*hashing), clock,
                                         std::move(counters));
  shared->hash_work = StartHashing(std::move(*permits), config, *shared);
  shared->site_name = config.site_name;
  shared->login = config.login;
  shared->login_url = config.login_url;
  shared->home_url = config.home_url;
  shared->logins = !config.site.login.empty();
  shared->proxies = ToProxies(config);
  shared->trust_remote_user = config.trust_remote_user;
  shared->content_security_policy = ContentSecurityPolicy(config.login_url, config.home_url);
  shared->rehash = config.site.rehash;
  shared->policy = {config.min_password_length, config.min_guesses_log10};
  if (limits != nullptr) {
    shared->limiter = std::make_unique<ratelimit::Limiter>(
        ratelimit::ToSettings(config.limits), std::move(limits),
        shared->keyring.First(token::Purpose::kLimiter).hmac, clock);
  }
  shared->monitors = {config.monitors, config.monitors_by_unix};
  shared->wake_mailer = std::move(wake_mailer);
  return shared;
}

}  // namespace latchkey::web
