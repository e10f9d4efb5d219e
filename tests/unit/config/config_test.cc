#include "config/config.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>

#include "support/temp_dir.h"

namespace latchkey::config {
namespace {

namespace fs = std::filesystem;

// A file of one line per key, so that a test can name the line its error must carry.
class ConfigTest : public testing::Test {
 protected:
  ConfigTest() {
    Secret("key.secret", std::string(32, 'k'));
    Short();
  }

  // The shortest file that will do.
  void Short() {
    Write(R"(base_url = "https://www.example.org/account"
[database]
socket = "/run/mysqld/mysqld.sock"
schema = "site"
[site]
table = "users"
id = "id"
address = "email"
hash = "password_hash"
[token]
secret_files = ["@/key.secret"]
[mail]
from = "no-reply@example.org"
)");
  }

  std::string Path(const std::string& name) { return temp_.Path(name); }

  void Secret(const std::string& name, const std::string& bytes, fs::perms mode = fs::perms(0640)) {
    std::ofstream(Path(name), std::ios::binary) << bytes;
    fs::permissions(Path(name), mode);
  }

  // "@" stands for the directory of the test.
  void Write(std::string text) {
    for (size_t at = 0; (at = text.find("@/", at)) != std::string::npos;) {
      text.replace(at, 1, temp_.path());
    }
    text_ = std::move(text);
    std::ofstream(Path("latchkey.toml"), std::ios::binary) << text_;
  }

  // Adds lines at the end; the first of them is line kAdded.
  static constexpr int kAdded = 14;
  void Add(const std::string& lines) { Write(text_ + lines); }

  // Puts `after` in the place of `before`, which must be there.
  void Change(const std::string& before, const std::string& after) {
    const size_t at = text_.find(before);
    ASSERT_NE(at, std::string::npos) << before;
    Write(std::string(text_).replace(at, before.size(), after));
  }

  Web GoodWeb() { return Good(LoadWeb(Path("latchkey.toml"))); }
  Mailer GoodMailer() { return Good(LoadMailer(Path("latchkey.toml"))); }

  // The message without the directory: "latchkey.toml:3: web.threads: ...".
  std::string WebError() { return BadOf(LoadWeb(Path("latchkey.toml"))); }
  std::string MailerError() { return BadOf(LoadMailer(Path("latchkey.toml"))); }
  std::string SupervisorError() { return BadOf(LoadSupervisor(Path("latchkey.toml"))); }
  std::string AdminError() { return BadOf(LoadAdmin(Path("latchkey.toml"))); }

  TempDir temp_;

 private:
  template <typename Part>
  Part Good(Result<Loaded<Part>> loaded) {
    if (!loaded.ok()) {
      ADD_FAILURE() << loaded.error().message;
      return {};
    }
    return std::move(loaded->part);
  }
  template <typename Part>
  std::string BadOf(const Result<Loaded<Part>>& loaded) {
    if (loaded.ok()) return "no error";
    EXPECT_EQ(loaded.error().next, Next::kFixSetup);
    std::string message = loaded.error().message;
    const std::string prefix = Path("");
    for (size_t at; (at = message.find(prefix)) != std::string::npos;) {
      message.erase(at, prefix.size());
    }
    // Columns have a test of their own.
    static const std::regex column("^([a-z/]+\\.toml:[0-9]+):[0-9]+: ");
    return std::regex_replace(message, column, "$1: ");
  }

  std::string text_;
};

std::string Line(int line) { return "latchkey.toml:" + std::to_string(line) + ": "; }

TEST_F(ConfigTest, AShortFileGivesEveryDefault) {
  const Web web = GoodWeb();
  EXPECT_EQ(web.base_url, "https://www.example.org/account");
  EXPECT_EQ(web.user, "latchkey-web");
  EXPECT_EQ(web.threads, 8);
  EXPECT_EQ(web.drain, std::chrono::seconds(10));
  EXPECT_EQ(web.database.socket, "/run/mysqld/mysqld.sock");
  EXPECT_EQ(web.database.port, 3306);
  EXPECT_EQ(web.database.user, "latchkey_web");
  EXPECT_TRUE(web.database.password.empty());
  EXPECT_EQ(web.database.outbox_schema, "latchkey");
  EXPECT_EQ(web.site.hash, "password_hash");
  EXPECT_EQ(web.site.scheme, "argon2id");
  EXPECT_TRUE(web.login);
  EXPECT_EQ(web.min_password_length, 15u);
  EXPECT_DOUBLE_EQ(web.min_guesses_log10, 10);
  EXPECT_TRUE(web.limits.enabled);
  EXPECT_FALSE(web.limits.dry_run);
  EXPECT_EQ(web.limits.words, 0u);
  EXPECT_EQ(web.limits.reset_request.count, 5u);
  EXPECT_EQ(web.limits.reset_password.count, 3u);
  EXPECT_EQ(web.limits.login.window, std::chrono::seconds(60));
  EXPECT_EQ(web.limits.account.window, std::chrono::hours(1));
  EXPECT_EQ(web.limits.login_ceiling.count, 6000u);
  EXPECT_EQ(web.limits.ipv6_48_factor, 4u);
  EXPECT_TRUE(web.limits.exempt.empty());
}

TEST_F(ConfigTest, TheMailersDefaultsComeFromItsOwnTablesAndFromTheBaseUrl) {
  const Mailer mailer = GoodMailer();
  EXPECT_EQ(mailer.user, "latchkey-mail");
  EXPECT_EQ(mailer.database.user, "latchkey_mailer");
  EXPECT_EQ(mailer.link_life, std::chrono::minutes(10));
  EXPECT_EQ(mailer.from_name, "this site");
  EXPECT_EQ(mailer.from_address, "no-reply@example.org");
  EXPECT_EQ(mailer.relay_host, "127.0.0.1");
  EXPECT_EQ(mailer.relay_tls, "none");
  EXPECT_EQ(mailer.helo, "www.example.org");
}

TEST_F(ConfigTest, WorkersAreAsManyAsCores) {
  const auto supervisor = LoadSupervisor(Path("latchkey.toml"));
  ASSERT_TRUE(supervisor.ok());
  EXPECT_EQ(supervisor->part.workers, sysconf(_SC_NPROCESSORS_ONLN));
}

TEST(Threads, MostAnswerAndOneOrTwoStore) {
  const auto share = [](int threads) {
    const Threads shared = Share(threads);
    return std::pair(shared.answering, shared.storing);
  };
  EXPECT_EQ(share(1), std::pair(1, 1));
  EXPECT_EQ(share(2), std::pair(2, 1));
  EXPECT_EQ(share(3), std::pair(2, 1));
  EXPECT_EQ(share(8), std::pair(6, 2));
  EXPECT_EQ(share(64), std::pair(62, 2));
}

TEST_F(ConfigTest, HeloOfAnAddressIsAnAddressLiteral) {
  Change("https://www.example.org/account", "http://127.0.0.1:8080");
  EXPECT_EQ(GoodMailer().helo, "[127.0.0.1]");
  Change("http://127.0.0.1:8080", "http://[::1]:8080");
  EXPECT_EQ(GoodMailer().helo, "[IPv6:::1]");
}

TEST_F(ConfigTest, EachProgramReadsItsOwnPart) {
  Add(R"([web]
socket_mode = "0600"
workers = 3
drain = "2m"
[log]
target = "syslog"
level = "error"
)");
  const auto supervisor = LoadSupervisor(Path("latchkey.toml"));
  ASSERT_TRUE(supervisor.ok());
  EXPECT_EQ(supervisor->part.socket, "/run/latchkey/web.sock");
  EXPECT_EQ(supervisor->part.socket_mode, 0600u);
  EXPECT_EQ(supervisor->part.workers, 3);
  EXPECT_EQ(supervisor->part.mailer_threads, 9);
  EXPECT_EQ(supervisor->part.drain, std::chrono::minutes(2));
  EXPECT_EQ(supervisor->part.log.target, log::Target::kSyslog);
  EXPECT_EQ(supervisor->part.log.level, log::Level::kError);
  const auto admin = LoadAdmin(Path("latchkey.toml"));
  ASSERT_TRUE(admin.ok());
  EXPECT_EQ(admin->part.database_host, "localhost");
  EXPECT_EQ(admin->part.web_login, "latchkey_web");
}

TEST_F(ConfigTest, NoProgramOpensTheSecretsOfAnother) {
  Add("[database.mailer]\npassword_file = \"/nonexistent/mailer\"\n");
  GoodWeb();
  EXPECT_EQ(SupervisorError(), "no error");
  EXPECT_EQ(AdminError(), "no error");
  EXPECT_EQ(MailerError(),
            Line(15) + "database.mailer.password_file: /nonexistent/mailer is not there; make it");
  fs::remove(Path("key.secret"));
  EXPECT_EQ(SupervisorError(), "no error");
  EXPECT_EQ(AdminError(), "no error");
}

TEST_F(ConfigTest, ASecretFileLosesOneNewlineAndNoMore) {
  Secret("db.secret", "pass word\n\n");
  Add("[database.web]\npassword_file = \"@/db.secret\"\n");
  EXPECT_EQ(GoodWeb().database.password.Reveal(), "pass word\n");
}

TEST_F(ConfigTest, TokenSecretsKeepTheirOrder) {
  Secret("old.secret", std::string(33, 'o') + "\n");
  Change("\"]", "\", \"@/old.secret\"]");
  const Web web = GoodWeb();
  ASSERT_EQ(web.token_secrets.size(), 2u);
  EXPECT_EQ(web.token_secrets[0].Reveal(), std::string(32, 'k'));
  EXPECT_EQ(web.token_secrets[1].Reveal(), std::string(33, 'o'));
}

TEST_F(ConfigTest, BadSecretFilesAreBlamedOnTheirKey) {
  const std::string where = Line(11) + "token.secret_files: key.secret ";
  Secret("key.secret", std::string(31, 'k') + "\n");
  EXPECT_EQ(WebError(), where + "holds fewer than 32 bytes; make it with: openssl rand -base64 48");
  Secret("key.secret", "\n");
  EXPECT_EQ(MailerError(), where + "is empty; write the secret into it");
  Secret("key.secret", std::string(32, 'k'), fs::perms(0644));
  EXPECT_EQ(WebError(), where + "is open to every user; chmod o-rwx it");
  fs::remove(Path("key.secret"));
  EXPECT_EQ(WebError(), where + "is not there; make it");
  fs::create_directory(Path("key.secret"));
  EXPECT_EQ(WebError(), where + "is no regular file; name one");
}

TEST_F(ConfigTest, AnEmptyPasswordFileIsRefused) {
  Secret("db.secret", "");
  Add("[database.web]\npassword_file = \"@/db.secret\"\n");
  EXPECT_EQ(WebError(), Line(15) +
                            "database.web.password_file: db.secret is empty; write the secret "
                            "into it");
}

TEST_F(ConfigTest, APasswordWrittenInThePlaceOfItsFileIsNotRepeated) {
  Add("[database.web]\npassword_file = \"hunter2\"\n");
  EXPECT_EQ(WebError(),
            Line(15) +
                "database.web.password_file: is no absolute path; it takes one that begins "
                "with /");
}

TEST_F(ConfigTest, AFileThatIsNotThereIsNamed) {
  const auto loaded = LoadWeb("/nonexistent/latchkey.toml");
  ASSERT_FALSE(loaded.ok());
  EXPECT_EQ(loaded.error().message,
            "/nonexistent/latchkey.toml: cannot be read (No such file or directory); name another "
            "with --config FILE");
}

TEST_F(ConfigTest, ADirectoryInThePlaceOfTheFileIsNamed) {
  const auto loaded = LoadWeb(Path(""));
  ASSERT_FALSE(loaded.ok());
  EXPECT_NE(loaded.error().message.find("cannot be read"), std::string::npos);
}

TEST_F(ConfigTest, WhatIsNotTomlIsNamedWithItsLine) {
  Add("[web]\nthreads = \n");
  EXPECT_EQ(WebError().rfind(Line(15) + "syntax: ", 0), 0u) << WebError();
}

TEST_F(ConfigTest, AKeyGivenTwiceIsRefusedAtTheSecond) {
  Add("[web]\nthreads = 8\nthreads = 9\n");
  EXPECT_EQ(WebError().rfind(Line(16) + "syntax: ", 0), 0u) << WebError();
}

TEST_F(ConfigTest, ATableHeaderThatTheParserAssertsAboutIsAnErrorToo) {
  for (const std::string header : {"[{x]", "[[{x}]]", "[=]", "[#]"}) {
    Short();
    Add(header);
    EXPECT_NE(WebError().find(": syntax: "), std::string::npos) << header << ": " << WebError();
  }
}

TEST_F(ConfigTest, UnknownKeysAreRefusedByEveryProgram) {
  Add("[relay]\nhots = \"127.0.0.1\"\n");
  const std::string expected = Line(15) + "relay.hots: is unknown; did you mean relay.host?";
  EXPECT_EQ(WebError(), expected);
  EXPECT_EQ(MailerError(), expected);
  EXPECT_EQ(SupervisorError(), expected);
  EXPECT_EQ(AdminError(), expected);
}

struct Bad {
  std::string lines;  // added
  int line;           // of these, from 0
  std::string error;
};
class BadLines : public ConfigTest, public testing::WithParamInterface<Bad> {};

TEST_P(BadLines, AreRefusedWithLineKeyProblemAndCure) {
  Add(GetParam().lines);
  EXPECT_EQ(WebError(), Line(kAdded + GetParam().line) + GetParam().error);
}

const char kDuration[] = "it takes a duration of 1s to 24h, like \"90s\" or \"10m\"";
const char kLimit[] =
    "it takes \"N/second\", N/minute, N/hour, N/day or a window like \"N/90s\" of at most 24 days, "
    "with N from 1 to 255";

INSTANTIATE_TEST_SUITE_P(
    Unknown, BadLines,
    testing::Values(
        Bad{"[web]\n\n\nthreds = 8\n", 3, "web.threds: is unknown; did you mean web.threads?"},
        Bad{"[web]\nmin_length = 9\n", 1,
            "web.min_length: is unknown; did you mean password.min_length?"},
        Bad{"[web]\nsite_name = \"x\"\n", 1,
            "web.site_name: is unknown; did you mean site_name? It stands above the first [table]"},
        Bad{"[web]\nzebra_crossing = 1\n", 1,
            "web.zebra_crossing: is unknown; latchkey check-config --keys lists the keys"},
        Bad{"[wbe]\nthreads = 8\n", 1, "wbe.threads: is unknown; did you mean web.threads?"},
        Bad{"[zebra]\n", 0, "zebra: is unknown; latchkey check-config --keys lists the keys"},
        Bad{"[web]\nthreads.most = 8\n", 1,
            "web.threads: is a table; it takes an integer, without quotes"},
        Bad{"[[relay]]\n", 0, "relay: is a table; write [relay] and its keys below"}));

INSTANTIATE_TEST_SUITE_P(
    WrongType, BadLines,
    testing::Values(
        Bad{"[web]\nthreads = \"8\"\n", 1,
            "web.threads: is a text; it takes an integer, without quotes"},
        Bad{"[web]\nthreads = 8.5\n", 1,
            "web.threads: is a number with a point; it takes an integer, without quotes"},
        Bad{"[web]\ndrain = 10\n", 1,
            "web.drain: is an integer; it takes duration, 0s to 1h in quotes"},
        Bad{"[web]\nsocket_mode = 0o660\n", 1,
            "web.socket_mode: is an integer; it takes permissions in quotes"},
        Bad{"[pages]\nlogin = \"false\"\n", 1, "pages.login: is a text; it takes true or false"},
        Bad{"[password]\nmin_guesses_log10 = true\n", 1,
            "password.min_guesses_log10: is true or false; it takes a number, without quotes"},
        Bad{"[log]\nlevel = 2020-01-01\n", 1,
            "log.level: is a date or a list of something else than texts; it takes \"debug\" or "
            "\"info\" or \"warning\" or \"error\" in quotes"}));

INSTANTIATE_TEST_SUITE_P(
    OutOfRange, BadLines,
    testing::Values(
        Bad{"[web]\nthreads = 0\n", 1, "web.threads: 0 is out of range; it takes 1 to 256"},
        Bad{"[web]\nworkers = -1\n", 1, "web.workers: -1 is out of range; it takes 0 to 256"},
        Bad{"[password]\nmin_length = 7\n", 1,
            "password.min_length: 7 is out of range; it takes 8 to 128"},
        Bad{"[password]\nmin_guesses_log10 = nan\n", 1,
            "password.min_guesses_log10: is out of range; it takes 0 to 30"},
        Bad{"[relay]\nport = 65536\n", 1, "relay.port: 65536 is out of range; it takes 1 to 65535"},
        Bad{"[log]\nlevel = \"loud\"\n", 1,
            "log.level: \"loud\" will not do; it takes \"debug\" or \"info\" or \"warning\" or "
            "\"error\""},
        Bad{"[limits]\nlogin = \"0/minute\"\n", 1,
            std::string("limits.login: \"0/minute\" will not do; ") + kLimit},
        Bad{"[limits]\nlogin = \"256/minute\"\n", 1,
            std::string("limits.login: \"256/minute\" will not do; ") + kLimit},
        Bad{"[limits]\nlogin = \"5/month\"\n", 1,
            std::string("limits.login: \"5/month\" will not do; ") + kLimit},
        Bad{"[limits]\nlogin = \"5/577h\"\n", 1,
            std::string("limits.login: \"5/577h\" will not do; ") + kLimit},
        Bad{"[limits]\nlogin_ceiling = \"0/minute\"\n", 1,
            "limits.login_ceiling: \"0/minute\" will not do; it takes \"N/second\", N/minute, N/hour, "
            "N/day or a window like \"N/90s\" of at most 24 days, with N from 1 to 1000000000"},
        Bad{"[limits]\nlogin = \"64/minute\"\n", 1,
            "limits.login: 64 times limits.ipv6_48_factor, 4, is more than 255; lower one of the "
            "two"},
        Bad{"[limits]\nexempt = [\"10.0.0.1/8\"]\n", 1,
            "limits.exempt: \"10.0.0.1/8\" will not do; it takes an address, a network like "
            "\"10.0.0.0/8\" without a bit beyond its prefix"},
        Bad{"[limits]\nexempt = [\"unix:\"]\n", 1,
            "limits.exempt: \"unix:\" will not do; it takes an address, a network like "
            "\"10.0.0.0/8\" without a bit beyond its prefix"},
        Bad{"[web]\nsocket_mode = \"0668\"\n", 1,
            "web.socket_mode: \"0668\" will not do; it takes permissions in octal as a text, like "
            "\"0660\""},
        Bad{"[web]\nsocket = \"/" + std::string(107, 's') + "\"\n", 1,
            "web.socket: \"/" + std::string(107, 's') +
                "\" will not do; it takes an absolute path of at most 107 bytes"},
        Bad{"[database.web]\nuser = \"o'neil\"\n", 1,
            "database.web.user: \"o'neil\" will not do; it takes 1 to 32 letters, digits, _, - and "
            "."},
        Bad{"[outbox]\nschema = \"a`b\"\n", 1,
            "outbox.schema: \"a`b\" will not do; it takes 1 to 64 letters, digits, _ and $"},
        Bad{"[pages]\nlogin_url = \"/login\"\n", 1,
            "pages.login_url: \"/login\" will not do; it takes a whole URL, like "
            "https://www.example.org/login"},
        Bad{"[pages]\nhome_url = \"https://e.org/\\r\\nSet-Cookie: a\"\n", 1,
            "pages.home_url: holds a control character; remove it"}));

TEST_F(ConfigTest, LinksLiveAtMostADay) {
  Change("[mail]", "link_life = \"24h\"\n[mail]");
  EXPECT_EQ(GoodMailer().link_life, std::chrono::hours(24));
  for (const std::string life : {"86401s", "25h", "0s", "10", "10 m", "-1m", "m"}) {
    Change("link_life = \"", "link_life = \"" + life + "\" # ");
    EXPECT_EQ(WebError(), Line(12) + "token.link_life: \"" + life + "\" will not do; " + kDuration);
    Change("\"" + life + "\" # ", "\"");
  }
}

TEST_F(ConfigTest, EveryRequiredKeyIsMissedAtItsTable) {
  struct Missing {
    std::string line, key, where;
  };
  const Missing cases[] = {
      {"base_url = \"https://www.example.org/account\"\n", "base_url", "latchkey.toml: "},
      {"schema = \"site\"\n", "database.schema", Line(2)},
      {"table = \"users\"\n", "site.table", Line(5)},
      {"id = \"id\"\n", "site.id", Line(5)},
      {"address = \"email\"\n", "site.address", Line(5)},
      {"hash = \"password_hash\"\n", "site.hash", Line(5)},
      {"from = \"no-reply@example.org\"\n", "mail.from", Line(12)},
      {"[mail]\nfrom = \"no-reply@example.org\"\n", "mail.from", "latchkey.toml: "},
  };
  for (const Missing& missing : cases) {
    Change(missing.line, "");
    EXPECT_EQ(
        SupervisorError().rfind(missing.where + missing.key + ": is missing; it is required", 0),
        0u)
        << SupervisorError();
    Short();
  }
}

TEST_F(ConfigTest, TheUpperMostErrorIsTold) {
  Change("schema = \"site\"", "schema = \"si te\"");
  Change("table = \"users\"", "tabel = \"users\"");
  EXPECT_EQ(WebError(), Line(4) +
                            "database.schema: \"si te\" will not do; it takes 1 to 64 letters, "
                            "digits, _ and $");
}

TEST_F(ConfigTest, AnErrorOfAKeyThatIsNotWrittenStandsAtItsTableOrFile) {
  const auto loaded = LoadWeb(Path("latchkey.toml"));
  ASSERT_TRUE(loaded.ok());
  const Positions& positions = loaded->positions;
  EXPECT_EQ(positions.At("site.hash"), Path("latchkey.toml:9:8"));
  EXPECT_EQ(positions.At("site.scheme"), Path("latchkey.toml:5:2"));
  EXPECT_EQ(positions.At("database.web.user"), Path("latchkey.toml:2:2"));
  EXPECT_EQ(positions.At("limits.words"), Path("latchkey.toml"));
  const Error error = positions.Blame("site.hash", "no column password_hash in site.users");
  EXPECT_EQ(error.next, Next::kFixSetup);
  EXPECT_EQ(error.message,
            Path("latchkey.toml:9:8") + ": site.hash: no column password_hash in site.users");
}

TEST_F(ConfigTest, ErrorsNameTheColumnWhereTheValueBegins) {
  Add("[limits]\n  login =   \"5/minuet\"\n");
  const auto bad = LoadWeb(Path("latchkey.toml"));
  ASSERT_FALSE(bad.ok());
  EXPECT_TRUE(bad.error().message.starts_with(Path("latchkey.toml:15:13: limits.login: ")))
      << bad.error().message;
  Short();
  Add("[limits]\nlogin = 5/minute\"\n");
  const auto broken = LoadWeb(Path("latchkey.toml"));
  ASSERT_FALSE(broken.ok());
  EXPECT_TRUE(broken.error().message.starts_with(Path("latchkey.toml:15:9: syntax: ")))
      << broken.error().message;
}

TEST_F(ConfigTest, WithoutTheSignInPageTheSitesOwnPagesAreRequired) {
  Add("[pages]\nlogin = false\n");
  EXPECT_EQ(WebError(), Line(14) + "pages.login_url: is missing; pages.login = false requires it");
  Add("login_url = \"https://www.example.org/login?from=reset\"\n");
  EXPECT_EQ(WebError(), Line(14) + "pages.home_url: is missing; pages.login = false requires it");
  Add("home_url = \"https://www.example.org\"\n");
  const Web web = GoodWeb();
  EXPECT_FALSE(web.login);
  EXPECT_EQ(web.login_url, "https://www.example.org/login?from=reset");
}

TEST_F(ConfigTest, PlaintextGoesToARelayOnThisMachineOnly) {
  Add("[relay]\nhost = \"127.8.9.10\"\n");
  for (const std::string host : {"127.8.9.10", "::1", "localhost", "LocalHost"}) {
    Change("host = \"", "host = \"" + host + "\" # ");
    EXPECT_EQ(GoodMailer().relay_host, host);
  }
  for (const std::string host : {"192.0.2.1", "relay.example.org", "::2", "localhost.example.org",
                                 "127.0.0.1.example.org"}) {
    Change("host = \"", "host = \"" + host + "\" # ");
    EXPECT_EQ(MailerError(), Line(14) +
                                 "relay.tls: \"none\" is for loopback hosts only; take "
                                 "\"starttls\" (port 587) or \"implicit\" (port 465)");
  }
  Add("tls = \"starttls\"\n");
  EXPECT_EQ(GoodMailer().relay_tls, "starttls");
}

TEST_F(ConfigTest, ALoginAtTheRelayNeedsTlsAndAPassword) {
  Secret("relay.secret", "s3cret\n");
  Add("[relay]\nuser = \"site\"\n");
  EXPECT_EQ(MailerError(), Line(15) +
                               "relay.user: would send a password in the clear; set relay.tls "
                               "to \"starttls\" or \"implicit\"");
  Add("tls = \"implicit\"\n");
  EXPECT_EQ(MailerError(), Line(14) + "relay.password_file: is missing; relay.user requires it");
  Add("password_file = \"@/relay.secret\"\n");
  EXPECT_EQ(GoodMailer().relay_password.Reveal(), "s3cret");
}

TEST_F(ConfigTest, TheDatabaseHasASocketOrAHost) {
  Add("[database.web]\n");
  Change("socket = \"/run/mysqld/mysqld.sock\"", "");
  EXPECT_EQ(WebError(), Line(2) + "database.socket: is missing; give it, or database.host");
  EXPECT_EQ(AdminError(), WebError());
  Change("[database]\n", "[database]\nhost = \"localhost\"");
  EXPECT_EQ(GoodWeb().database.host, "localhost");
  Change("[database]\n", "[database]\nsocket = \"/run/mysqld/mysqld.sock\"\n");
  EXPECT_EQ(MailerError(),
            Line(4) + "database.host: stands beside database.socket; remove one of the two");
}

TEST_F(ConfigTest, ADatabaseOnAnotherMachineNeedsTls) {
  Change("socket = \"/run/mysqld/mysqld.sock\"", "host = \"192.0.2.7\"");
  const std::string expected = Line(3) +
                               "database.host: is another machine; set database.tls_ca, so "
                               "that the connection is protected";
  EXPECT_EQ(WebError(), expected);
  EXPECT_EQ(MailerError(), expected);
  Change("[database]\n", "[database]\ntls_ca = \"/etc/latchkey/ca.pem\"\n");
  EXPECT_EQ(GoodWeb().database.tls_ca, "/etc/latchkey/ca.pem");
  const auto admin = LoadAdmin(Path("latchkey.toml"));
  ASSERT_TRUE(admin.ok());
  EXPECT_EQ(admin->part.database_host, "192.0.2.7");
}

TEST_F(ConfigTest, PlainHttpIsForThisMachineOnly) {
  for (const std::string url :
       {"http://127.0.0.1:8080", "http://127.9.9.9", "http://[::1]:8080/a", "http://localhost",
        "https://example.org", "https://192.0.2.1:8443/a/b"}) {
    Short();
    Change("https://www.example.org/account", url);
    EXPECT_EQ(GoodWeb().base_url, url);
  }
  for (const std::string url : {"http://www.example.org", "http://128.0.0.1", "http://[::2]",
                                "http://localhost.example.org", "http://127.0.0.1.example.org"}) {
    Short();
    Change("https://www.example.org/account", url);
    EXPECT_EQ(WebError(), Line(1) +
                              "base_url: http would send passwords in the clear; use https "
                              "(http is for loopback hosts only)");
  }
}

TEST_F(ConfigTest, ABaseUrlIsSchemeHostAndPathOnly) {
  for (const std::string url : {"",
                                "www.example.org",
                                "ftp://example.org",
                                "HTTPS://example.org",
                                "https://",
                                "https://example.org/",
                                "https://example.org/a/",
                                "https://example.org/a//b",
                                "https://example.org?a=b",
                                "https://example.org/a?b",
                                "https://example.org/a#b",
                                "https://user@example.org",
                                "https://example.org:0",
                                "https://example.org:0443",
                                "https://example.org:65536",
                                "https://example.org:",
                                "https://exa mple.org",
                                "https://[::1",
                                "https://[::1]8080",
                                "https://[127.0.0.1]",
                                "https://example..org",
                                "https://127.1",
                                "https://0127.0.0.1",
                                "https://example.org/%41"}) {
    Short();
    Change("https://www.example.org/account", url);
    EXPECT_EQ(WebError(), Line(1) + "base_url: \"" + url +
                              "\" will not do; it takes https://host or https://host/path, without "
                              "query, fragment, user or a slash at the end");
  }
}

// Any other way a mailed link would not be the one that the page expects, or no form be taken.
TEST_F(ConfigTest, ABaseUrlBeginsAsBrowsersWriteIt) {
  const std::pair<const char*, const char*> kWritten[] = {
      {"https://Example.org/A", "https://example.org"},
      {"https://example.org:443", "https://example.org"},
      {"https://example.org:443/a", "https://example.org"},
      {"http://localhost:80/a", "http://localhost"},
      {"https://[0:0:0::1]:8443/a", "https://[::1]:8443"},
      {"https://[2001:DB8::1]", "https://[2001:db8::1]"},
      {"https://[::ffff:192.0.2.1]:8443/a", "https://192.0.2.1:8443"},
  };
  for (const auto& [url, origin] : kWritten) {
    Short();
    Change("https://www.example.org/account", url);
    EXPECT_EQ(WebError(), Line(1) + "base_url: \"" + url +
                              "\" is not how browsers write it; begin it with " + origin);
  }
  for (const std::string url : {"https://example.org:80/a", "http://localhost:443",
                                "https://example.org:4430", "https://[2001:db8::1]:8443/A"}) {
    Short();
    Change("https://www.example.org/account", url);
    EXPECT_EQ(GoodWeb().base_url, url);
  }
}

TEST_F(ConfigTest, ReadsWhichProxiesAreBelieved) {
  EXPECT_TRUE(GoodWeb().trusted_proxies.empty());
  EXPECT_FALSE(GoodWeb().trusts_unix_proxies);
  Add("[peers]\ntrusted_proxies = [\"10.0.0.0/8\", \"unix:\", \"2001:db8::1\"]\nforwarded = \"forwarded\"\n");
  const Web web = GoodWeb();
  ASSERT_EQ(web.trusted_proxies.size(), 2u);
  EXPECT_TRUE(web.trusted_proxies[0].Contains(*IpAddress::Parse("10.1.2.3")));
  EXPECT_TRUE(web.trusted_proxies[1].Contains(*IpAddress::Parse("2001:db8::1")));
  EXPECT_TRUE(web.trusts_unix_proxies);
  EXPECT_EQ(web.forwarded, "forwarded");
}

TEST_F(ConfigTest, RefusesWhatIsNoNetwork) {
  for (const char* one : {"10.0.0.1/8", "10.0.0.0/33", "localhost", "", "unix:/run/x.sock", "*"}) {
    Short();
    Add("[peers]\ntrusted_proxies = [\"10.0.0.0/8\", \"" + std::string(one) + "\"]\n");
    const std::string wanted = Line(kAdded + 1) + "peers.trusted_proxies: \"" + one +
                               "\" will not do; it takes an address, a network";
    EXPECT_NE(WebError().find(wanted), std::string::npos) << WebError();
  }
}

TEST_F(ConfigTest, TakesTheWebServersWordForWhoIsSignedInOnlyWithoutASignInPageOfItsOwn) {
  Add("[peers]\ntrust_remote_user = true\n");
  const std::string wanted =
      Line(kAdded + 1) + "peers.trust_remote_user: is for sites that sign people in themselves";
  EXPECT_NE(WebError().find(wanted), std::string::npos) << WebError();
  Add("[pages]\nlogin = false\nlogin_url = \"https://a.example/\"\nhome_url = \"https://a.example/\"\n");
  EXPECT_TRUE(GoodWeb().trust_remote_user);
}

TEST_F(ConfigTest, AKeyOfAThousandPartsIsUnknownByItsBeginning) {
  std::string key = "a";
  for (int i = 0; i < 1000; ++i) key += ".a";
  Add("[deep]\n" + key + " = 1\n");
  EXPECT_EQ(WebError(), "latchkey.toml:15: deep.a.a.a.a.a.a.a: is unknown; latchkey check-config --keys "
                        "lists the keys");
}

}  // namespace
}  // namespace latchkey::config
