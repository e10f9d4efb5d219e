// What we remember of accounts, and an administrator's hand on the outbox, against a real server.

#include "accounts/state.h"

#include <gtest/gtest.h>

#include "db/server.h"
#include "outbox/desk.h"

namespace latchkey {
namespace {

using namespace std::chrono_literals;

class StateTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    if (HasFatalFailure()) return;
    MakeUsers();
    web_ = Web();
    mailer_ = Mailer();
  }
  std::chrono::sys_seconds Now() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
  }
  std::unique_ptr<db::Session> web_, mailer_;
};

TEST_F(StateTest, TheWebWritesAndTheMailerReads) {
  accounts::SqlStates web(*web_, outbox_), mailer(*mailer_, outbox_);
  EXPECT_TRUE(web.Check(/*needs_write=*/true).ok());
  EXPECT_TRUE(mailer.Check(/*needs_write=*/false).ok());
  EXPECT_FALSE(mailer.Check(/*needs_write=*/true).ok());
  EXPECT_EQ(mailer.Find("7")->not_before.time_since_epoch(), 0s);
  EXPECT_FALSE(mailer.Find("7")->muted);
  ASSERT_TRUE(web.Revoke("7", Now() - 1h, 24h).ok());
  // The database's clock is the later one here.
  EXPECT_GE(mailer.Find("7")->not_before, Now() - 60s);
  EXPECT_TRUE(mailer.Find("7")->muted);
  EXPECT_FALSE(mailer.Find("77")->muted);
  EXPECT_FALSE(mailer.Revoke("7", Now(), 1h).ok());
}

TEST_F(StateTest, ALaterWordUndoesNoEarlierOne) {
  accounts::SqlStates states(*web_, outbox_);
  const auto ahead = Now() + 40s;
  ASSERT_TRUE(states.Revoke("7", ahead, 24h).ok());
  ASSERT_TRUE(states.Revoke("7", Now() - 1h, 0s).ok());
  EXPECT_EQ(states.Find("7")->not_before, ahead);
  EXPECT_TRUE(states.Find("7")->muted);
  Sql("UPDATE $outbox.account_state SET mute_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND");
  EXPECT_FALSE(states.Find("7")->muted);
}

TEST_F(StateTest, AnIdIsBytesAndNothingElse) {
  accounts::SqlStates states(*web_, outbox_);
  ASSERT_TRUE(states.Revoke("Ann", Now(), 1h).ok());
  for (const char* other : {"ann", "Ann ", "ANN", "Ann\\", "' OR 1 -- "}) {
    EXPECT_FALSE(states.Find(other)->muted) << other;
  }
  EXPECT_FALSE(states.Revoke(std::string(65, '7'), Now(), 1h).ok());
}

TEST_F(StateTest, TheDeskLeavesAloneWhatAMailerHolds) {
  outbox::SqlDrops drops(*web_, outbox_);
  outbox::Queue queue(*mailer_, outbox_, std::string(16, 'A'));
  outbox::Desk desk(*mailer_, outbox_);
  outbox::Note note;
  note.id = std::string(16, '\xab');
  note.address = "ann@example.org";
  ASSERT_TRUE(drops.Drop(note).ok());
  const auto claimed = queue.Claim(1, 60s);
  ASSERT_EQ(claimed->size(), 1u);
  EXPECT_EQ(*desk.Discard("abababab"), 0u);
  EXPECT_EQ(*desk.Retry("all"), 0u);
  ASSERT_EQ(*queue.Finish({{claimed->front(), outbox::End::kAbandoned, "old"}}), 1u);
  Sql("UPDATE $outbox.outbox SET dropped_at = dropped_at - INTERVAL 2 HOUR");
  EXPECT_EQ(desk.List("abandoned")->at(0).id, "abababababababababababababababab");
  EXPECT_GE(desk.List("")->at(0).age_s, 7200u);
  EXPECT_EQ(*desk.Retry("abababac"), 0u);
  EXPECT_EQ(*desk.Retry("abababab"), 1u);
  // Young again, or it would be abandoned at once.
  EXPECT_LT(desk.List("waiting")->at(0).age_s, 60u);
  EXPECT_EQ(*desk.Discard("all"), 1u);
  EXPECT_EQ(desk.Count()->ends.at("abandoned"), 2u);
  EXPECT_TRUE(desk.List("")->empty());
}

}  // namespace
}  // namespace latchkey
