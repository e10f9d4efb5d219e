// config.h -- /etc/latchkey/latchkey.toml as one struct per program
//
// One file for all programs. Each program parses all of it (an unknown key or a wrong type anywhere is
// refused by all), validates and loads only its own part: the secrets of another stay closed to it.
// Every key is one row of a table in keys.cc {key, type, default, help}; the manual page and the
// example are held to that table by a test. Errors are "file:line:column: key: what is wrong; what to do".
// Nothing here is read again after start.

#pragma once

#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "base/log.h"
#include "base/result.h"
#include "base/secret.h"

namespace latchkey::config {

// "/etc/latchkey/latchkey.toml:12:8" of a key, or of its table or of the file where it is not written:
// for errors found later (a column that is not in the database).
class Positions {
 public:
  std::string At(std::string_view key) const;
  // An Error that names file, line, key and cure.
  Error Blame(std::string_view key, std::string_view problem) const;
  // For checks that know the key but not the file: an error whose message begins "key: " gets its
  // file and line in front; any other, and success, stays.
  Status Place(const Status& status) const;
  template <typename T>
  Result<T> Place(Result<T> result) const {
    if (result.ok()) return result;
    return Place(Status(result.error())).error();
  }

 private:
  friend class File;
  struct Point {
    std::string path;
    int line;
    int column;
  };
  std::string path_;
  std::map<std::string, Point, std::less<>> places_;
};

struct Log {
  log::Target target = log::Target::kStderr;
  log::Level level = log::Level::kInfo;
};

struct Database {
  std::string socket;
  std::string host;
  int port = 3306;
  std::string tls_ca;
  std::string schema;         // the site's
  std::string outbox_schema;  // ours
  std::string user;           // this program's login
  Secret password;
};

// The mapping of the users table: a preset's, and what the configuration says otherwise. Of what is
// said for several versions of the application only that of `version` is here. joins, active, set and
// sessions are as accounts/sql.h reads them; other names of tables have their prefix already.
struct Site {
  std::string schema;
  std::string prefix = {};
  std::string table;
  std::string id;
  std::vector<std::string> addresses;  // at least one; "column" or "table.column"
  std::string hash;
  std::string salt = {};   // empty: none
  std::string login = {};  // empty: people type their address only; "column" or "table.column"
  std::vector<std::string> joins = {};
  std::vector<std::string> active = {};
  std::vector<std::string> set = {};
  std::vector<std::string> sessions = {};
  bool procedure = false;
  bool all_rows = false;                 // the rows of one id change together
  std::vector<std::string> reads = {};   // schemes; empty: all self-describing ones
  std::string scheme = "argon2id";       // that is written
  std::vector<std::string> prepare = {};
  bool rehash = true;
};

// The site of a preset alone, for commands that have no configuration. version: empty for what the
// preset assumes; directory: empty for the one that came with the program.
Result<Site> LoadPreset(const std::string& name, std::string_view version,
                        const std::string& directory);

struct Limit {
  uint32_t count = 0;
  std::chrono::seconds window{0};
};

struct Limits {
  bool enabled = true;
  bool dry_run = false;
  std::string table;   // the beginning of its file's name
  uint64_t words = 0;  // 0: what the ceilings call for
  Limit reset_request, reset_password, login, account;
  Limit reset_request_ceiling, reset_password_ceiling, login_ceiling;  // of all peers together
  uint32_t ipv4_factor = 1, ipv6_64_factor = 1, ipv6_48_factor = 1;    // times a peer's limit
  std::vector<Network> exempt;
};

// How hashes are computed; what is 0 follows from the machine or from web.threads.
struct Hashing {
  int permits = 0;
  int queue = 0;
  std::chrono::seconds wait{1};
  std::string page;  // the beginning of its file's name
};

// What web.threads are for; each may have a connection to the database. One stores beside the first two,
// so that a hash never keeps all others waiting.
struct Threads {
  int answering;  // requests
  int storing;    // notes, many at a time
};
Threads Share(int threads);

struct Web {
  Log log;
  std::string base_url;
  std::string site_name;
  std::string user;  // whose rights latchkey-web takes when started as root
  int threads = 8;
  std::chrono::seconds drain{10};  // how long SIGTERM waits for kept connections
  std::vector<Secret> token_secrets;
  Database database;
  Site site;
  Secret site_key;  // the application's own; empty: none
  std::string templates;
  std::string overrides;  // empty: none
  bool login = true;   // the built-in sign-in page
  std::string login_url, home_url;  // the site's own, where login is false
  std::vector<Network> trusted_proxies;
  bool trusts_unix_proxies = false;  // "unix:" is one of them
  std::string forwarded;             // "x-forwarded-for", "forwarded"
  bool trust_remote_user = false;
  std::vector<Network> monitors;  // who may read /metrics
  bool monitors_by_unix = false;  // "unix:" is one of them
  std::string counters;           // the file of what /metrics tells
  size_t min_password_length = 15;
  double min_guesses_log10 = 10;
  Hashing hashing;
  Limits limits;
};

struct Mailer {
  Log log;
  std::string base_url;
  std::string site_name;
  std::string user;
  std::vector<Secret> token_secrets;
  std::chrono::seconds link_life{600};
  Database database;
  Site site;
  std::string templates;
  std::string overrides;  // empty: none
  std::string from_name, from_address;
  std::string bounces_address;  // the envelope's sender
  std::chrono::seconds max_age{3600}, keep{7 * 24 * 3600}, lease{180};
  std::string relay_host;
  int relay_port = 25;
  std::string relay_tls;  // "none", "starttls", "implicit"
  std::string relay_ca;
  std::string relay_user;
  Secret relay_password;
  std::string helo;
  int relay_connections = 4;
  int threads = 9;
  size_t relay_per_minute = 0;  // 0: no limit
  std::chrono::seconds relay_timeout{60};
  std::chrono::seconds relay_answer_timeout{600};
};

struct Supervisor {
  Log log;
  std::string socket;
  unsigned socket_mode = 0660;
  std::string socket_group;
  int workers = 1;
  int threads = 8;         // of one worker
  int mailer_threads = 9;  // each with a connection to the database
  std::chrono::seconds drain{10};  // what a worker that is to end may take
};

// For `latchkey schema` and its like; opens no secret.
struct Admin {
  std::string outbox_schema;
  std::string web_login, mailer_login;  // database users
  std::string database_host;            // "localhost" where a socket is used
  Hashing hashing = {};
  int threads = 8;  // of one worker
  Site site;
};

// For `latchkey limits`, which works with latchkey-web's table as latchkey-web's user.
struct LimitsAdmin {
  Limits limits;
  std::string user;
  std::vector<Secret> token_secrets;
};

template <typename Part>
struct Loaded {
  Part part;
  Positions positions;
};

Result<Loaded<Web>> LoadWeb(const std::string& path);
Result<Loaded<Mailer>> LoadMailer(const std::string& path);
Result<Loaded<Supervisor>> LoadSupervisor(const std::string& path);
Result<Loaded<Admin>> LoadAdmin(const std::string& path);
Result<Loaded<LimitsAdmin>> LoadLimits(const std::string& path);

// One row of the table of keys, for the manual, the example and their test.
struct KeyHelp {
  std::string key;            // "web.threads"
  std::string type;           // "integer 1-256", "duration", ...
  std::string default_value;  // as it would be written; empty: required or none
  bool required;
  std::string help;
};
std::vector<KeyHelp> Keys();

}  // namespace latchkey::config
