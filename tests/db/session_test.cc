// What a Session promises, against a real server.

#include "db/db.h"

#include <gtest/gtest.h>

#include <atomic>
#include <barrier>
#include <thread>

#include "db/server.h"

namespace latchkey {
namespace {

class SessionTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    if (HasFatalFailure()) return;
    Sql("CREATE TABLE $site.t (id INT PRIMARY KEY, v VARBINARY(300), n BIGINT UNSIGNED) "
        "ENGINE=InnoDB");
    session_ = Root();
  }
  Next NextOf(const std::string& sql, const db::Binds& binds = {}) {
    const Result<uint64_t> result = session_->Execute(sql, binds);
    EXPECT_FALSE(result.ok());
    return result.ok() ? Next::kGiveUp : result.error().next;
  }
  std::unique_ptr<db::Session> session_;
};

TEST_F(SessionTest, EveryByteComesBackAsItWasSent) {
  std::string bytes;
  for (int value = 0; value < 256; ++value) bytes += static_cast<char>(value);
  ASSERT_TRUE(session_->Execute("INSERT INTO t VALUES (1, ?, 0)", {bytes}).ok());
  EXPECT_EQ(One("SELECT HEX(v) = HEX(?) FROM $site.t", {bytes}), "1");
  EXPECT_EQ(session_->Query("SELECT v FROM t")->front()[0], bytes);
}

TEST_F(SessionTest, LongTextIsWhole) {
  const std::string text(300'000, 'x');
  EXPECT_EQ(session_->Query("SELECT LENGTH(?)", {text})->front()[0], "300000");
}

TEST_F(SessionTest, NullIsNotTheEmptyText) {
  ASSERT_TRUE(session_->Execute("INSERT INTO t VALUES (1, ?, ?)", {nullptr, nullptr}).ok());
  ASSERT_TRUE(
      session_->Execute("INSERT INTO t VALUES (2, ?, ?)", {std::string(), int64_t{0}}).ok());
  const auto rows = session_->Query("SELECT v, n FROM t ORDER BY id");
  EXPECT_EQ(rows->at(0), (db::Row{std::nullopt, std::nullopt}));
  EXPECT_EQ(rows->at(1), (db::Row{"", "0"}));
}

TEST_F(SessionTest, ASignedNumberAfterAnUnsignedOneIsSigned) {
  const std::string sql = "SELECT ? < 0";
  EXPECT_EQ(session_->Query(sql, {uint64_t{18446744073709551615u}})->front()[0], "0");
  EXPECT_EQ(session_->Query(sql, {int64_t{-1}})->front()[0], "1");
  EXPECT_EQ(session_->Query(sql, {uint64_t{18446744073709551615u}})->front()[0], "0");
}

TEST_F(SessionTest, RowsLeftAsTheyWereDoNotCount) {
  ASSERT_TRUE(session_->Execute("INSERT INTO t VALUES (1, 'a', 0)").ok());
  EXPECT_EQ(*session_->Execute("UPDATE t SET v = 'a'"), 0u);
  EXPECT_EQ(*session_->Execute("UPDATE t SET v = 'b'"), 1u);
}

TEST_F(SessionTest, OverlongDataIsAnErrorOnALaxServer) {
  const std::string before = One("SELECT @@GLOBAL.sql_mode");
  Sql("SET GLOBAL sql_mode = ''");
  session_ = Root();
  EXPECT_EQ(NextOf("INSERT INTO t VALUES (1, ?, 0)", {std::string(301, 'x')}), Next::kFixInput);
  Sql("CREATE TABLE $site.old (v VARCHAR(3)) ENGINE=MyISAM");
  EXPECT_EQ(NextOf("INSERT INTO old VALUES (?)", {std::string("four")}), Next::kFixInput);
  Sql("SET GLOBAL sql_mode = ?", {before});
}

TEST_F(SessionTest, ADuplicateSaysSoAndDoesNotQuoteTheValue) {
  Sql("CREATE TABLE $site.k (v VARCHAR(50) PRIMARY KEY)");
  ASSERT_TRUE(session_->Execute("INSERT INTO k VALUES (?)", {std::string("ann@example.org")}).ok());
  const auto again =
      session_->Execute("INSERT INTO k VALUES (?)", {std::string("ann@example.org")});
  ASSERT_FALSE(again.ok());
  EXPECT_TRUE(db::IsDuplicate(again.error()));
  EXPECT_EQ(again.error().next, Next::kFixInput);
  EXPECT_EQ(again.error().message.find("ann"), std::string::npos) << again.error().message;
}

TEST_F(SessionTest, SetupErrorsAreToldFromBadData) {
  EXPECT_EQ(NextOf("INSERT INTO nowhere VALUES (1)"), Next::kFixSetup);
  EXPECT_EQ(NextOf("INSERT INTO t (nothing) VALUES (1)"), Next::kFixSetup);
  EXPECT_EQ(NextOf("INSERT INTO t VALUES ('x', 'x', 1)"), Next::kFixInput);
  EXPECT_FALSE(session_->CanPrepare("SELECT nothing FROM t").ok());
  EXPECT_TRUE(session_->CanPrepare("SELECT v FROM t WHERE id = ?").ok());
}

TEST_F(SessionTest, AWrongPasswordIsSetupAndNobodyThereIsLater) {
  db::Session stranger(As(site_ + "_web", "wrong"));
  EXPECT_EQ(stranger.Query("SELECT 1").error().next, Next::kFixSetup);
  db::Settings settings = As("root", "");
  settings.socket = "/nonexistent/socket";
  db::Session nobody(std::move(settings));
  EXPECT_EQ(nobody.Query("SELECT 1").error().next, Next::kTryLater);
}

TEST_F(SessionTest, AServerWithoutTlsIsRefusedWhereTlsIsDemanded) {
  db::Settings settings = As("root", "");
  settings.tls_ca = "/etc/ssl/certs/ca-certificates.crt";
  db::Session session(std::move(settings));
  EXPECT_EQ(session.Query("SELECT 1").error().next, Next::kFixSetup);
}

TEST_F(SessionTest, AnIdleConnectionThatWasCutIsReplaced) {
  const std::string sql = "SELECT COUNT(*) FROM t";
  ASSERT_TRUE(session_->Query(sql).ok());
  Cut(ConnectionId(*session_));
  EXPECT_TRUE(session_->Query(sql).ok());
}

// So that a server which hangs is found out by a new connection, whose timeout is short.
TEST_F(SessionTest, AConnectionIdleForASecondIsNotUsedAgain) {
  const std::string before = ConnectionId(*session_);
  EXPECT_EQ(ConnectionId(*session_), before);
  std::this_thread::sleep_for(std::chrono::milliseconds(1050));
  EXPECT_NE(ConnectionId(*session_), before);
}

TEST_F(SessionTest, ATransactionWhoseConnectionWasCutChangesNothing) {
  ASSERT_TRUE(session_->Execute("INSERT INTO t VALUES (1, 'old', 0)").ok());
  const Status status = session_->Transaction([&]() -> Status {
    EXPECT_TRUE(session_->Execute("UPDATE t SET v = 'new'").ok());
    Cut(ConnectionId(*session_));
    EXPECT_FALSE(session_->Execute("UPDATE t SET n = 1").ok());
    // Must not run on a new connection, outside of any transaction.
    EXPECT_FALSE(session_->Execute("UPDATE t SET n = 2").ok());
    return Ok();
  });
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(One("SELECT CONCAT(v, n) FROM $site.t"), "old0");
  EXPECT_TRUE(session_->Execute("UPDATE t SET n = 3").ok());
}

TEST_F(SessionTest, ACutBeforeCommitIsAnUnknownOutcome) {
  ASSERT_TRUE(session_->Execute("INSERT INTO t VALUES (1, 'old', 0)").ok());
  const Status status = session_->Transaction([&]() -> Status {
    EXPECT_TRUE(session_->Execute("UPDATE t SET v = 'new'").ok());
    Cut(ConnectionId(*session_));
    return Ok();
  });
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().next, Next::kFindOut);
  EXPECT_EQ(One("SELECT v FROM $site.t"), "old");
}

TEST_F(SessionTest, WorkThatFailsIsRolledBackAndTheSessionStaysUsable) {
  const Status status = session_->Transaction([&]() -> Status {
    EXPECT_TRUE(session_->Execute("INSERT INTO t VALUES (1, 'a', 0)").ok());
    return Error{Next::kGiveUp, "no"};
  });
  EXPECT_EQ(status.error().next, Next::kGiveUp);
  EXPECT_EQ(One("SELECT COUNT(*) FROM $site.t"), "0");
  EXPECT_TRUE(session_->Execute("INSERT INTO t VALUES (1, 'a', 0)").ok());
  EXPECT_EQ(One("SELECT COUNT(*) FROM $site.t"), "1");
}

TEST_F(SessionTest, BadDataDoesNotEndATransaction) {
  const Status status = session_->Transaction([&]() -> Status {
    EXPECT_TRUE(session_->Execute("INSERT INTO t VALUES (1, 'a', 0)").ok());
    EXPECT_FALSE(session_->Execute("INSERT INTO t VALUES (1, 'b', 0)").ok());
    return Ok();
  });
  EXPECT_TRUE(status.ok());
  EXPECT_EQ(One("SELECT v FROM $site.t"), "a");
}

TEST_F(SessionTest, OfTwoThatLockEachOtherBothAreDoneInTheEnd) {
  Sql("INSERT INTO $site.t VALUES (1, '', 0), (2, '', 0)");
  std::barrier both_hold(2);
  std::atomic<int> runs = 0;
  const auto add = [&](const char* first, const char* second) {
    const auto session = Root();
    bool waited = false;
    const Status status = session->Transaction([&]() -> Status {
      ++runs;
      auto one = session->Execute(std::string("UPDATE t SET n = n + 1 WHERE id = ") + first);
      if (!std::exchange(waited, true)) both_hold.arrive_and_wait();
      if (!one.ok()) return one.error();
      auto two = session->Execute(std::string("UPDATE t SET n = n + 1 WHERE id = ") + second);
      return two.ok() ? Ok() : Status(two.error());
    });
    EXPECT_TRUE(status.ok());
  };
  std::thread other([&] { add("1", "2"); });
  add("2", "1");
  other.join();
  EXPECT_EQ(One("SELECT SUM(n) FROM $site.t"), "4");
  EXPECT_EQ(runs, 3);
}

TEST_F(SessionTest, ALockThatIsHeldIsForLater) {
  Sql("INSERT INTO $site.t VALUES (1, '', 0)");
  const auto holder = Root();
  const Status status = holder->Transaction([&]() -> Status {
    EXPECT_TRUE(holder->Execute("UPDATE t SET n = 7").ok());
    const auto waiting = session_->Query("SELECT n FROM t WHERE id = 1 FOR UPDATE");
    EXPECT_FALSE(waiting.ok());
    EXPECT_EQ(waiting.error().next, Next::kTryLater);
    return Ok();
  });
  EXPECT_TRUE(status.ok());
}

}  // namespace
}  // namespace latchkey
