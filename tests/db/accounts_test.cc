// The site's users table on a real server: who is found, and who wins.

#include "accounts/accounts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <barrier>
#include <thread>

#include "db/server.h"
#include "outbox/outbox.h"

namespace latchkey {
namespace {

using accounts::Account;
using accounts::Reason;
using accounts::SqlAccounts;
using accounts::Swap;

Status Nothing() { return Ok(); }

class AccountsTest : public ServerTest {
 protected:
  void Open() {
    web_ = Web();
    auto opened = SqlAccounts::Open(*web_, SiteOfUsers(), {.write = true, .hash_bytes = 60});
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    accounts_ = std::make_unique<SqlAccounts>(*std::move(opened));
  }
  // The stored addresses found, joined by blanks.
  std::string Found(const std::string& typed, size_t most = 5) {
    const auto found = accounts_->FindByAddress(typed, most);
    if (!found.ok()) return "error: " + found.error().message;
    std::string joined;
    for (const Account& account : *found) joined += (joined.empty() ? "" : " ") + account.address;
    return joined;
  }
  size_t ById(std::string_view id) {
    const auto found = accounts_->FindById(id);
    EXPECT_TRUE(found.ok()) << found.error().message;
    return found.ok() ? found->size() : 99;
  }
  std::string Stored(const std::string& id = "1") {
    return One("SELECT password_hash FROM $site.users WHERE id = ?", {id});
  }
  std::string SetupProblem(const config::Site& site, bool needs_write = true, size_t bytes = 60) {
    const auto session = Web();
    const auto opened = SqlAccounts::Open(*session, site, {.write = needs_write, .hash_bytes = bytes});
    if (opened.ok()) return "none";
    EXPECT_EQ(opened.error().next, Next::kFixSetup);
    return opened.error().message;
  }
  // How many of `threads` that race to replace one hash were told that it was theirs.
  int Winners(int threads);

  std::unique_ptr<db::Session> web_;
  std::unique_ptr<SqlAccounts> accounts_;
};

TEST_F(AccountsTest, FindsByAddressWithoutRegardToAsciiCase) {
  MakeUsers();
  AddUser("Ann@Example.org", "h");
  Open();
  EXPECT_EQ(Found("ann@example.org"), "Ann@Example.org");
  EXPECT_EQ(Found("ANN@EXAMPLE.ORG"), "Ann@Example.org");
  EXPECT_EQ(Found("anna@example.org"), "");
}

TEST_F(AccountsTest, AsksACaseSensitiveColumnForTheLowerCaseToo) {
  MakeUsers("INT AUTO_INCREMENT PRIMARY KEY", "VARBINARY(255)");
  AddUser("ann@example.org", "h");
  AddUser("Bob@example.org", "h");
  Open();
  EXPECT_EQ(Found("ANN@example.org"), "ann@example.org");
  EXPECT_EQ(Found("Bob@example.org"), "Bob@example.org");
}

TEST_F(AccountsTest, SeveralAccountsOnOneAddressAreAllFoundUpToOneTooMany) {
  MakeUsers("INT AUTO_INCREMENT PRIMARY KEY", "VARCHAR(255)");
  for (int i = 0; i < 8; ++i) AddUser("ann@example.org", "h");
  Open();
  EXPECT_EQ(accounts_->FindByAddress("ann@example.org", 5)->size(), 6u);
}

struct Column {
  const char* name;
  const char* definition;
};
class CollationTest : public AccountsTest, public ::testing::WithParamInterface<Column> {};

// Django CVE-2019-19844, Directus GHSA-qw9g-7549-7wg5, WordPress CVE-2008-4106.
TEST_P(CollationTest, WhatOnlyTheCollationTakesForTheAddressFindsNobody) {
  MakeUsers("INT AUTO_INCREMENT PRIMARY KEY", GetParam().definition);
  AddUser("mike@kiss.example", "h");
  Open();
  EXPECT_EQ(Found("Mike@KISS.example"), "mike@kiss.example");
  for (const std::string typed : {
           "m\xc4\xb1ke@kiss.example",              // dotless i
           "m\xc4\xb0ke@kiss.example",              // dotted capital I
           "m\xc3\xafke@kiss.example",              // i with diaeresis
           "mi\xe2\x84\xaa" "e@kiss.example",       // Kelvin sign
           "mike@ki\xc3\x9f.example",               // sharp s
           "\xef\xbd\x8dike@kiss.example",          // full-width m
           "mi\xe2\x80\x8bke@kiss.example",         // zero-width space
           "mike@k\xc3\xad" "ss.example",           // accent in the domain
           "mike@kiss.example ", " mike@kiss.example", "mike@kiss.example\t",
           "mike@kiss.example,eve@evil.example", "mike@kiss.example eve@evil.example",
           "m%ke@kiss.example", "m_ke@kiss.example", "' OR ''='", "\xbf\x27 OR 1=1 -- "}) {
    EXPECT_EQ(Found(typed), "") << typed;
  }
  EXPECT_EQ(Found(std::string("mike@kiss.example\0", 18)), "");
  EXPECT_EQ(Found(std::string(10'000, 'a')), "");
  EXPECT_EQ(Found("mike@kiss.example\xff"), "");
  EXPECT_EQ(Found(""), "");
}

INSTANTIATE_TEST_SUITE_P(
    Columns, CollationTest,
    ::testing::Values(
        Column{"general_ci", "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci"},
        Column{"unicode_ci", "VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"},
        Column{"utf8mb3", "VARCHAR(255) CHARACTER SET utf8mb3 COLLATE utf8mb3_general_ci"},
        Column{"latin1", "VARCHAR(255) CHARACTER SET latin1 COLLATE latin1_swedish_ci"},
        Column{"latin1_bin", "VARCHAR(255) CHARACTER SET latin1 COLLATE latin1_bin"},
        Column{"ascii", "VARCHAR(255) CHARACTER SET ascii"},
        Column{"varbinary", "VARBINARY(255)"}),
    [](const auto& column) { return std::string(column.param.name); });

TEST_F(AccountsTest, LookalikesThatAreStoredGetNothing) {
  MakeUsers("INT AUTO_INCREMENT PRIMARY KEY", "VARCHAR(255) COLLATE utf8mb4_unicode_ci");
  AddUser("m\xc3\xafke@example.org", "h");
  AddUser("mike@example.org", "h");
  AddUser("mike@example.org ", "h");
  AddUser("MIKE@example.org", "h");
  Open();
  EXPECT_EQ(Found("mike@example.org"), "mike@example.org MIKE@example.org");
  EXPECT_EQ(Found("m\xc3\xafke@example.org"), "m\xc3\xafke@example.org");
}

TEST_F(AccountsTest, AnAddressBeyondAsciiIsFoundInLatin1) {
  MakeUsers("INT AUTO_INCREMENT PRIMARY KEY", "VARCHAR(255) CHARACTER SET latin1");
  AddUser("m\xc3\xa9l@example.org", "h");
  Open();
  EXPECT_EQ(Found("m\xc3\xa9l@example.org"), "m\xc3\xa9l@example.org");
  EXPECT_EQ(Found("mel@example.org"), "");
}

// Ids of users with these names whose login is `typed`, joined by blanks.
class LoginTest : public AccountsTest {
 protected:
  void MakeNamed(const std::string& column, const std::vector<std::string>& names) {
    MakeUsers();
    Sql("ALTER TABLE $site.users ADD nick " + column);
    Sql("GRANT SELECT (nick) ON $site.users TO '$site_web'@'localhost'");
    for (const std::string& name : names) {
      Sql("INSERT INTO $site.users (email, password_hash, nick) VALUES (?, 'h', ?)",
          {std::to_string(++count_) + "@example.org", name});
    }
    config::Site site = SiteOfUsers();
    site.login = "nick";
    web_ = Web();
    auto opened = SqlAccounts::Open(*web_, site, {.write = true, .hash_bytes = 60});
    ASSERT_TRUE(opened.ok()) << opened.error().message;
    accounts_ = std::make_unique<SqlAccounts>(*std::move(opened));
  }
  std::string Named(const std::string& typed) {
    const auto found = accounts_->FindByLogin(typed);
    if (!found.ok()) return "error: " + found.error().message;
    std::string joined;
    for (const Account& account : *found) joined += (joined.empty() ? "" : " ") + account.id;
    return joined;
  }

  int count_ = 0;
};

TEST_F(LoginTest, FindsTheNameAsItIsStoredOrTheOnlyOneOfOtherCase) {
  MakeNamed("VARCHAR(60) COLLATE utf8mb4_bin", {"ann", "Bob", "bob", "Carl", "carla"});
  EXPECT_EQ(Named("ann"), "1");
  EXPECT_EQ(Named("ANN"), "1");
  EXPECT_EQ(Named("Bob"), "2");
  EXPECT_EQ(Named("bob"), "3");
  EXPECT_EQ(Named("Carl"), "4");
  EXPECT_EQ(Named("dora"), "");
}

TEST_F(LoginTest, FindsNobodyWhereSeveralHaveTheName) {
  MakeNamed("VARCHAR(60) COLLATE utf8mb4_general_ci", {"ann", "ann", "Bob", "bOb", "eve"});
  EXPECT_EQ(Named("ann"), "");
  EXPECT_EQ(Named("ANN"), "");
  EXPECT_EQ(Named("BOB"), "");
  EXPECT_EQ(Named("bOb"), "4");
  EXPECT_EQ(Named("EVE"), "5");
}

// Django CVE-2019-19844, WordPress CVE-2008-4106: what only the collation takes for the name is nobody.
TEST_F(LoginTest, FindsNobodyByTheCollationAlone) {
  MakeNamed("VARCHAR(60) COLLATE utf8mb4_unicode_ci", {"mike", "stra\u00dfe"});
  for (const std::string typed : {"m\u00efke", "m\u0131ke", "mike ", "mi\u212ae", "strasse", "mike\u200b",
                                  "' OR 1=1 -- ", "1", "0", "\xbf' OR 1=1"}) {
    EXPECT_EQ(Named(typed), "") << typed;
  }
}

TEST_F(LoginTest, IsOffWithoutAColumnAndToldWhereItIsWrong) {
  MakeUsers();
  Open();
  EXPECT_EQ(Named("ann"), "");
  config::Site site = SiteOfUsers();
  site.login = "nick";
  EXPECT_TRUE(SetupProblem(site).starts_with("site.login: no column `nick`"));
}

TEST_F(AccountsTest, NullIsAnEmptyHash) {
  MakeUsers();
  Sql("INSERT INTO $site.users (email) VALUES ('ann@example.org')");
  Open();
  EXPECT_EQ(accounts_->FindByAddress("ann@example.org", 5)->at(0).hash, "");
  EXPECT_EQ(accounts_->FindById("1")->at(0).hash, "");
}

// Joomla CVE-2008-3681, Devise CVE-2013-0233.
TEST_F(AccountsTest, OnlyTheExactIdFindsAnAccount) {
  MakeUsers();
  AddUser("ann@example.org", "h");
  Open();
  EXPECT_EQ(ById("1"), 1u);
  for (const std::string id : {"", "0", "null", "'", " 1", "1 ", "01", "+1", "-1", "1abc", "0x1",
                               "1.0", "1e0", "18446744073709551616", "[]", "1,2", "1 OR 1=1"}) {
    EXPECT_EQ(ById(id), 0u) << id;
  }
  EXPECT_EQ(ById("18446744073709551615"), 0u);
  EXPECT_EQ(ById(std::string("1\0", 2)), 0u);
  EXPECT_EQ(ById(std::string(10'000, '1')), 0u);
}

TEST_F(AccountsTest, ATextIdIsComparedByItsBytes) {
  MakeUsers("VARCHAR(64) PRIMARY KEY");
  Sql("INSERT INTO $site.users VALUES ('ann', 'ann@example.org', 'h'), ('0', 'zero@example.org', "
      "'h')");
  Open();
  EXPECT_EQ(ById("ann"), 1u);
  for (const std::string id : {"Ann", "ann ", "\xc3\xa1nn", "", "an", "00", "0.0"}) {
    EXPECT_EQ(ById(id), 0u) << id;
  }
  EXPECT_EQ(ById(std::string(10'000, 'a')), 0u);
}

TEST_F(AccountsTest, ZerofillAndUnsignedKeysAreFound) {
  MakeUsers("BIGINT(20) UNSIGNED ZEROFILL PRIMARY KEY");
  Sql("INSERT INTO $site.users VALUES (18446744073709551615, 'max@example.org', 'h'), (7, "
      "'ann@example.org', 'h')");
  Open();
  EXPECT_EQ(ById("18446744073709551615"), 1u);
  EXPECT_EQ(ById("7"), 1u);
  EXPECT_EQ(accounts_->FindByAddress("ann@example.org", 5)->at(0).id, "7");
}

TEST_F(AccountsTest, WrongNamesAndTypesAreToldWithTheirKey) {
  MakeUsers("INT AUTO_INCREMENT PRIMARY KEY", "VARCHAR(255)", "VARCHAR(40)");
  config::Site site = SiteOfUsers();
  EXPECT_EQ(SetupProblem(site, false), "none");
  EXPECT_EQ(SetupProblem(site, true, 40), "none");
  EXPECT_EQ(SetupProblem(site, true, 41).rfind("site.hash: column `password_hash` holds 40", 0),
            0u);
  site.hash = "passwd";
  EXPECT_EQ(SetupProblem(site).rfind("site.hash: no column `passwd`", 0), 0u);
  site = SiteOfUsers();
  site.addresses = {"id"};
  EXPECT_EQ(SetupProblem(site).rfind("site.address: column `id`", 0), 0u);
  site = SiteOfUsers();
  site.table = "people";
  EXPECT_EQ(SetupProblem(site).rfind("site.table: no table", 0), 0u);
  site.table = "users; DROP TABLE users";
  EXPECT_EQ(SetupProblem(site).rfind("site.table: ", 0), 0u);
}

TEST_F(AccountsTest, ALoginThatMayNotWriteIsToldAtStart) {
  MakeUsers();
  const auto mailer = Mailer();
  EXPECT_TRUE(SqlAccounts::Open(*mailer, SiteOfUsers(), {}).ok());
  const auto opened = SqlAccounts::Open(*mailer, SiteOfUsers(), {.write = true, .hash_bytes = 60});
  ASSERT_FALSE(opened.ok());
  EXPECT_EQ(opened.error().message.rfind("site.hash: MySQL error 114", 0), 0u)
      << opened.error().message;
}

TEST_F(AccountsTest, ASwapReplacesTheHashItKnowsAndNoOther) {
  MakeUsers();
  AddUser("ann@example.org", "old");
  AddUser("bob@example.org", "old");
  Open();
  EXPECT_EQ(*accounts_->SwapHash({"1", "", "OLD"}, "new", Reason::kReset, Nothing), Swap::kLost);
  EXPECT_EQ(*accounts_->SwapHash({"1", "", "old "}, "new", Reason::kReset, Nothing), Swap::kLost);
  EXPECT_EQ(*accounts_->SwapHash({"1", "", ""}, "new", Reason::kReset, Nothing), Swap::kLost);
  EXPECT_EQ(*accounts_->SwapHash({"1abc", "", "old"}, "new", Reason::kReset, Nothing), Swap::kLost);
  EXPECT_EQ(Stored(), "old");
  EXPECT_EQ(*accounts_->SwapHash({"1", "", "old"}, "new", Reason::kReset, Nothing), Swap::kDone);
  EXPECT_EQ(Stored(), "new");
  EXPECT_EQ(Stored("2"), "old");
  EXPECT_EQ(*accounts_->SwapHash({"1", "", "old"}, "newer", Reason::kReset, Nothing), Swap::kLost);
}

TEST_F(AccountsTest, AnAccountWithoutAHashIsNeverSwapped) {
  MakeUsers();
  Sql("INSERT INTO $site.users (email, password_hash) VALUES ('a@example.org', NULL), "
      "('b@example.org', '')");
  Open();
  EXPECT_EQ(*accounts_->SwapHash({"1", "", ""}, "new", Reason::kReset, Nothing), Swap::kLost);
  EXPECT_EQ(*accounts_->SwapHash({"2", "", ""}, "new", Reason::kReset, Nothing), Swap::kLost);
  EXPECT_EQ(Stored("1"), "(NULL)");
  EXPECT_EQ(Stored("2"), "");
}

TEST_F(AccountsTest, WhatGoesWithASwapIsDoneWithItOrNotAtAll) {
  MakeUsers();
  AddUser("ann@example.org", "old");
  Open();
  outbox::SqlDrops drops(*web_, outbox_);
  outbox::Note note;
  note.kind = outbox::Kind::kChanged;
  note.account_id = "1";
  const auto drop = [&] {
    note.id = outbox::NewNoteId();
    return drops.Drop(note);
  };
  EXPECT_FALSE(accounts_->SwapHash({"1", "", "old"}, "new", Reason::kReset, [&]() -> Status {
    EXPECT_TRUE(drop().ok());
    return Error{Next::kTryLater, "no"};
  }).ok());
  EXPECT_EQ(Stored(), "old");
  EXPECT_EQ(*accounts_->SwapHash({"1", "", "other"}, "new", Reason::kReset, drop), Swap::kLost);
  EXPECT_EQ(One("SELECT COUNT(*) FROM $outbox.outbox"), "0");
  EXPECT_EQ(*accounts_->SwapHash({"1", "", "old"}, "new", Reason::kReset, drop), Swap::kDone);
  EXPECT_EQ(One("SELECT COUNT(*) FROM $outbox.outbox"), "1");
}

TEST_F(AccountsTest, WithoutTransactionsAFailureBesideTheSwapLeavesTheHash) {
  MakeUsers("INT AUTO_INCREMENT PRIMARY KEY", "VARCHAR(255)", "VARCHAR(255)", "ENGINE=MyISAM");
  AddUser("ann@example.org", "old");
  Open();
  EXPECT_FALSE(
      accounts_->SwapHash({"1", "", "old"}, "new", Reason::kReset,
                          [] {
                            return Status(Error{Next::kTryLater, ""});
                          })
          .ok());
  EXPECT_EQ(Stored(), "old");
}

// GHSA advisories on unchecked affected rows; a column that is too short on a lax server.
TEST_F(AccountsTest, AHashThatDoesNotFitIsAnErrorAndNothingIsWritten) {
  for (const std::string engine : {"InnoDB", "MyISAM"}) {
    const std::string before = One("SELECT @@GLOBAL.sql_mode");
    Sql("DROP TABLE IF EXISTS $site.users");
    Sql("SET GLOBAL sql_mode = ''");
    MakeUsers("INT AUTO_INCREMENT PRIMARY KEY", "VARCHAR(255)", "VARCHAR(60)", "ENGINE=" + engine);
    AddUser("ann@example.org", "old");
    Open();
    EXPECT_FALSE(accounts_->SwapHash({"1", "", "old"}, std::string(61, 'x'), Reason::kReset, Nothing).ok())
        << engine;
    EXPECT_EQ(Stored(), "old") << engine;
    Sql("SET GLOBAL sql_mode = ?", {before});
  }
}

TEST_F(AccountsTest, AColumnThatStoresSomethingElseIsFoundByReadingBack) {
  MakeUsers();
  AddUser("ann@example.org", "old");
  Open();
  Sql("CREATE TRIGGER $site.upper BEFORE UPDATE ON $site.users FOR EACH ROW "
      "SET NEW.password_hash = UPPER(NEW.password_hash)");
  EXPECT_FALSE(accounts_->SwapHash({"1", "", "old"}, "new", Reason::kReset, Nothing).ok());
  EXPECT_EQ(Stored(), "old");
}

int AccountsTest::Winners(int threads) {
  std::barrier start(threads);
  std::atomic<int> winners = 0;
  std::vector<std::thread> racers;
  for (int i = 0; i < threads; ++i) {
    racers.emplace_back([&, i] {
      const auto session = Web();
      auto accounts = SqlAccounts::Open(*session, SiteOfUsers(), {.write = true, .hash_bytes = 60});
      outbox::SqlDrops drops(*session, outbox_);
      const Account account = accounts->FindById("1")->at(0);
      outbox::Note note;
      note.kind = outbox::Kind::kChanged;
      note.account_id = "1";
      note.id = outbox::NewNoteId();
      start.arrive_and_wait();
      const auto swapped =
          accounts->SwapHash(account, "new" + std::to_string(i), Reason::kReset, [&] { return drops.Drop(note); });
      EXPECT_TRUE(swapped.ok()) << swapped.error().message;
      if (swapped.ok() && *swapped == Swap::kDone) ++winners;
    });
  }
  for (std::thread& racer : racers) racer.join();
  return winners;
}

// keycloak#37231: one token, many browsers.
TEST_F(AccountsTest, OfManyThatRaceExactlyOneWins) {
  for (const std::string engine : {"InnoDB", "MyISAM"}) {
    for (const int threads : {32, 64}) {
      Sql("DROP TABLE IF EXISTS $site.users");
      Sql("DELETE FROM $outbox.outbox");
      MakeUsers("INT AUTO_INCREMENT PRIMARY KEY", "VARCHAR(255)", "VARCHAR(255)",
                "ENGINE=" + engine);
      AddUser("ann@example.org", "old");
      EXPECT_EQ(Winners(threads), 1) << engine << ' ' << threads;
      EXPECT_EQ(Stored().substr(0, 3), "new");
      EXPECT_EQ(One("SELECT COUNT(*) FROM $outbox.outbox"), "1") << engine << ' ' << threads;
    }
  }
}

TEST_F(AccountsTest, AConnectionCutBeforeTheSwapLeavesTheHashAndSaysLater) {
  for (const std::string engine : {"InnoDB", "MyISAM"}) {
    Sql("DROP TABLE IF EXISTS $site.users");
    MakeUsers("INT AUTO_INCREMENT PRIMARY KEY", "VARCHAR(255)", "VARCHAR(255)", "ENGINE=" + engine);
    AddUser("ann@example.org", "old");
    Open();
    int runs = 0;
    const auto swapped = accounts_->SwapHash({"1", "", "old"}, "new", Reason::kReset, [&]() -> Status {
      if (++runs == 1) Cut(ConnectionId(*web_));
      return Ok();
    });
    // The server may have read the statement before it hung up: then it was tried anew.
    const bool done = swapped.ok() && *swapped == Swap::kDone;
    const bool later = !swapped.ok() && swapped.error().next == Next::kTryLater;
    EXPECT_TRUE(done || later);
    EXPECT_EQ(Stored(), done ? "new" : "old");
  }
}

TEST_F(AccountsTest, WhenTheAnswerToASwapIsLostTheStoredHashDecides) {
  // Ends the connection once, in the middle of the UPDATE.
  Sql("CREATE TABLE $site.cuts (n INT) ENGINE=MyISAM");
  for (const std::string engine : {"InnoDB", "MyISAM"}) {
    Sql("DROP TABLE IF EXISTS $site.users");
    MakeUsers("INT AUTO_INCREMENT PRIMARY KEY", "VARCHAR(255)", "VARCHAR(255)", "ENGINE=" + engine);
    AddUser("ann@example.org", "old");
    Open();
    Sql("REPLACE INTO $site.cuts VALUES (1)");
    Sql("CREATE TRIGGER $site.cut AFTER UPDATE ON $site.users FOR EACH ROW BEGIN "
        "IF (SELECT SUM(n) FROM $site.cuts) > 0 THEN DELETE FROM $site.cuts; KILL CONNECTION_ID(); "
        "END IF; END");
    int runs = 0;
    const auto swapped = accounts_->SwapHash({"1", "", "old"}, "new", Reason::kReset, [&] { ++runs; return Ok(); });
    ASSERT_TRUE(swapped.ok()) << engine << ' ' << swapped.error().message;
    EXPECT_EQ(*swapped, Swap::kDone);
    EXPECT_EQ(Stored(), "new");
    EXPECT_EQ(runs, 2);
  }
}

TEST_F(AccountsTest, ASwapWhoseAnswerWasLostAndThatSomebodyOvertookIsLost) {
  MakeUsers();
  AddUser("ann@example.org", "old");
  Open();
  Sql("CREATE TABLE $site.cuts (n INT) ENGINE=MyISAM");
  Sql("INSERT INTO $site.cuts VALUES (1)");
  Sql("CREATE TRIGGER $site.cut AFTER UPDATE ON $site.users FOR EACH ROW BEGIN "
      "IF (SELECT SUM(n) FROM $site.cuts) > 0 THEN DELETE FROM $site.cuts; KILL CONNECTION_ID(); "
      "END IF; END");
  int runs = 0;
  const auto swapped = accounts_->SwapHash({"1", "", "old"}, "new", Reason::kReset, [&]() -> Status {
    if (++runs == 2) Sql("UPDATE $site.users SET password_hash = 'theirs'");
    return Ok();
  });
  ASSERT_TRUE(swapped.ok()) << swapped.error().message;
  EXPECT_EQ(*swapped, Swap::kLost);
  EXPECT_EQ(Stored(), "theirs");
}

TEST_F(AccountsTest, ASwapWhoseAnswerWasLostIsNotCalledUndoneByASecondThatFails) {
  MakeUsers("INT AUTO_INCREMENT PRIMARY KEY", "VARCHAR(255)", "VARCHAR(255)", "ENGINE=MyISAM");
  AddUser("ann@example.org", "old");
  Open();
  Sql("CREATE TRIGGER $site.cut AFTER UPDATE ON $site.users FOR EACH ROW KILL CONNECTION_ID()");
  int runs = 0;
  const auto swapped = accounts_->SwapHash({"1", "", "old"}, "new", Reason::kReset, [&]() -> Status {
    if (++runs == 2) return Error{Next::kTryLater, "the database is away"};
    return Ok();
  });
  ASSERT_FALSE(swapped.ok());
  EXPECT_EQ(swapped.error().next, Next::kFindOut);
  EXPECT_EQ(Stored(), "new");
}

TEST_F(AccountsTest, TheWebMayWriteNothingButTheHash) {
  MakeUsers();
  AddUser("ann@example.org", "old");
  const auto web = Web();
  EXPECT_FALSE(web->Execute("UPDATE users SET email = 'eve@evil.example'").ok());
  EXPECT_FALSE(web->Execute("DELETE FROM users").ok());
  const auto mailer = Mailer();
  EXPECT_FALSE(mailer->Execute("UPDATE users SET password_hash = 'x'").ok());
}

}  // namespace
}  // namespace latchkey
