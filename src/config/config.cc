#include "config/config.h"

#include <algorithm>
#include <thread>

#include "base/ip.h"
#include "config/file.h"
#include "config/read.h"
#include "config/values.h"

namespace latchkey::config {
namespace {

constexpr size_t kMinTokenSecretBytes = 32;

Error Blame(const File& file, std::string_view key, std::string_view problem) {
  return file.positions().Blame(key, problem);
}

Log ReadLog(const File& file) {
  Log log;
  if (file.Text("log.target") == "syslog") log.target = log::Target::kSyslog;
  const std::string& level = file.Text("log.level");
  if (level == "debug") log.level = log::Level::kDebug;
  if (level == "warning") log.level = log::Level::kWarning;
  if (level == "error") log.level = log::Level::kError;
  return log;
}

// Those texts of the key that are for the application's version, without saying so.
Texts ForVersion(const File& file, std::string_view key, std::string_view version) {
  Texts texts;
  for (const std::string& text : file.TextOrList(key)) {
    auto own = AppliesTo(text, version);
    if (own) texts.push_back(std::move(*own));
  }
  return texts;
}

// version: empty for what the file says.
Result<Site> ReadSite(const File& file, std::string_view version = "") {
  if (version.empty()) version = file.Text("site.version");
  const auto list = [&](std::string_view key) { return ForVersion(file, key, version); };
  const Texts schemes = list("site.scheme");
  if (schemes.empty()) {
    return Blame(file, "site.scheme", "names none for this site.version; add one");
  }
  return Site{.schema = file.Text("database.schema"),
              .prefix = file.Text("site.prefix"),
              .table = file.Text("site.prefix") + file.Text("site.table"),
              .id = file.Text("site.id"),
              .addresses = file.TextOrList("site.address"),
              .hash = file.Text("site.hash"),
              .salt = file.Text("site.salt"),
              .login = file.Text("site.login"),
              .joins = list("site.joins"),
              .active = list("site.active"),
              .set = list("site.set"),
              .sessions = list("site.sessions"),
              .procedure = file.Boolean("site.procedure"),
              .all_rows = file.Text("site.rows") == "all",
              .reads = list("site.reads"),
              .scheme = schemes.back(),
              .prepare = list("site.prepare"),
              .rehash = file.Boolean("site.rehash")};
}

Status CheckDatabase(const File& file) {
  const bool has_socket = file.Has("database.socket");
  const bool has_host = file.Has("database.host");
  if (has_socket && has_host) {
    return Blame(file, "database.host", "stands beside database.socket; remove one of the two");
  }
  if (!has_socket && !has_host) {
    return Blame(file, "database.socket", "is missing; give it, or database.host");
  }
  if (has_host && !IsLoopback(file.Text("database.host")) && !file.Has("database.tls_ca")) {
    return Blame(file, "database.host",
                 "is another machine; set database.tls_ca, so that the connection is protected");
  }
  return Ok();
}

// The secret in the file that `key` names, or none where it names none.
Result<Secret> ReadPassword(const File& file, std::string_view key) {
  if (!file.Has(key)) return Secret();
  auto secret = ReadSecretFile(file.Text(key), 1);
  if (!secret.ok()) return Blame(file, key, secret.error().message);
  return secret;
}

// login: "database.web" or "database.mailer".
Result<Database> ReadDatabase(const File& file, const std::string& login) {
  if (auto checked = CheckDatabase(file); !checked.ok()) return checked.error();
  auto password = ReadPassword(file, login + ".password_file");
  if (!password.ok()) return password.error();
  return Database{.socket = file.Text("database.socket"),
                  .host = file.Text("database.host"),
                  .port = static_cast<int>(file.Integer("database.port")),
                  .tls_ca = file.Text("database.tls_ca"),
                  .schema = file.Text("database.schema"),
                  .outbox_schema = file.Text("outbox.schema"),
                  .user = file.Text(login + ".user"),
                  .password = std::move(*password)};
}

Result<std::vector<Secret>> ReadTokenSecrets(const File& file) {
  constexpr std::string_view kKey = "token.secret_files";
  std::vector<Secret> secrets;
  for (const std::string& path : file.List(kKey)) {
    auto secret = ReadSecretFile(path, kMinTokenSecretBytes);
    if (!secret.ok()) return Blame(file, kKey, secret.error().message);
    secrets.push_back(std::move(*secret));
  }
  return secrets;
}

Status CheckPages(const File& file) {
  if (file.Boolean("pages.login")) {
    if (!file.Boolean("peers.trust_remote_user")) return Ok();
    return Blame(file, "peers.trust_remote_user",
                 "is for sites that sign people in themselves; set pages.login = false");
  }
  for (const std::string_view key : {"pages.login_url", "pages.home_url"}) {
    if (!file.Has(key)) return Blame(file, key, "is missing; pages.login = false requires it");
  }
  return Ok();
}

Status CheckRelay(const File& file) {
  const bool protects = file.Text("relay.tls") != "none";
  if (!file.Has("relay.host")) return Blame(file, "relay.host", "is empty; name the SMTP server");
  if (!protects && !IsLoopback(file.Text("relay.host"))) {
    return Blame(file, "relay.tls",
                 "\"none\" is for loopback hosts only; take \"starttls\" (port 587) or "
                 "\"implicit\" (port 465)");
  }
  const std::string& lease = file.Text("outbox.lease");
  if (*ParseDuration(lease) < 3 * *ParseDuration(file.Text("relay.timeout"))) {
    return Blame(file, "outbox.lease",
                 "is shorter than three times relay.timeout; no mail is begun that could outlast it");
  }
  if (!file.Has("relay.user")) return Ok();
  if (!protects) {
    return Blame(file, "relay.user",
                 "would send a password in the clear; set relay.tls to \"starttls\" or "
                 "\"implicit\"");
  }
  if (!file.Has("relay.password_file")) {
    return Blame(file, "relay.password_file", "is missing; relay.user requires it");
  }
  return Ok();
}

std::string DefaultHelo(const std::string& base_url) {
  const std::string host = ParseBaseUrl(base_url)->host;
  const auto address = IpAddress::Parse(host);
  if (!address) return host;
  // RFC 5321, 4.1.3.
  return address->is_v4() ? "[" + host + "]" : "[IPv6:" + host + "]";
}

std::vector<Network> ReadNetworks(const File& file, std::string_view key) {
  std::vector<Network> networks;
  for (const std::string& one : file.List(key)) {
    if (one != kUnixProxy) networks.push_back(*Network::Parse(one));
  }
  return networks;
}

Limit ReadLimit(const File& file, std::string_view key) {
  return *ParseLimit(file.Text(key), kMostOfLimit);
}

Limit ReadCeiling(const File& file, std::string_view key) {
  return *ParseLimit(file.Text(key), kMostOfCeiling);
}

// A counter holds 255 at most, so a limit times a factor must fit.
Status CheckLimits(const File& file) {
  for (const std::string limit : {"limits.reset_request", "limits.reset_password", "limits.login"}) {
    const uint32_t count = ReadLimit(file, limit).count;
    for (const std::string factor :
         {"limits.ipv4_factor", "limits.ipv6_64_factor", "limits.ipv6_48_factor"}) {
      const int64_t times = file.Integer(factor);
      if (count * times <= kMostOfLimit) continue;
      return Blame(file, limit,
                   std::to_string(count) + " times " + factor + ", " + std::to_string(times) +
                       ", is more than 255; lower one of the two");
    }
  }
  return Ok();
}

Result<Limits> ReadLimits(const File& file) {
  if (auto checked = CheckLimits(file); !checked.ok()) return checked.error();
  const auto factor = [&](std::string_view key) {
    return static_cast<uint32_t>(file.Integer(key));
  };
  return Limits{.enabled = file.Boolean("limits.enabled"),
                .dry_run = file.Boolean("limits.dry_run"),
                .table = file.Text("limits.table"),
                .words = static_cast<uint64_t>(file.Integer("limits.words")),
                .reset_request = ReadLimit(file, "limits.reset_request"),
                .reset_password = ReadLimit(file, "limits.reset_password"),
                .login = ReadLimit(file, "limits.login"),
                .account = ReadLimit(file, "limits.account"),
                .reset_request_ceiling = ReadCeiling(file, "limits.reset_request_ceiling"),
                .reset_password_ceiling = ReadCeiling(file, "limits.reset_password_ceiling"),
                .login_ceiling = ReadCeiling(file, "limits.login_ceiling"),
                .ipv4_factor = factor("limits.ipv4_factor"),
                .ipv6_64_factor = factor("limits.ipv6_64_factor"),
                .ipv6_48_factor = factor("limits.ipv6_48_factor"),
                .exempt = ReadNetworks(file, "limits.exempt")};
}

Hashing ReadHashing(const File& file) {
  return Hashing{.permits = static_cast<int>(file.Integer("hashing.permits")),
                 .queue = static_cast<int>(file.Integer("hashing.queue")),
                 .wait = *ParseDuration(file.Text("hashing.wait")),
                 .page = file.Text("hashing.page")};
}

bool Lists(const File& file, std::string_view key, std::string_view text) {
  const Texts& list = file.List(key);
  return std::find(list.begin(), list.end(), text) != list.end();
}

Result<Web> ReadWeb(const File& file) {
  if (auto checked = CheckPages(file); !checked.ok()) return checked.error();
  auto database = ReadDatabase(file, "database.web");
  if (!database.ok()) return database.error();
  auto secrets = ReadTokenSecrets(file);
  if (!secrets.ok()) return secrets.error();
  auto site = ReadSite(file);
  if (!site.ok()) return site.error();
  auto site_key = ReadPassword(file, "site.key_file");
  if (!site_key.ok()) return site_key.error();
  auto limits = ReadLimits(file);
  if (!limits.ok()) return limits.error();
  return Web{.log = ReadLog(file),
             .base_url = file.Text("base_url"),
             .site_name = file.Text("site_name"),
             .user = file.Text("web.user"),
             .threads = static_cast<int>(file.Integer("web.threads")),
             .drain = *ParseDuration(file.Text("web.drain")),
             .token_secrets = std::move(*secrets),
             .database = std::move(*database),
             .site = std::move(*site),
             .site_key = std::move(*site_key),
             .templates = file.Text("pages.templates"),
             .overrides = file.Text("pages.overrides"),
             .login = file.Boolean("pages.login"),
             .login_url = file.Text("pages.login_url"),
             .home_url = file.Text("pages.home_url"),
             .trusted_proxies = ReadNetworks(file, "peers.trusted_proxies"),
             .trusts_unix_proxies = Lists(file, "peers.trusted_proxies", kUnixProxy),
             .forwarded = file.Text("peers.forwarded"),
             .trust_remote_user = file.Boolean("peers.trust_remote_user"),
             .monitors = ReadNetworks(file, "peers.monitors"),
             .monitors_by_unix = Lists(file, "peers.monitors", kUnixProxy),
             .counters = file.Text("web.counters"),
             .min_password_length = static_cast<size_t>(file.Integer("password.min_length")),
             .min_guesses_log10 = file.Number("password.min_guesses_log10"),
             .hashing = ReadHashing(file),
             .limits = std::move(*limits)};
}

// While the mail of one is on its way another prepares the next, and one more claims.
int ReadMailerThreads(const File& file) {
  return 2 * static_cast<int>(file.Integer("relay.connections")) + 1;
}

Result<Mailer> ReadMailer(const File& file) {
  if (auto checked = CheckRelay(file); !checked.ok()) return checked.error();
  auto database = ReadDatabase(file, "database.mailer");
  if (!database.ok()) return database.error();
  auto secrets = ReadTokenSecrets(file);
  if (!secrets.ok()) return secrets.error();
  auto site = ReadSite(file);
  if (!site.ok()) return site.error();
  auto relay_password = ReadPassword(file, "relay.password_file");
  if (!relay_password.ok()) return relay_password.error();
  const std::string& base_url = file.Text("base_url");
  return Mailer{
      .log = ReadLog(file),
      .base_url = base_url,
      .site_name = file.Text("site_name"),
      .user = file.Text("mailer.user"),
      .token_secrets = std::move(*secrets),
      .link_life = *ParseDuration(file.Text("token.link_life")),
      .database = std::move(*database),
      .site = std::move(*site),
      .templates = file.Text("pages.templates"),
      .overrides = file.Text("pages.overrides"),
      .from_name = file.Text(file.Has("mail.from_name") ? "mail.from_name" : "site_name"),
      .from_address = file.Text("mail.from"),
      .bounces_address = file.Text(file.Has("mail.bounces") ? "mail.bounces" : "mail.from"),
      .max_age = *ParseDuration(file.Text("outbox.max_age")),
      .keep = *ParseDuration(file.Text("outbox.keep")),
      .lease = *ParseDuration(file.Text("outbox.lease")),
      .relay_host = file.Text("relay.host"),
      .relay_port = static_cast<int>(file.Integer("relay.port")),
      .relay_tls = file.Text("relay.tls"),
      .relay_ca = file.Text("relay.ca_file"),
      .relay_user = file.Text("relay.user"),
      .relay_password = std::move(*relay_password),
      .helo = file.Has("relay.helo") ? file.Text("relay.helo") : DefaultHelo(base_url),
      .relay_connections = static_cast<int>(file.Integer("relay.connections")),
      .threads = ReadMailerThreads(file),
      .relay_per_minute = static_cast<size_t>(file.Integer("relay.per_minute")),
      .relay_timeout = *ParseDuration(file.Text("relay.timeout")),
      .relay_answer_timeout = *ParseDuration(file.Text("relay.answer_timeout"))};
}

// 0: as many as cores.
int ReadWorkers(const File& file) {
  const auto workers = static_cast<int>(file.Integer("web.workers"));
  return workers != 0 ? workers : static_cast<int>(std::max(1u, std::thread::hardware_concurrency()));
}

Result<Supervisor> ReadSupervisor(const File& file) {
  return Supervisor{.log = ReadLog(file),
                    .socket = file.Text("web.socket"),
                    .socket_mode = *ParseMode(file.Text("web.socket_mode")),
                    .socket_group = file.Text("web.socket_group"),
                    .workers = ReadWorkers(file),
                    .threads = static_cast<int>(file.Integer("web.threads")),
                    .mailer_threads = ReadMailerThreads(file),
                    .drain = *ParseDuration(file.Text("web.drain"))};
}

Result<Admin> ReadAdmin(const File& file) {
  if (auto checked = CheckDatabase(file); !checked.ok()) return checked.error();
  auto site = ReadSite(file);
  if (!site.ok()) return site.error();
  const bool here = file.Has("database.socket") || IsLoopback(file.Text("database.host"));
  return Admin{.outbox_schema = file.Text("outbox.schema"),
               .web_login = file.Text("database.web.user"),
               .mailer_login = file.Text("database.mailer.user"),
               .database_host = here ? "localhost" : file.Text("database.host"),
               .hashing = ReadHashing(file),
               .threads = static_cast<int>(file.Integer("web.threads")),
               .site = std::move(*site)};
}

Result<LimitsAdmin> ReadLimitsAdmin(const File& file) {
  auto limits = ReadLimits(file);
  if (!limits.ok()) return limits.error();
  auto secrets = ReadTokenSecrets(file);
  if (!secrets.ok()) return secrets.error();
  return LimitsAdmin{.limits = std::move(*limits),
                     .user = file.Text("web.user"),
                     .token_secrets = std::move(*secrets)};
}

template <typename Part>
Result<Loaded<Part>> Load(const std::string& path, Result<Part> (*read)(const File&)) {
  const auto file = File::Read(path);
  if (!file.ok()) return file.error();
  auto part = read(*file);
  if (!part.ok()) return part.error();
  return Loaded<Part>{std::move(*part), file->positions()};
}

}  // namespace

Result<Site> LoadPreset(const std::string& name, std::string_view version,
                        const std::string& directory) {
  const auto file = File::ReadPreset(name, directory);
  if (!file.ok()) return file.error();
  return ReadSite(*file, version);
}

Threads Share(int threads) {
  const int storing = std::clamp(threads / 4, 1, 2);
  return {.answering = std::max(threads - storing, std::min(threads, 2)), .storing = storing};
}

Result<Loaded<Web>> LoadWeb(const std::string& path) { return Load(path, ReadWeb); }
Result<Loaded<Mailer>> LoadMailer(const std::string& path) { return Load(path, ReadMailer); }
Result<Loaded<Supervisor>> LoadSupervisor(const std::string& path) {
  return Load(path, ReadSupervisor);
}
Result<Loaded<Admin>> LoadAdmin(const std::string& path) { return Load(path, ReadAdmin); }
Result<Loaded<LimitsAdmin>> LoadLimits(const std::string& path) {
  return Load(path, ReadLimitsAdmin);
}

}  // namespace latchkey::config
