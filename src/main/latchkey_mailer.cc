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
#include "delivery/delivery.h"
#include "os/events.h"
#include "os/process.h"
#include "os/signals.h"
#include "outbox/outbox.h"
#include "smtp/smtp.h"
#include "token/keyring.h"
#include "view/view.h"

namespace {

using namespace latchkey;

constexpr char kUsage[] = "latchkey-mailer [--config FILE] [--wake-fd N] [--check]";

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
  return settings;
}

mail::Address FromOrDie(const config::Loaded<config::Mailer>& loaded) {
  const Result<mail::Address> from = mail::Address::Parse(loaded.part.from_address);
  if (!from.ok()) Die(loaded.positions.Blame("mail.from", from.error().message).message);
  return *from;
}

// A database that is away is waited for, but a check insists on it.
void CheckDatabaseOrDie(const config::Positions& positions, accounts::LateAccounts& accounts,
                        outbox::Queue& queue, bool insists) {
  Status checked = accounts.Check();
  if (checked.ok()) checked = queue.Check();
  if (!checked.ok() && !insists && checked.error().next == Next::kTryLater) return;
  OrDie(positions.Place(checked));
}

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
  db::Session session(accounts::SessionSettings(config.database));
  accounts::LateAccounts accounts(session, config.site, /*needs_write=*/false, /*hash_bytes=*/0);
  outbox::Queue queue(session, config.database.outbox_schema, crypto::RandomBytes(16));
  CheckDatabaseOrDie(loaded.positions, accounts, queue, /*insists=*/options.check);
  delivery::Settings settings{config.base_url, config.site_name, config.from_name,
                              FromOrDie(loaded), config.link_life};
  if (options.check) return 0;

  const accounts::BoundTokens links(keyring, token::Purpose::kReset, config.base_url,
                                    SystemClock());
  delivery::RelaySender sender(std::move(relay));
  delivery::Mailer mailer({queue, accounts, links, templates, sender, SystemClock()},
                          std::move(settings));
  std::optional<os::WakeEvent> wake;
  if (options.wake_fd >= 0) wake.emplace(UniqueFd(options.wake_fd));
  log::Info("mailer_started");
  delivery::Serve(mailer, wake ? &*wake : nullptr, signals);
  log::Info("mailer_stopped");
  return 0;
}
