// Tables of other shapes than one row with one address: joins, conditions, salts, sessions,
// languages. The rights of both logins are those that `latchkey schema` prints, and no more.

#include <gtest/gtest.h>

#include <sstream>

#include "accounts/accounts.h"
#include "admin/schema.h"
#include "db/server.h"

namespace latchkey {
namespace {

using accounts::Account;
using accounts::Reason;
using accounts::SqlAccounts;
using accounts::Swap;

Status Nothing() { return Ok(); }

class MappingTest : public ServerTest {
 protected:
  // users(id, login, mail, mail2, pass, salt, blocked, token) and sessions(sid, uid).
  void MakeTables(const std::string& engine = "InnoDB") {
    Sql("CREATE TABLE $site.app_users (id INT UNSIGNED PRIMARY KEY, login VARCHAR(60), "
        "mail VARCHAR(100), mail2 VARCHAR(100), pass VARCHAR(60), salt VARCHAR(30), "
        "blocked TINYINT NOT NULL DEFAULT 0, token VARCHAR(64)) ENGINE=" +
        engine);
    Sql("CREATE TABLE $site.app_sessions (sid INT AUTO_INCREMENT PRIMARY KEY, uid INT UNSIGNED, "
        "kind VARCHAR(10)) ENGINE=" +
        engine);
    Sql("INSERT INTO $site.app_users VALUES "
        "(1, 'ann', 'ann@example.org', 'ann@home.example', 'hash1', 'salt1', 0, 't1'), "
        "(2, 'bob', 'bob@example.org', NULL, 'hash2', 'salt2', 1, 't2')");
    Sql("INSERT INTO $site.app_sessions (uid, kind) VALUES (1, 'web'), (1, 'app'), (2, 'web')");
  }
  config::Site Site() const {
    return {.schema = site_,
            .prefix = "app_",
            .table = "app_users",
            .id = "id",
            .addresses = {"mail"},
            .hash = "pass"};
  }
  config::Admin Settings(const config::Site& site) const {
    return {.outbox_schema = outbox_,
            .web_login = site_ + "_web",
            .mailer_login = site_ + "_mailer",
            .database_host = "localhost",
            .site = site};
  }
  // What `latchkey schema` prints, run as the administrator; "CREATE USER" finds them there.
  void Grant(const config::Site& site) {
    const auto mapping = accounts::ReadMapping(site);
    ASSERT_TRUE(mapping.ok()) << mapping.error().message;
    const std::string sql = admin::SchemaSql(Settings(site), *mapping);
    std::istringstream lines(admin::SchemaSql(Settings(site), *mapping));
    std::string statement;
    for (std::string line; std::getline(lines, line);) {
      if (line.starts_with("--")) continue;
      statement += line + "\n";
      if (!line.ends_with(';')) continue;
      Sql(statement.substr(0, statement.rfind(';')));
      statement.clear();
    }
  }
  void Open(const config::Site& site) {
    Grant(site);
    web_ = Web();
    auto opened =
        SqlAccounts::Open(*web_, site, {.write = true, .hash_bytes = 20, .own_schema = outbox_});
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    accounts_ = std::make_unique<SqlAccounts>(*std::move(opened));
    mailer_ = Mailer();
    const auto reads = SqlAccounts::Open(*mailer_, site, {});
    EXPECT_TRUE(reads.ok()) << reads.error().message;
  }
  Account Ann() {
    const auto found = accounts_->FindById("1");
    EXPECT_TRUE(found.ok() && found->size() == 1);
    return found->front();
  }
  size_t Found(std::string_view typed) { return accounts_->FindByAddress(typed, 5)->size(); }
  Result<Swap> Set(const Account& account, const std::string& hash,
                   Reason reason = Reason::kReset) {
    return accounts_->SwapHash(account, hash, reason, Nothing);
  }
  std::string Sessions() {
    return One("SELECT GROUP_CONCAT(CONCAT(uid, kind) ORDER BY sid) FROM $site.app_sessions");
  }

  std::unique_ptr<db::Session> web_, mailer_;
  std::unique_ptr<SqlAccounts> accounts_;
};

TEST_F(MappingTest, AnyOfSeveralAddressesFindsTheAccountAndIsTheOneWrittenTo) {
  MakeTables();
  config::Site site = Site();
  site.addresses = {"mail", "mail2"};
  Open(site);
  const auto found = accounts_->FindByAddress("ANN@home.example", 5);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().address, "ann@home.example");
  EXPECT_EQ(found->front().addresses,
            (std::vector<std::string>{"ann@example.org", "ann@home.example"}));
  EXPECT_EQ(Ann().address, "ann@example.org");
  EXPECT_EQ(accounts_->FindById("2")->front().addresses,
            std::vector<std::string>{"bob@example.org"});
}

TEST_F(MappingTest, WhoIsNotActiveIsNobody) {
  MakeTables();
  config::Site site = Site();
  site.login = "login";
  site.active = {"{blocked} = 0"};
  Open(site);
  EXPECT_EQ(Found("ann@example.org"), 1u);
  EXPECT_EQ(Found("bob@example.org"), 0u);
  EXPECT_EQ(accounts_->FindByLogin("bob")->size(), 0u);
  EXPECT_EQ(accounts_->FindById("2")->size(), 0u);
}

TEST_F(MappingTest, WhoIsBlockedMeanwhileGetsNoNewPassword) {
  MakeTables();
  config::Site site = Site();
  site.active = {"{blocked} = 0"};
  Open(site);
  const Account ann = Ann();
  Sql("UPDATE $site.app_users SET blocked = 1 WHERE id = 1");
  EXPECT_EQ(*Set(ann, "new"), Swap::kLost);
  EXPECT_EQ(One("SELECT pass FROM $site.app_users WHERE id = 1"), "hash1");
}

TEST_F(MappingTest, AConditionMayAskForTheTime) {
  MakeTables();
  Sql("ALTER TABLE $site.app_users ADD COLUMN expires BIGINT NOT NULL DEFAULT 4102444800");
  Sql("UPDATE $site.app_users SET expires = 1000000000 WHERE id = 2");
  config::Site site = Site();
  site.active = {"{expires} > :now"};
  Open(site);
  EXPECT_EQ(Found("ann@example.org"), 1u);
  EXPECT_EQ(Found("bob@example.org"), 0u);
}

TEST_F(MappingTest, HashAndSaltAreOneTextAndChangeTogether) {
  MakeTables();
  config::Site site = Site();
  site.salt = "salt";
  Open(site);
  Account ann = Ann();
  EXPECT_EQ(ann.hash, "hash1:salt1");
  ann.hash = "hash1:other";
  EXPECT_EQ(*Set(ann, "new:fresh"), Swap::kLost);
  ann.hash = "hash1:SALT1";
  EXPECT_EQ(*Set(ann, "new:fresh"), Swap::kLost);
  EXPECT_EQ(*Set(Ann(), "new:fr:esh"), Swap::kDone);
  EXPECT_EQ(One("SELECT CONCAT(pass, ' ', salt) FROM $site.app_users WHERE id = 1"), "new fr:esh");
  EXPECT_EQ(Ann().hash, "new:fr:esh");
  Sql("UPDATE $site.app_users SET pass = 'unsalted', salt = NULL WHERE id = 1");
  EXPECT_EQ(Ann().hash, "unsalted");
  EXPECT_EQ(*Set(Ann(), "newer"), Swap::kDone);
  EXPECT_EQ(One("SELECT CONCAT(pass, '/', salt) FROM $site.app_users WHERE id = 1"), "newer/");
}

TEST_F(MappingTest, AResetEndsTheSessionsOfItsAccountAlone) {
  for (const std::string engine : {"InnoDB", "MyISAM"}) {
    SCOPED_TRACE(engine);
    Sql("DROP TABLE IF EXISTS $site.app_users, $site.app_sessions");
    MakeTables(engine);
    config::Site site = Site();
    site.set = {"{token} = NULL"};
    site.sessions = {"DELETE FROM {sessions} WHERE {uid} = :id AND {kind} = 'web'",
                     "UPDATE {sessions} SET {kind} = 'ended' WHERE {uid} = :id"};
    Open(site);
    EXPECT_EQ(*Set(Ann(), "again", Reason::kRehash), Swap::kDone);
    EXPECT_EQ(Sessions(), "1web,1app,2web");
    EXPECT_EQ(One("SELECT token FROM $site.app_users WHERE id = 1"), "t1");
    EXPECT_EQ(*Set(Ann(), "new"), Swap::kDone);
    EXPECT_EQ(Sessions(), "1ended,2web");
    EXPECT_EQ(One("SELECT token FROM $site.app_users WHERE id = 1"), "(NULL)");
    EXPECT_EQ(One("SELECT token FROM $site.app_users WHERE id = 2"), "t2");
  }
}

TEST_F(MappingTest, WhenSessionsCannotEndThePasswordStays) {
  MakeTables();
  config::Site site = Site();
  site.sessions = {"DELETE FROM {sessions} WHERE {uid} = :id"};
  Open(site);
  Sql("CREATE TRIGGER $site.never BEFORE DELETE ON $site.app_sessions FOR EACH ROW "
      "SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'no'");
  EXPECT_FALSE(Set(Ann(), "new").ok());
  EXPECT_EQ(Ann().hash, "hash1");
  EXPECT_EQ(Sessions(), "1web,1app,2web");
}

TEST_F(MappingTest, AProcedureEndsThemWithoutARightToTheirTable) {
  MakeTables();
  config::Site site = Site();
  site.procedure = true;
  site.sessions = {"DELETE FROM {sessions} WHERE {uid} = :id"};
  Open(site);
  EXPECT_FALSE(web_->Query("SELECT uid FROM app_sessions").ok());
  EXPECT_FALSE(web_->Execute("DELETE FROM app_sessions WHERE uid = 2").ok());
  EXPECT_EQ(*Set(Ann(), "new"), Swap::kDone);
  EXPECT_EQ(Sessions(), "2web");
}

TEST_F(MappingTest, AnAddressMayStandInAJoinedTable) {
  MakeTables();
  Sql("CREATE TABLE $site.app_mails (user INT UNSIGNED, address VARCHAR(100))");
  Sql("INSERT INTO $site.app_mails VALUES (1, 'a1@example.org'), (1, 'a2@example.org'), (2, "
      "'b@example.org')");
  config::Site site = Site();
  site.joins = {"{mails} ON {mails.user} = {id}"};
  site.addresses = {"mails.address"};
  Open(site);
  const auto found = accounts_->FindByAddress("a2@example.org", 5);
  ASSERT_EQ(found->size(), 1u);
  EXPECT_EQ(found->front().address, "a2@example.org");
  // The same account whichever way it is found: a link's fingerprint is over all addresses.
  EXPECT_EQ(found->front().addresses, Ann().addresses);
  EXPECT_EQ(Ann().addresses, (std::vector<std::string>{"a1@example.org", "a2@example.org"}));
  EXPECT_EQ(*Set(Ann(), "new"), Swap::kDone);
  EXPECT_EQ(One("SELECT GROUP_CONCAT(pass ORDER BY id) FROM $site.app_users"), "new,hash2");
}

TEST_F(MappingTest, RowsOfOneAccountChangeTogetherOrNotAtAll) {
  Sql("CREATE TABLE $site.app_users (id INT UNSIGNED, language CHAR(2), is_own TINYINT, "
      "mail VARCHAR(100), pass VARCHAR(60), PRIMARY KEY (id, language))");
  Sql("INSERT INTO $site.app_users VALUES (1, 'en', 1, 'ann@example.org', 'old'), "
      "(1, 'fr', 0, 'ann@example.org', 'old'), (2, 'en', 1, 'bob@example.org', 'old')");
  config::Site site = Site();
  site.active = {"{is_own} = 1"};
  site.all_rows = true;
  Open(site);
  EXPECT_EQ(*Set(Ann(), "new"), Swap::kDone);
  EXPECT_EQ(One("SELECT GROUP_CONCAT(pass ORDER BY id, language) FROM $site.app_users"),
            "new,new,old");
  Sql("UPDATE $site.app_users SET pass = 'other' WHERE language = 'fr'");
  EXPECT_FALSE(Set(Ann(), "newer").ok());
  EXPECT_EQ(One("SELECT GROUP_CONCAT(pass ORDER BY id, language) FROM $site.app_users"),
            "new,other,old");
}

TEST_F(MappingTest, SaysWhichKeyNamesWhatIsNotThere) {
  MakeTables();
  const auto problem = [&](config::Site site) {
    const auto session = Root();
    const auto opened =
        SqlAccounts::Open(*session, site, {.write = true, .hash_bytes = 20, .own_schema = outbox_});
    return opened.ok() ? "none"
                       : opened.error().message.substr(0, opened.error().message.find(':'));
  };
  config::Site site = Site();
  EXPECT_EQ(problem(site), "none");
  site.active = {"{nothing} = 0"};
  EXPECT_EQ(problem(site), "site.table");
  site = Site();
  site.set = {"{nothing} = 0"};
  EXPECT_EQ(problem(site), "site.set");
  site = Site();
  site.sessions = {"DELETE FROM {nothing} WHERE {uid} = :id"};
  EXPECT_EQ(problem(site), "site.sessions");
  site = Site();
  site.joins = {"{nothing} ON {nothing.id} = {id}"};
  EXPECT_EQ(problem(site), "site.joins");
  site = Site();
  site.salt = "nothing";
  EXPECT_EQ(problem(site), "site.salt");
}

}  // namespace
}  // namespace latchkey
