// The outbox's two halves with the rights of the two programs, against a real server.

#include "outbox/outbox.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <set>
#include <thread>

#include "db/server.h"

namespace latchkey {
namespace {

using namespace std::chrono_literals;
using outbox::End;
using outbox::Note;

class OutboxTest : public ServerTest {
 protected:
  void SetUp() override {
    ServerTest::SetUp();
    if (HasFatalFailure()) return;
    web_ = Web();
    mailer_ = Mailer();
    drops_ = std::make_unique<outbox::SqlDrops>(*web_, outbox_);
    queue_ = std::make_unique<outbox::Queue>(*mailer_, outbox_, std::string(16, 'A'));
    // The logins' default schema is the site's; they need some right there to connect to it.
    MakeUsers();
  }

  Note Drop(const std::string& address) {
    Note note;
    note.id = outbox::NewNoteId();
    note.address = address;
    note.peer = "192.0.2.7";
    EXPECT_TRUE(drops_->Drop(note).ok());
    return note;
  }
  std::vector<Note> Claim(size_t most = 10) {
    auto notes = queue_->Claim(most, 60s);
    EXPECT_TRUE(notes.ok()) << notes.error().message;
    return notes.ok() ? *std::move(notes) : std::vector<Note>{};
  }
  size_t Finish(const Note& note, End end, const std::string& reason = "") {
    const Result<size_t> ended = queue_->Finish({{note, end, reason}});
    EXPECT_TRUE(ended.ok()) << ended.error().message;
    return ended.ok() ? *ended : 0;
  }
  std::string Ended(const std::string& name) {
    return One("SELECT COALESCE(SUM(count), 0) FROM $outbox.outbox_ends WHERE name = ?", {name});
  }
  std::string Waiting() {
    return One("SELECT COUNT(*) FROM $outbox.outbox WHERE state = 'waiting'");
  }

  std::unique_ptr<db::Session> web_, mailer_;
  std::unique_ptr<outbox::SqlDrops> drops_;
  std::unique_ptr<outbox::Queue> queue_;
};

TEST_F(OutboxTest, EachProgramHasTheRightsItNeedsAtStart) {
  EXPECT_TRUE(drops_->Check().ok());
  EXPECT_TRUE(queue_->Check().ok());
}

TEST_F(OutboxTest, TheWebCannotReadOrWorkTheOutbox) {
  EXPECT_EQ(web_->Query("SELECT address FROM `" + outbox_ + "`.outbox").error().next,
            Next::kFixSetup);
  EXPECT_FALSE(outbox::Queue(*web_, outbox_, std::string(16, 'W')).Check().ok());
  EXPECT_FALSE(web_->Execute("DELETE FROM `" + outbox_ + "`.outbox").ok());
}

TEST_F(OutboxTest, TheWebCountsWhatItCannotRead) {
  Drop("ann@example.org");
  Drop("bob@example.org");
  const Note note = Claim(1).at(0);
  ASSERT_EQ(Finish(note, End::kFailed, "550"), 1u);
  Sql("UPDATE $outbox.outbox SET dropped_at = dropped_at - INTERVAL 1 HOUR WHERE state = 'waiting'");
  const auto tally = drops_->Count();
  ASSERT_TRUE(tally.ok()) << tally.error().message;
  EXPECT_EQ(tally->states, (std::map<std::string, uint64_t>{{"failed", 1}, {"waiting", 1}}));
  EXPECT_EQ(tally->ends, (std::map<std::string, uint64_t>{{"failed", 1}}));
  EXPECT_GE(tally->oldest_s, 3600u);
  EXPECT_LT(tally->oldest_s, 3700u);
}

TEST_F(OutboxTest, ANoteArrivesAsItWasDropped) {
  Note sent;
  sent.id = std::string("\x00\xff\x80'\\\"\x1a\n0123456", 15) + "x";
  sent.kind = outbox::Kind::kChanged;
  sent.account_id = "7";
  sent.peer = "2001:db8::1";
  sent.muted = true;
  sent.languages = "de-CH, fr;q=0.8";
  ASSERT_TRUE(drops_->Drop(sent).ok());
  const std::vector<Note> notes = Claim();
  ASSERT_EQ(notes.size(), 1u);
  EXPECT_EQ(notes[0].id, sent.id);
  EXPECT_EQ(notes[0].kind, sent.kind);
  EXPECT_EQ(notes[0].account_id, "7");
  EXPECT_EQ(notes[0].address, "");
  EXPECT_EQ(notes[0].peer, "2001:db8::1");
  EXPECT_TRUE(notes[0].muted);
  EXPECT_EQ(notes[0].languages, "de-CH, fr;q=0.8");
  EXPECT_EQ(notes[0].tries, 1u);
  const auto age = std::chrono::system_clock::now() - notes[0].dropped_at;
  EXPECT_LT(age, 10s);
  EXPECT_GT(age, -10s);
}

TEST_F(OutboxTest, AnAddressOfAnyBytesIsKeptByteForByte) {
  const std::string address = "'; DROP TABLE users; -- \xbf\x27 \xff\xfe M\xc4\xb1KE@x";
  Drop(address);
  EXPECT_EQ(Claim().at(0).address, address);
}

TEST_F(OutboxTest, DroppingTwiceIsOneNote) {
  const Note note = Drop("ann@example.org");
  EXPECT_TRUE(drops_->Drop(note).ok());
  EXPECT_EQ(Waiting(), "1");
}

TEST_F(OutboxTest, AnOverlongAddressIsRefusedAndNothingIsStored) {
  Note note;
  note.id = outbox::NewNoteId();
  note.address = std::string(321, 'a');
  EXPECT_EQ(drops_->Drop(note).error().next, Next::kFixInput);
  EXPECT_EQ(Waiting(), "0");
}

Note To(const std::string& address) {
  Note note;
  note.id = outbox::NewNoteId();
  note.address = address;
  note.peer = "192.0.2.7";
  return note;
}

class DropAllTest : public OutboxTest {
 protected:
  std::vector<Status> DropAll(const std::vector<Note>& notes) {
    std::vector<const Note*> all;
    for (const Note& note : notes) all.push_back(&note);
    return drops_->DropAll(all);
  }
  // Statements of all sessions, but for this question.
  int Executions() {
    return std::stoi(One("SELECT variable_value FROM information_schema.global_status "
                         "WHERE variable_name = 'Com_stmt_execute'")) - ++questions_;
  }

 private:
  int questions_ = 0;
};

TEST_F(DropAllTest, AreAsTheyWereDroppedByOneInsert) {
  const std::vector<Note> notes = {To("ann@example.org"), To("bob@example.org"), To("\xff@x")};
  const int before = Executions();
  for (const Status& told : DropAll(notes)) EXPECT_TRUE(told.ok());
  EXPECT_EQ(Executions(), before + 1);
  EXPECT_EQ(Waiting(), "3");
  std::map<std::string, std::string> addresses;
  for (const Note& note : Claim()) addresses[note.id] = note.address;
  for (const Note& note : notes) EXPECT_EQ(addresses[note.id], note.address);
}

TEST_F(DropAllTest, WhatIsWrongWithOneIsNoHarmToTheOthers) {
  const Note known = Drop("known@example.org"), twice = To("twice@example.org");
  const std::vector<Status> told = DropAll({To("ann@example.org"), To(std::string(321, 'a')), known,
                                            twice, twice, To("bob@example.org")});
  ASSERT_EQ(told.size(), 6u);
  EXPECT_EQ(told[1].error().next, Next::kFixInput);
  for (const size_t good : {0, 2, 3, 4, 5}) EXPECT_TRUE(told[good].ok()) << good;
  EXPECT_EQ(Waiting(), "4");
}

TEST_F(DropAllTest, WhatIsWrongWithTheDatabaseIsToldToAllAndAskedOnce) {
  Sql("SET GLOBAL read_only = 1");
  const int before = Executions();
  const std::vector<Status> told = DropAll({To("ann@example.org"), To("bob@example.org")});
  const int after = Executions();
  Sql("SET GLOBAL read_only = 0");
  ASSERT_EQ(told.size(), 2u);
  for (const Status& one : told) EXPECT_EQ(one.error().next, Next::kTryLater);
  EXPECT_EQ(after, before + 1);
  EXPECT_EQ(Waiting(), "0");
}

TEST_F(OutboxTest, ADropIntoATransactionThatFailsIsNotThere) {
  const Status status = web_->Transaction([&]() -> Status {
    Drop("ann@example.org");
    return Error{Next::kGiveUp, ""};
  });
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(Waiting(), "0");
}

TEST_F(OutboxTest, TwoOwnersNeverHoldOneNote) {
  std::set<std::string> dropped;
  for (int i = 0; i < 60; ++i) dropped.insert(Drop("a" + std::to_string(i) + "@example.org").id);
  std::vector<std::vector<std::string>> claimed(4);
  std::vector<std::thread> threads;
  for (size_t who = 0; who < claimed.size(); ++who) {
    threads.emplace_back([&, who] {
      const auto session = Mailer();
      outbox::Queue queue(*session, outbox_, std::string(16, static_cast<char>('a' + who)));
      std::set<std::string> mine;
      for (int round = 0; round < 40; ++round) {
        const auto notes = queue.Claim(3, 60s);
        if (!notes.ok()) continue;
        for (const Note& note : *notes) mine.insert(note.id);
      }
      claimed[who].assign(mine.begin(), mine.end());
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::vector<std::string> all;
  for (const auto& some : claimed) all.insert(all.end(), some.begin(), some.end());
  EXPECT_EQ(all.size(), 60u);
  EXPECT_EQ(std::set<std::string>(all.begin(), all.end()), dropped);
}

TEST_F(OutboxTest, ManyOwnersClaimAndEndWithoutADeadlock) {
  for (int i = 0; i < 600; ++i) Drop("a" + std::to_string(i) + "@example.org");
  const std::string deadlocks =
      "SELECT variable_value FROM information_schema.global_status WHERE variable_name = 'Innodb_deadlocks'";
  const std::string before = One(deadlocks);
  std::atomic<size_t> ended = 0;
  std::vector<std::thread> threads;
  for (char who = 'a'; who < 'i'; ++who) {
    threads.emplace_back([&, who] {
      const auto session = Mailer();
      outbox::Queue queue(*session, outbox_, std::string(16, who));
      while (true) {
        const auto notes = queue.Claim(8, 60s);
        if (!notes.ok() || notes->empty()) return;
        std::vector<outbox::Ended> all;
        for (const Note& note : *notes) {
          all.push_back({note, all.size() % 2 == 0 ? outbox::End::kSent : outbox::End::kNoAccount, ""});
        }
        ended += queue.Finish(all).ok() ? all.size() : 0;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(One(deadlocks), before);
  EXPECT_EQ(ended + Claim().size(), 600u);
}

TEST_F(OutboxTest, AClaimedNoteComesBackToItsOwnerOnly) {
  Drop("ann@example.org");
  const auto other_session = Mailer();
  outbox::Queue other(*other_session, outbox_, std::string(16, 'B'));
  EXPECT_EQ(Claim().size(), 1u);
  EXPECT_EQ(Claim().size(), 0u);
  Sql("UPDATE $outbox.outbox SET lease_until = UTC_TIMESTAMP(6) + INTERVAL 1 SECOND");
  const auto again = queue_->Reclaim(60s);
  ASSERT_EQ(again->size(), 1u);
  EXPECT_EQ(again->at(0).tries, 1u);
  EXPECT_EQ(One("SELECT lease_until > UTC_TIMESTAMP(6) + INTERVAL 50 SECOND FROM $outbox.outbox"), "1");
  EXPECT_EQ(other.Claim(10, 60s)->size(), 0u);
  EXPECT_EQ(other.Reclaim(60s)->size(), 0u);
}

TEST_F(OutboxTest, ANoteWhoseLeaseRanOutIsTakenOver) {
  Drop("ann@example.org");
  const Note mine = Claim().at(0);
  Sql("UPDATE $outbox.outbox SET lease_until = UTC_TIMESTAMP(6) - INTERVAL 1 SECOND");
  const auto other_session = Mailer();
  outbox::Queue other(*other_session, outbox_, std::string(16, 'B'));
  const auto theirs = other.Claim(10, 60s);
  ASSERT_EQ(theirs->size(), 1u);
  EXPECT_EQ(theirs->at(0).tries, 2u);
  EXPECT_EQ(Finish(mine, End::kSent), 0u);
  EXPECT_EQ(queue_->Defer(mine, 5s, "").error().next, Next::kFixInput);
  EXPECT_EQ(Ended("sent"), "0");
  EXPECT_EQ(*other.Finish({{theirs->at(0), End::kSent, ""}}), 1u);
  EXPECT_EQ(Ended("sent"), "1");
}

TEST_F(OutboxTest, EveryEndIsCountedAndAllButSentStay) {
  for (int i = 0; i < 6; ++i) Drop("a" + std::to_string(i) + "@example.org");
  const std::vector<Note> notes = Claim();
  ASSERT_EQ(notes.size(), 6u);
  const auto ended = queue_->Finish({{notes[0], End::kSent, ""},
                                     {notes[4], End::kFailed, std::string(300, 'r')},
                                     {notes[2], End::kNoAccount, ""},
                                     {notes[1], End::kSent, ""},
                                     {notes[5], End::kAbandoned, "old"}});
  ASSERT_TRUE(ended.ok()) << ended.error().message;
  EXPECT_EQ(*ended, 5u);
  EXPECT_EQ(Finish(notes[3], End::kMuted), 1u);
  EXPECT_EQ(Ended("sent"), "2");
  EXPECT_EQ(Ended("no_account"), "1");
  EXPECT_EQ(Ended("muted"), "1");
  EXPECT_EQ(Ended("failed"), "1");
  EXPECT_EQ(Ended("abandoned"), "1");
  EXPECT_EQ(One("SELECT GROUP_CONCAT(state, LENGTH(reason) ORDER BY state) FROM $outbox.outbox"),
            "abandoned3,failed250,muted0,no_account0");
  EXPECT_EQ(Claim().size(), 0u);
}

TEST_F(OutboxTest, WhatEndedIsPurgedAfterItsTimeAndWhatWaitsIsNot) {
  for (int i = 0; i < 3; ++i) Drop("a" + std::to_string(i) + "@example.org");
  const std::vector<Note> notes = Claim();
  Finish(notes[0], End::kFailed);
  Finish(notes[1], End::kNoAccount);
  Sql("UPDATE $outbox.outbox SET dropped_at = dropped_at - INTERVAL 9 DAY");
  ASSERT_TRUE(queue_->Purge(3600s).ok());
  EXPECT_EQ(One("SELECT COUNT(*) FROM $outbox.outbox"), "3");
  Sql("UPDATE $outbox.outbox SET due_at = due_at - INTERVAL 2 HOUR WHERE state = 'failed'");
  Sql("UPDATE $outbox.outbox SET due_at = due_at - INTERVAL 2 HOUR WHERE state = 'waiting'");
  ASSERT_TRUE(queue_->Purge(3600s).ok());
  EXPECT_EQ(One("SELECT GROUP_CONCAT(state ORDER BY state) FROM $outbox.outbox"),
            "no_account,waiting");
}

TEST_F(OutboxTest, ADeferredNoteIsDueAgainAfterItsPause) {
  Drop("ann@example.org");
  ASSERT_TRUE(queue_->Defer(Claim().at(0), 30s, "451 later").ok());
  EXPECT_EQ(Claim().size(), 0u);
  EXPECT_EQ(One("SELECT reason FROM $outbox.outbox"), "451 later");
  EXPECT_EQ(One("SELECT ABS(TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), due_at) - 30) < 5 FROM "
                "$outbox.outbox"),
            "1");
  Sql("UPDATE $outbox.outbox SET due_at = UTC_TIMESTAMP(6)");
  EXPECT_EQ(Claim().at(0).tries, 2u);
}

TEST_F(OutboxTest, WhatIsGivenBackIsAsIfNeverClaimed) {
  Drop("ann@example.org");
  Claim();
  ASSERT_TRUE(queue_->Release("").ok());
  EXPECT_EQ(One("SELECT CONCAT(tries, lease_owner IS NULL) FROM $outbox.outbox"), "01");
}

TEST_F(OutboxTest, AHeldNoteStaysWhileTheOthersAreGivenBack) {
  for (const char* address : {"ann@example.org", "bob@example.org"}) Drop(address);
  const Note kept = Claim().at(0);
  Sql("UPDATE $outbox.outbox SET lease_until = UTC_TIMESTAMP(6) + INTERVAL 1 SECOND");
  ASSERT_TRUE(queue_->Hold(kept, 100s).ok());
  ASSERT_TRUE(queue_->Release(kept.id).ok());
  EXPECT_EQ(One("SELECT COUNT(*) FROM $outbox.outbox WHERE lease_owner IS NULL AND tries = 0"), "1");
  EXPECT_EQ(One("SELECT TIMESTAMPDIFF(SECOND, UTC_TIMESTAMP(6), lease_until) > 90 FROM $outbox.outbox "
                "WHERE lease_owner IS NOT NULL"), "1");
  Sql("UPDATE $outbox.outbox SET lease_owner = 'another''s lease!'");
  EXPECT_EQ(queue_->Hold(kept, 100s).error().next, Next::kFixInput);
}

// Told in GHSA-q86f and GHSA-g7hc-96xr-gvvx: what is written past the web process is not trusted.
TEST_F(OutboxTest, ARowThatIsNoNoteFailsAndBlocksNobody) {
  const std::string insert =
      "INSERT INTO $outbox.outbox (note_id, kind, address, account_id, peer, muted, state, tries, "
      "dropped_at, due_at, reason) VALUES (?, ?, ?, ?, ?, 0, 'waiting', 0, UTC_TIMESTAMP(6), "
      "UTC_TIMESTAMP(6) - INTERVAL 1 MINUTE, '')";
  const auto bad = [&](char id, const std::string& kind, const std::string& address,
                       const std::string& account) {
    Sql(insert, {std::string(16, id), kind, address, account, std::string("192.0.2.1")});
  };
  bad('1', "other", "ann@example.org", "");
  bad('2', "link", "", "");
  bad('3', "changed", "", "");
  bad('4', "link", "ann@example.org", "7");
  bad('5', "LINK", "ann@example.org", "");
  Sql(insert, {std::string(16, '6'), std::string("link"), std::string("ann@example.org"),
               std::string(), std::string("call 555-0100 now\r\nBcc: x")});
  const Note good = Drop("bob@example.org");
  const std::vector<Note> notes = Claim();
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_EQ(notes[0].peer, "");
  EXPECT_EQ(notes[1].id, good.id);
  EXPECT_EQ(Ended("failed"), "5");
}

}  // namespace
}  // namespace latchkey
