#include "password/hash_threads.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <barrier>
#include <fstream>
#include <future>
#include <memory>

#include "base/die.h"
#include "password/scheme.h"
#include "support/temp_dir.h"

namespace latchkey::password {
namespace {

using End = HashTold::End;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A piece that is begun, and ends when it may.
class Held {
 public:
  explicit Held(HashThreads& threads)
      : done_(std::async(std::launch::async, [this, &threads] {
          return threads.Do([this] {
            begun_.set_value();
            may_end_.get_future().wait();
          });
        })) {
    begun_.get_future().wait();
  }
  ~Held() {
    may_end_.set_value();
    EXPECT_TRUE(done_.get().ok());
  }

 private:
  std::promise<void> begun_, may_end_;
  std::future<Status> done_;
};

class HashThreadsTest : public testing::Test {
 protected:
  static constexpr milliseconds kLong{60'000};
  static constexpr milliseconds kShort{20};

  Permits Open(int count = 1) { return OrDie(Permits::Open(temp_.Path("permits"), count)); }
  HashThreads& Start(int permits, int queue, milliseconds wait = kLong) {
    threads_ = std::make_unique<HashThreads>(
        Open(permits), HashThreads::Settings{queue, wait, [this](const HashTold& told) {
                                               ++ends_[static_cast<size_t>(told.end)];
                                             }});
    return *threads_;
  }
  // Does nothing of it, and not before kShort is over; then at once, but for a machine that stalls.
  static void ExpectRefusedInTime(HashThreads& threads) {
    bool done = false;
    const auto before = steady_clock::now();
    const Status status = threads.Do([&] { done = true; });
    const auto took = steady_clock::now() - before;
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().next, Next::kBusy);
    EXPECT_GE(took, kShort);
    EXPECT_LT(took, 500 * kShort);
    EXPECT_FALSE(done);
  }
  int Told(End end) const { return ends_[static_cast<size_t>(end)]; }

  TempDir temp_;
  std::array<std::atomic<int>, 3> ends_{};
  std::unique_ptr<HashThreads> threads_;
};

TEST_F(HashThreadsTest, DoThePieceElsewhereUnderAPermitAndStandBack) {
  HashThreads& threads = Start(2, 4);
  int done_by = 0, nice = 0, taken = 0;
  ASSERT_TRUE(threads
                  .Do([&] {
                    done_by = gettid();
                    nice = getpriority(PRIO_PROCESS, 0);
                    taken = threads.Read().taken;
                  })
                  .ok());
  EXPECT_NE(done_by, 0);
  EXPECT_NE(done_by, gettid());
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(nice, std::max(19, getpriority(PRIO_PROCESS, 0)));
  EXPECT_EQ(threads.Read().taken, 0);
  EXPECT_EQ(Told(End::kDone), 1);
}

TEST_F(HashThreadsTest, RefuseAtOnceWhatIsBeyondTheQueue) {
  HashThreads& threads = Start(/*permits=*/3, /*queue=*/2);
  {
    const Held one(threads), other(threads);
    bool done = false;
    const Status status = threads.Do([&] { done = true; });
    ASSERT_FALSE(status.ok());
    EXPECT_EQ(status.error().next, Next::kBusy);
    EXPECT_FALSE(done);
    EXPECT_EQ(Told(End::kQueueFull), 1);
    EXPECT_EQ(threads.Read().taken, 2);
  }
  EXPECT_TRUE(threads.Do([] {}).ok());
}

TEST_F(HashThreadsTest, RefuseWhatNoThreadTookInTime) {
  HashThreads& threads = Start(/*permits=*/1, /*queue=*/2, kShort);
  {
    const Held held(threads);
    ExpectRefusedInTime(threads);
  }
  EXPECT_EQ(Told(End::kWaitedTooLong), 1);
  EXPECT_TRUE(threads.Do([] {}).ok());
}

TEST_F(HashThreadsTest, RefuseWhatFindsThePermitsOfAnotherProcessTaken) {
  HashThreads& threads = Start(1, 2, kShort);
  Permits others = Open();
  {
    const auto permit = others.Take(steady_clock::now());
    ASSERT_TRUE(permit);
    ExpectRefusedInTime(threads);
    EXPECT_EQ(threads.Read().taken, 1);
  }
  EXPECT_EQ(Told(End::kWaitedTooLong), 1);
  EXPECT_TRUE(threads.Do([] {}).ok());
}

TEST_F(HashThreadsTest, BeginWhatWaitsWhenAPermitIsReleased) {
  HashThreads& threads = Start(1, 2);
  Permits others = Open();
  auto permit = others.Take(steady_clock::now());
  ASSERT_TRUE(permit);
  auto waiting = std::async(std::launch::async, [&] { return threads.Do([] {}).ok(); });
  permit.reset();
  EXPECT_TRUE(waiting.get());
}

TEST_F(HashThreadsTest, NeverDoMoreAtATimeThanThereArePermits) {
  constexpr int kPermits = 2, kAskers = 6, kPieces = 50;
  HashThreads& threads = Start(kPermits, kAskers);
  std::atomic<int> inside = 0, most = 0, done = 0;
  std::vector<std::thread> askers;
  for (int i = 0; i < kAskers; ++i) {
    askers.emplace_back([&] {
      for (int piece = 0; piece < kPieces; ++piece) {
        EXPECT_TRUE(threads
                        .Do([&] {
                          const int now = ++inside;
                          int seen = most;
                          while (seen < now && !most.compare_exchange_weak(seen, now)) continue;
                          sched_yield();
                          --inside;
                          ++done;
                        })
                        .ok());
      }
    });
  }
  for (std::thread& asker : askers) asker.join();
  EXPECT_EQ(done, kAskers * kPieces);
  EXPECT_LE(most, kPermits);
}

// Asks for pieces until it is destroyed, two at a time, so that one always waits.
class Flood {
 public:
  Flood(HashThreads& threads, const std::function<void()>& piece) {
    for (int i = 0; i < 2; ++i) {
      askers_.emplace_back([this, &threads, piece] {
        while (!over_) EXPECT_TRUE(threads.Do(piece).ok());
      });
    }
  }
  ~Flood() {
    over_ = true;
    for (std::thread& asker : askers_) asker.join();
  }

 private:
  std::atomic<bool> over_ = false;
  std::vector<std::thread> askers_;
};

TEST_F(HashThreadsTest, KeepThePermitForWhatWaitsAndThenGiveItAway) {
  constexpr milliseconds kPiece{5};
  HashThreads& threads = Start(1, 2);
  HashThreads others(Open(), {2, kLong});
  // The one permit is between a number's change and the next.
  std::atomic<int> of_ours = 0, of_theirs = 0, turns = 0, last = 0;
  const auto piece = [&](int who, std::atomic<int>& count) {
    return [&, who] {
      if (last.exchange(who) != who) ++turns;
      ++count;
      std::this_thread::sleep_for(kPiece);
    };
  };
  {
    const Flood ours(threads, piece(1, of_ours)), theirs(others, piece(2, of_theirs));
    while (turns < 8) std::this_thread::sleep_for(kPiece);
  }
  EXPECT_GE(of_ours, 4);
  EXPECT_GE(of_theirs, 4);
  EXPECT_GE(of_ours + of_theirs, 2 * turns);
}

// Bytes of this process that are in memory, by proc(5).
size_t Resident() {
  size_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

// Else the bound on memory would be that of all threads that ever hashed, and not of the permits.
TEST_F(HashThreadsTest, KeepNoMemoryOfWhatTheyHashed) {
  constexpr int kAtATime = 4;
  HashThreads& threads = Start(kAtATime, kAtATime);
  const Scheme& argon2 = *FindScheme("argon2id");
  const std::string stored = OrDie(argon2.Make("a password"));
  const size_t before = Resident();
  for (int turn = 0; turn < 2; ++turn) {
    std::barrier all(kAtATime);
    std::vector<std::thread> askers;
    for (int i = 0; i < kAtATime; ++i) {
      askers.emplace_back([&] {
        EXPECT_TRUE(threads
                        .Do([&] {
                          all.arrive_and_wait();  // each on a thread of its own
                          EXPECT_TRUE(argon2.Verify("a password", stored));
                        })
                        .ok());
      });
    }
    for (std::thread& asker : askers) asker.join();
  }
  EXPECT_LT(Resident(), before + argon2.memory().written_bytes);
}

TEST(CountQueue, LeavesHalfOfTheThreadsToOthers) {
  EXPECT_EQ(CountQueue(0, 6), 3);
  EXPECT_EQ(CountQueue(0, 3), 2);
  EXPECT_EQ(CountQueue(0, 1), 1);
  EXPECT_EQ(CountQueue(7, 8), 7);
}

}  // namespace
}  // namespace latchkey::password
