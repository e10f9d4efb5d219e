#include "outbox/gathering.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <future>
#include <list>
#include <string>
#include <thread>

#include "outbox/outbox.h"

namespace latchkey::outbox {
namespace {

// The notes' ids, INSERT by INSERT. The first waits until it may go on.
class Table {
 public:
  Gathering::Insert Inserting() {
    return [this](const Gathering::Notes& notes) -> Status {
      std::vector<std::string> ids;
      for (const Note* note : notes) ids.push_back(note->id);
      std::unique_lock lock(mutex_);
      inserts_.push_back(ids);
      if (inserts_.size() == 1) {
        begun_.set_value();
        lock.unlock();
        go_on_.get_future().wait();
      }
      return failure_ ? Status(*failure_) : Ok();
    };
  }
  void WaitUntilBegun() { begun_.get_future().wait(); }
  void GoOn(std::optional<Error> failure = std::nullopt) {
    failure_ = std::move(failure);
    go_on_.set_value();
  }
  const std::vector<std::vector<std::string>>& inserts() const { return inserts_; }

 private:
  std::mutex mutex_;
  std::promise<void> begun_, go_on_;
  std::optional<Error> failure_;
  std::vector<std::vector<std::string>> inserts_;
};

class GatheringTest : public testing::Test {
 protected:
  std::future<Status> Drop(const std::string& id) {
    return std::async(std::launch::async, [this, id] {
      Note note;
      note.id = id;
      return gathering_.Join(note, table_.Inserting());
    });
  }
  // "0" has begun its INSERT, the others wait behind it.
  void BeginWith(size_t waiting) {
    drops_.push_back(Drop("0"));
    table_.WaitUntilBegun();
    for (size_t i = 1; i <= waiting; ++i) {
      drops_.push_back(Drop(std::to_string(i)));
      while (gathering_.CountWaiting() < i) std::this_thread::yield();
    }
  }
  // How many were told that it is stored.
  size_t CountStored() {
    size_t stored = 0;
    for (auto& drop : drops_) stored += drop.get().ok() ? 1 : 0;
    return stored;
  }

  Gathering gathering_{std::chrono::hours(1)};
  Table table_;
  std::list<std::future<Status>> drops_;
};

using Inserts = std::vector<std::vector<std::string>>;

TEST_F(GatheringTest, WhoIsAloneWaitsForNobody) {
  BeginWith(0);
  table_.GoOn();
  EXPECT_EQ(CountStored(), 1U);
  EXPECT_EQ(table_.inserts(), Inserts{{"0"}});
}

TEST_F(GatheringTest, WhoComesMeanwhileGoesTogetherInTheOrderTheyCame) {
  BeginWith(3);
  table_.GoOn();
  EXPECT_EQ(CountStored(), 4U);
  EXPECT_EQ(table_.inserts(), (Inserts{{"0"}, {"1", "2", "3"}}));
}

TEST_F(GatheringTest, TooManyForOneInsertAreTwo) {
  BeginWith(Gathering::kMost + 2);
  table_.GoOn();
  EXPECT_EQ(CountStored(), Gathering::kMost + 3);
  ASSERT_EQ(table_.inserts().size(), 3U);
  EXPECT_EQ(table_.inserts()[1].size(), Gathering::kMost);
  EXPECT_EQ(table_.inserts()[2], (std::vector<std::string>{"17", "18"}));
}

TEST_F(GatheringTest, AFailureIsToldToAllThatWaitAndTheNextBeginsAnew) {
  BeginWith(2);
  table_.GoOn(Error{Next::kTryLater, "away"});
  EXPECT_EQ(CountStored(), 0U);
  EXPECT_EQ(table_.inserts(), Inserts{{"0"}});
  drops_.clear();
  drops_.push_back(Drop("3"));
  drops_.back().wait();
  EXPECT_EQ(table_.inserts(), (Inserts{{"0"}, {"3"}}));
}

TEST(Gathering, OneThatLastsIsNotWaitedFor) {
  Gathering gathering(std::chrono::milliseconds(1));
  Table table;
  const Note slow, quick;
  auto first =
      std::async(std::launch::async, [&] { return gathering.Join(slow, table.Inserting()); });
  table.WaitUntilBegun();
  EXPECT_TRUE(gathering.Join(quick, table.Inserting()).ok());
  EXPECT_NE(first.wait_for(std::chrono::seconds(0)), std::future_status::ready);
  table.GoOn();
  EXPECT_TRUE(first.get().ok());
}

TEST(Gathering, EachNoteOfManyThreadsIsInsertedOnce) {
  constexpr int kThreads = 8, kNotes = 2000;
  Gathering gathering(std::chrono::hours(1));
  std::atomic<int> under_way{0};
  std::mutex mutex;
  std::vector<std::string> inserted;
  const auto insert = [&](const Gathering::Notes& notes) {
    EXPECT_EQ(++under_way, 1);
    {
      const std::lock_guard lock(mutex);
      for (const Note* note : notes) inserted.push_back(note->id);
    }
    --under_way;
    return Ok();
  };
  std::vector<std::thread> threads;
  for (int who = 0; who < kThreads; ++who) {
    threads.emplace_back([&, who] {
      for (int i = 0; i < kNotes; ++i) {
        Note note;
        note.id = std::to_string(who * kNotes + i);
        EXPECT_TRUE(gathering.Join(note, insert).ok());
        // It is there when its owner is told so.
        const std::lock_guard lock(mutex);
        if (i % 97 != 0) continue;
        EXPECT_EQ(std::count(inserted.begin(), inserted.end(), note.id), 1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  std::sort(inserted.begin(), inserted.end());
  EXPECT_EQ(std::unique(inserted.begin(), inserted.end()), inserted.end());
  EXPECT_EQ(inserted.size(), static_cast<size_t>(kThreads * kNotes));
}

}  // namespace
}  // namespace latchkey::outbox
