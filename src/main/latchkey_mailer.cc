// latchkey_mailer.cc -- sends the mails; see man/latchkey-mailer.8
//
// Holds: the relay's login, the token key, a database login that may read accounts and work the
// outbox. Cannot: accept a connection, write an account.

#include <csignal>
#include <optional>

#include "accounts/accounts.h"
#include "accounts/binding.h"
#include "accounts/late.h"
#include "base/clock.h"
#include "base/die.h"
#include "base/log.h"
#include "config/command_line.h"
#include "config/config.h"
#include "crypto/crypto.h"
#include "db/db.h"
#include "delivery/serve.h"
#include "os/events.h"
#include "os/process.h"
#include "os/signals.h"
#include "outbox/outbox.h"
#include "password/hashing.h"
#include "smtp/smtp.h"
#include "token/keyring.h"
#include "view/view.h"

namespace {

using namespace latchkey;

constexpr char kUsage[] = "latchkey-mailer [--config FILE] [--wake-fd N] [--ready-fd N] [--check]";

smtp::Settings RelaySettings(const config::Mailer& config) {
  smtp::Settings settings;
  settings.host = config.relay_host;
  settings.port = config.relay_port;
  if (config.relay_tls == "starttls") settings.tls = smtp::Tls::kStartTls;
  if (config.relay_tls == "implicit") settings.tls = smtp::Tls::kImplicit;
  settings.ca_file = config.relay_ca;
  settings.user = config.relay_user;
  settings.password = config.relay_password.Copy();
  settings.helo = config.helo;
  settings.timeout = config.relay_timeout;
  settings.answer_timeout = config.relay_answer_timeout;
  return settings;
}

mail::Address AddressOrDie(const config::Positions& positions, const char* key,
                           const std::string& text) {
  const Result<mail::Address> written = mail::Address::Parse(text);
  // As DNS has its domain, so that no relay needs SMTPUTF8 for it.
  const Result<mail::Address> address = written.ok() ? written->WithAsciiDomain() : written;
  if (!address.ok()) Die(positions.Blame(key, address.error().message).message);
  return *address;
}

delivery::Settings DeliverySettings(const config::Loaded<config::Mailer>& loaded) {
  const config::Mailer& config = loaded.part;
  return {.base_url = config.base_url,
          .site_name = config.site_name,
          .from_name = config.from_name,
          .from = AddressOrDie(loaded.positions, "mail.from", config.from_address),
          .bounces = AddressOrDie(loaded.positions, "mail.bounces", config.bounces_address),
          .link_life = config.link_life,
          .max_age = config.max_age,
          .lease = config.lease,
          .send_timeout = 2 * config.relay_timeout,
          .keep = config.keep};
}

// What one thread has to itself.
struct Worker {
  explicit Worker(const config::Mailer& config)
      : session(accounts::SessionSettings(config.database)),
        accounts(session, config.site, {.own_schema = config.database.outbox_schema}),
        queue(session, config.database.outbox_schema, crypto::RandomBytes(16)) {}

  // A database that is away is waited for, but a check insists on it.
  void CheckOrDie(const config::Positions& positions, bool insists) {
    Status checked = accounts.Check();
    if (checked.ok()) checked = queue.Check();
    if (!checked.ok() && !insists && checked.error().next == Next::kTryLater) return;
    OrDie(positions.Place(checked));
  }

  db::Session session;
  accounts::LateAccounts accounts;
  outbox::Queue queue;
  std::optional<delivery::Mailer> mailer;
};

}  // namespace

int main(int argc, char** argv) {
  const config::CommandLine options = config::ParseCommandLineOrExit(argc, argv, kUsage);
  os::SignalEvents signals({SIGTERM, SIGINT});
  const config::Loaded<config::Mailer> loaded = OrDie(config::LoadMailer(options.config_path));
  const config::Mailer& config = loaded.part;
  log::Start("latchkey-mailer", config.log.target, config.log.level);
  OrDie(os::BecomeUser(config.user));
  os::LimitSelf();

  db::InitialiseLibrary();
  smtp::InitialiseLibrary();
  smtp::Settings relay = RelaySettings(config);
  OrDie(loaded.positions.Place(smtp::CheckSettings(relay)));
  const auto templates = OrDie(view::Templates::Load(config.templates, view::kMailTemplates,
                                                     config.overrides));
  const auto keyring = OrDie(token::Keyring::Make(config.token_secrets));
  // It only asks which hashes are of a known scheme: passwords and the site's key are not its business.
  const auto hashing = OrDie(loaded.positions.Place(
      password::Hashing::Make({config.site.reads, config.site.scheme, {}, Secret()})));
  const delivery::Settings settings = DeliverySettings(loaded);
  Worker(config).CheckOrDie(loaded.positions, /*insists=*/options.check);
  if (options.check) return 0;

  const accounts::BoundTokens links(keyring, token::Purpose::kReset, config.base_url,
                                    SystemClock());
  const accounts::BoundTokens not_me_links(keyring, token::Purpose::kNotMe, config.base_url,
                                           SystemClock());
  delivery::RelayPool relays(std::move(relay), config.relay_connections);
  delivery::Ceiling ceiling(config.relay_per_minute, SystemClock());
  delivery::Ledger ledger(config.max_age, SystemClock());
  const auto make = [&] {
    auto worker = std::make_shared<Worker>(config);
    worker->mailer.emplace(
        delivery::Mailer::Parts{worker->queue, worker->accounts, links, not_me_links, hashing,
                                templates, relays, ceiling, ledger, SystemClock()},
                           settings);
    return std::shared_ptr<delivery::Mailer>(worker, &*worker->mailer);
  };
  std::optional<os::WakeEvent> wake;
  if (options.wake_fd >= 0) wake.emplace(UniqueFd(options.wake_fd));
  log::Info("mailer_started");
  if (options.ready_fd >= 0) os::TellReady(options.ready_fd);
  delivery::Crew(make, relays, wake ? &*wake : nullptr, signals)
      .Serve(config.threads);
  log::Info("mailer_stopped");
  return 0;
}
