#include "config/keys.h"

#include <algorithm>

#include "base/text.h"

namespace latchkey::config {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

std::vector<Row> MakeRows() {
  return {
      {"base_url", BaseUrl(), "", "Where visitors reach the pages; every link begins with it."},
      {"site_name", Text(), R"("this site")", "The site's name in pages and mails."},

      {"log.target", Choice({"stderr", "syslog"}), R"("stderr")", "Where log lines go."},
      {"log.level", Choice({"debug", "info", "warning", "error"}), R"("info")",
       "The least important lines that are written."},

      {"web.user", UserName(), R"("latchkey-web")",
       "The user whose rights latchkey-web takes when it is started as root."},
      {"web.threads", Integer(1, 256), "8",
       "Threads of one worker; one or two store what forms ask for, the others answer requests."},
      {"web.workers", Integer(0, 256), "0", "Web processes; 0: as many as cores."},
      {"web.socket", SocketPath(), R"("/run/latchkey/web.sock")",
       "The unix socket for the web server."},
      {"web.socket_mode", Mode(), R"("0660")", "The socket's permissions."},
      {"web.socket_group", Text(), R"("")",
       "The socket's group, the web server's; empty: our own."},
      {"web.counters", Path(), R"("/run/latchkey/counters")",
       "The file of the numbers that /metrics tells."},
      {"web.drain", Duration(seconds(0), hours(1)), R"("10s")",
       "How long a worker that is to end waits for open connections; from 25s on raise TimeoutStopSec of "
       "latchkey.service too."},

      {"pages.templates", Path(), R"("/usr/share/latchkey/templates")",
       "The directory of the templates."},
      {"pages.overrides", Path(), R"("")",
       "A directory with templates of the site's own, each in the place of the one of its name."},
      {"pages.login", Boolean(), "true", "Whether Latchkey has the sign-in page."},
      {"pages.login_url", PageUrl(), R"("")", "The site's own sign-in page, where login is false."},
      {"pages.home_url", PageUrl(), R"("")", "The site's own first page, where login is false."},

      {"peers.trusted_proxies", ProxyList(), "[]",
       "Whose word counts on who the visitor is: proxies in front of the web server."},
      {"peers.forwarded", Choice({"x-forwarded-for", "forwarded"}), R"("x-forwarded-for")",
       "The header that they say it in."},
      {"peers.trust_remote_user", Boolean(), "false",
       "Whether a visitor that the web server names in REMOTE_USER is signed in."},
      {"peers.monitors", ProxyList(), R"(["127.0.0.0/8", "::1", "unix:"])",
       "Who may read /metrics and /healthz; to all others there are no such pages."},

      {"database.socket", Path(), R"("")", "The database's unix socket; either this or host."},
      {"database.host", Host(), R"("")", "The database's host; either this or socket."},
      {"database.port", Integer(1, 65535), "3306", "The database's port."},
      {"database.tls_ca", Path(), R"("")",
       "The CA that signed the database's certificate; required for another host."},
      {"database.schema", Identifier(), "", "The schema with the site's tables."},
      {"database.web.user", UserName(), R"("latchkey_web")", "The web process's database user."},
      {"database.web.password_file", Path(), R"("")",
       "The file with its password; empty: no password."},
      {"database.mailer.user", UserName(), R"("latchkey_mailer")", "The mailer's database user."},
      {"database.mailer.password_file", Path(), R"("")",
       "The file with its password; empty: no password."},

      {"outbox.schema", Identifier(), R"("latchkey")", "The schema with Latchkey's own tables."},
      {"outbox.max_age", Duration(seconds(1), hours(24)), R"("1h")",
       "A mail that could not be sent for so long is abandoned."},
      {"outbox.keep", Duration(seconds(0), hours(24 * 365)), R"("7d")",
       "How long notes that ended otherwise than sent are kept for latchkey queue."},
      {"outbox.lease", Duration(seconds(2), hours(1)), R"("3m")",
       "After how long another mailer takes over what one has begun; at least three times relay.timeout."},

      {"site.preset", PresetName(), R"("")",
       "The application whose table of accounts it is, which then says all that follows; empty: none."},
      {"site.presets", Path(), R"("")",
       "The directory of the presets; empty: the one that came with the program."},
      {"site.version", Version(), R"("")",
       "The application's version; empty: what the preset assumes."},
      {"site.prefix", OptionalIdentifier(), R"("")",
       "What stands in front of the name of each of the site's tables."},
      {"site.table", Identifier(), "", "The table of accounts."},
      {"site.id", Identifier(), "", "Its key column."},
      {"site.address", Columns(), "", "Its column of mail addresses, or a list of several."},
      {"site.hash", Identifier(), "", "Its column of password hashes."},
      {"site.salt", OptionalIdentifier(), R"("")",
       "Its column of salts, where they are not in the hash; empty: none."},
      {"site.login", OptionalColumn(), R"("")",
       "Its column of user names, which people may then type too; empty: addresses only."},
      {"site.joins", TextList(), "[]",
       "Further tables that hold columns of an account, each as \"{table} ON condition\"."},
      {"site.active", TextList(), "[]", "Conditions that an account must meet, all of them."},
      {"site.set", TextList(), "[]",
       "Further columns that a new password sets, each as \"{column} = value\"."},
      {"site.sessions", TextList(), "[]",
       "Statements that end an account's sessions when its password was set."},
      {"site.procedure", Boolean(), "false",
       "Whether these are stored procedures in outbox.schema, so that latchkey-web needs no right "
       "to their tables."},
      {"site.rows", Choice({"one", "all"}), R"("one")",
       "Whether an id has one row, or several that change together."},
      {"site.reads", TextList(), "[]",
       "The schemes that stored hashes may be of; empty: every one that says in the hash what it is."},
      {"site.scheme", TextOrList(), R"("argon2id")",
       "How new passwords are hashed; latchkey hash schemes lists the names."},
      {"site.prepare", TextList(), "[]",
       "What the application does to a password before it hashes it, step by step."},
      {"site.key_file", Path(), R"("")",
       "The file with the application's own key, where its hashes need one."},
      {"site.rehash", Boolean(), "true",
       "Whether signing in replaces a hash that is weaker than what would be written today."},

      {"token.secret_files", PathList(), "",
       "Files with a secret of at least 32 bytes each; the first signs, all verify."},
      {"token.link_life", Duration(seconds(1), hours(24)), R"("10m")", "How long a link is good."},

      {"password.min_length", Integer(8, 128), "15", "The fewest characters of a new password."},
      {"password.min_guesses_log10", Number(0, 30), "10",
       "The fewest guesses a new password must withstand, as a power of ten."},

      {"hashing.permits", Integer(0, 254), "0",
       "Hashes that are computed at a time, by all processes together; 0: one fewer than cores."},
      {"hashing.queue", Integer(0, 256), "0",
       "Requests of one worker that may hash or wait to; more are told to come again. 0: half of "
       "its threads that answer."},
      {"hashing.wait", Duration(seconds(1), seconds(20)), R"("1s")",
       "How long a request may wait to hash before it is told to come again."},
      {"hashing.page", Path(), R"("/run/latchkey/permits")",
       "The file of the shared permits, but for 8 digits at the end of its name."},

      {"limits.enabled", Boolean(), "true", "Whether requests are counted and limited."},
      {"limits.dry_run", Boolean(), "false",
       "Whether requests are only counted, and what would be refused is only logged."},
      {"limits.reset_request", LimitText(), R"("5/minute")", "Requests for a link, by one peer."},
      {"limits.reset_password", LimitText(), R"("3/minute")",
       "Attempts to set a password, by one peer."},
      {"limits.login", LimitText(), R"("5/minute")", "Attempts to sign in, by one peer."},
      {"limits.account", LimitText(), R"("10/hour")",
       "Mails with links to one address, whoever asks; what is above is not sent, and not told."},
      {"limits.reset_request_ceiling", CeilingText(), R"("6000/minute")",
       "Requests for a link, by all peers together."},
      {"limits.reset_password_ceiling", CeilingText(), R"("6000/minute")",
       "Attempts to set a password, by all peers together."},
      {"limits.login_ceiling", CeilingText(), R"("6000/minute")",
       "Attempts to sign in, by all peers together."},
      {"limits.ipv4_factor", Integer(1, 255), "1", "An IPv4 address may do so many times the limit."},
      {"limits.ipv6_64_factor", Integer(1, 255), "1", "An IPv6 /64 may do so many times the limit."},
      {"limits.ipv6_48_factor", Integer(1, 255), "4", "An IPv6 /48 may do so many times the limit."},
      {"limits.exempt", NetworkList(), "[]", "Peers that are not counted."},
      {"limits.table", Path(), R"("/run/latchkey/limits")",
       "The file of the shared counters, but for 8 digits at the end of its name."},
      {"limits.words", Integer(0, 1 << 30), "0",
       "Its size in words of 8 bytes, one for each counter; 0: what the ceilings call for. "
       "In another size all is counted anew."},

      {"mail.from", MailAddress(), "", "The sender's address; a domain beyond ASCII is sent as DNS has it."},
      {"mail.from_name", Text(), R"("")", "The sender's name; empty: site_name."},
      {"mail.bounces", OptionalMailAddress(), R"("")",
       "Where mails that cannot be delivered come back to; empty: mail.from."},

      {"relay.host", Host(), R"("127.0.0.1")", "The SMTP server."},
      {"relay.port", Integer(1, 65535), "25", "Its port."},
      {"relay.tls", Choice({"none", "starttls", "implicit"}), R"("none")",
       "How the connection is protected; \"none\" for loopback hosts only."},
      {"relay.ca_file", Path(), R"("")",
       "The CA that signed the relay's certificate; empty: the system's."},
      {"relay.user", Text(), R"("")", "The login at the relay; empty: none. Needs tls."},
      {"relay.password_file", Path(), R"("")", "The file with the login's password."},
      {"relay.connections", Integer(1, 64), "4", "Mails that are sent at a time."},
      {"relay.per_minute", Integer(0, 100000), "0",
       "The most mails that one mailer sends in a minute; each node's mailer has it. 0: no limit."},
      {"relay.timeout", Duration(seconds(1), seconds(600)), R"("60s")",
       "How long sending one mail may take, up to its end."},
      {"relay.answer_timeout", Duration(seconds(1), hours(1)), R"("10m")",
       "How long the relay's answer to a whole mail is waited for: giving up too early sends it twice."},
      {"relay.helo", Text(), R"("")", "Our name towards the relay; empty: the host of base_url."},

      {"mailer.user", UserName(), R"("latchkey-mail")",
       "The user whose rights latchkey-mailer takes when it is started as root."},
  };
}

std::string_view LastName(std::string_view key) { return key.substr(key.rfind('.') + 1); }

// The row that was meant, or nullptr: one a few letters away, or the same name in another table.
const Row* Nearest(std::string_view key) {
  constexpr size_t kMostLetters = 3;
  // No quadratic time over a key of a megabyte.
  if (key.size() > 100) return nullptr;
  const auto& rows = Rows();
  const auto nearer = [key](const Row& a, const Row& b) {
    return EditDistance(a.key, key) < EditDistance(b.key, key);
  };
  const auto nearest = std::min_element(rows.begin(), rows.end(), nearer);
  if (EditDistance(nearest->key, key) <= kMostLetters) return &*nearest;
  const auto same = std::find_if(rows.begin(), rows.end(), [key](const Row& row) {
    return LastName(row.key) == LastName(key);
  });
  return same == rows.end() ? nullptr : &*same;
}

}  // namespace

const std::vector<Row>& Rows() {
  static const std::vector<Row> rows = MakeRows();
  return rows;
}

const Row* FindRow(std::string_view key) {
  const auto row = std::find_if(Rows().begin(), Rows().end(),
                                [key](const Row& candidate) { return candidate.key == key; });
  return row == Rows().end() ? nullptr : &*row;
}

bool IsTable(std::string_view key) {
  const std::string prefix = std::string(key) + ".";
  return std::any_of(Rows().begin(), Rows().end(),
                     [&prefix](const Row& row) { return row.key.starts_with(prefix); });
}

std::string Unknown(std::string_view key) {
  const Row* meant = Nearest(key);
  if (meant == nullptr) return "is unknown; latchkey check-config --keys lists the keys";
  std::string advice = "is unknown; did you mean " + meant->key + "?";
  if (meant->key.find('.') == std::string::npos) advice += " It stands above the first [table]";
  return advice;
}

std::vector<KeyHelp> Keys() {
  std::vector<KeyHelp> keys;
  for (const Row& row : Rows()) {
    keys.push_back({row.key, row.type.name, row.default_value, row.required(), row.help});
  }
  return keys;
}

}  // namespace latchkey::config
