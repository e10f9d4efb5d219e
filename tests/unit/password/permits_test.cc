#include "password/permits.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <thread>
#include <vector>

#include "base/die.h"
#include "support/temp_dir.h"

namespace latchkey::password {
namespace {

namespace fs = std::filesystem;
using std::chrono::steady_clock;

// Long enough that it never passes; a test that waits so long has failed.
const auto kSomeday = std::chrono::minutes(1);

class PermitsTest : public testing::Test {
 protected:
  Permits Open(int count = 1) { return OrDie(Permits::Open(temp_.Path("permits"), count)); }
  static std::optional<Permits::Permit> TakeNow(Permits& permits) {
    return permits.Take(steady_clock::now());
  }
  static std::optional<Permits::Permit> Wait(Permits& permits) {
    return permits.Take(steady_clock::now() + kSomeday);
  }
  // Whether another thread would get one at once; it gives it back.
  static bool IsFree(Permits& permits) {
    bool free = false;
    std::thread([&] { free = TakeNow(permits).has_value(); }).join();
    return free;
  }
  std::vector<fs::path> Files() const {
    return {fs::directory_iterator(temp_.path()), fs::directory_iterator()};
  }

  TempDir temp_;
};

// What several processes may count in.
struct Counted {
  std::atomic<int> inside, most, done;
};
Counted& Shared() {
  void* memory =
      mmap(nullptr, sizeof(Counted), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  return *new (memory) Counted{};
}

void Enter(Counted& counted) {
  const int now = ++counted.inside;
  int most = counted.most;
  while (most < now && !counted.most.compare_exchange_weak(most, now)) continue;
}

template <typename Work>
pid_t Fork(Work work) {
  const pid_t child = fork();
  CHECK(child >= 0);
  if (child != 0) return child;
  work();
  _exit(0);
}

void EndOf(pid_t child) {
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  ASSERT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
}

TEST_F(PermitsTest, AreAsManyAsWereAskedFor) {
  Permits permits = Open(2);
  {
    const auto one = TakeNow(permits), other = TakeNow(permits);
    EXPECT_TRUE(one && other);
    EXPECT_FALSE(TakeNow(permits));
    EXPECT_FALSE(IsFree(permits));
    EXPECT_EQ(permits.Read().taken, 2);
  }
  EXPECT_TRUE(IsFree(permits));
  EXPECT_EQ(permits.Read().taken, 0);
  EXPECT_EQ(permits.Read().permits, 2);
}

TEST_F(PermitsTest, OfAllProcessesTogetherNoMoreAreHeld) {
  constexpr int kProcesses = 4, kTurns = 300, kPermits = 2;
  Counted& counted = Shared();
  std::array<pid_t, kProcesses> children{};
  for (pid_t& child : children) {
    child = Fork([&] {
      Permits permits = Open(kPermits);
      for (int i = 0; i < kTurns; ++i) {
        const auto permit = Wait(permits);
        CHECK(permit);
        Enter(counted);
        sched_yield();
        --counted.inside;
        ++counted.done;
      }
    });
  }
  for (const pid_t child : children) EndOf(child);
  EXPECT_EQ(counted.done, kProcesses * kTurns);
  EXPECT_GE(counted.most, 1);
  EXPECT_LE(counted.most, kPermits);
}

// What an old and a new configuration do side by side.
TEST_F(PermitsTest, OfTwoCountsTheLargerHoldsForBoth) {
  Permits few = Open(1), many = Open(3);
  const auto one = TakeNow(many), two = TakeNow(many);
  EXPECT_FALSE(TakeNow(few));
  EXPECT_EQ(few.Read().taken, 1);
  EXPECT_TRUE(TakeNow(many));
  EXPECT_EQ(Files().size(), 1u);
}

// The child's last act is to hold what the parent then wants.
TEST_F(PermitsTest, OfAKilledProcessAreTheNextOnes) {
  Counted& counted = Shared();
  Permits permits = Open(2);
  for (int turn = 0; turn < 20; ++turn) {
    counted.inside = 0;
    const pid_t child = Fork([&] {
      Permits theirs = Open(2);
      const auto one = Wait(theirs), other = Wait(theirs);
      counted.inside = 1;
      while (true) pause();
    });
    while (counted.inside == 0) usleep(100);
    EXPECT_EQ(permits.Read().taken, 2);
    EXPECT_FALSE(TakeNow(permits));
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    const auto one = TakeNow(permits), other = TakeNow(permits);
    ASSERT_TRUE(one && other);
    EXPECT_FALSE(TakeNow(permits));
  }
}

TEST_F(PermitsTest, OfAKilledProcessAreNotCountedAsTaken) {
  Counted& counted = Shared();
  Permits permits = Open(2);
  const pid_t child = Fork([&] {
    Permits theirs = Open(2);
    const auto one = Wait(theirs);
    counted.inside = 1;
    while (true) pause();
  });
  while (counted.inside == 0) usleep(100);
  EXPECT_EQ(permits.Read().taken, 1);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  EXPECT_EQ(permits.Read().taken, 0);
}

// Waiting for the permit of a process that is killed meanwhile, and behind one that is killed in
// the line.
TEST_F(PermitsTest, ComeToWhoWaitsThoughHolderAndNextInLineAreKilled) {
  Counted& counted = Shared();
  Permits permits = Open();
  const pid_t holder = Fork([&] {
    Permits theirs = Open();
    const auto one = Wait(theirs);
    counted.inside = 1;
    while (true) pause();
  });
  while (counted.inside == 0) usleep(100);
  const pid_t next = Fork([&] {
    Permits theirs = Open();
    counted.inside = 2;
    const auto one = Wait(theirs);
  });
  while (counted.inside == 1) usleep(100);
  std::atomic<bool> got = false;
  std::thread waiting([&] { got = Wait(permits).has_value(); });
  usleep(1000);  // into the line, most often; the end is the same otherwise
  kill(next, SIGKILL);
  waitpid(next, nullptr, 0);
  EXPECT_FALSE(got);
  kill(holder, SIGKILL);
  waitpid(holder, nullptr, 0);
  waiting.join();
  EXPECT_TRUE(got);
}

TEST_F(PermitsTest, KilledAtRandomNeverLeaveFewerNorMore) {
  constexpr int kPermits = 2;
  Counted& counted = Shared();
  Permits permits = Open(kPermits);
  std::array<pid_t, 3> children{};
  const auto start = [&] {
    return Fork([&] {
      Permits theirs = Open(kPermits);
      while (true) {
        const auto permit = Wait(theirs);
        CHECK(permit);
        ++counted.done;
      }
    });
  };
  for (pid_t& child : children) child = start();
  for (int kills = 0; kills < 60; ++kills) {
    const int before = counted.done;
    while (counted.done == before) sched_yield();
    pid_t& child = children[static_cast<size_t>(kills) % children.size()];
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
    child = start();
  }
  for (const pid_t child : children) {
    kill(child, SIGKILL);
    waitpid(child, nullptr, 0);
  }
  const auto one = TakeNow(permits), other = TakeNow(permits);
  EXPECT_TRUE(one && other);
  EXPECT_FALSE(TakeNow(permits));
}

// Else one busy process would starve the others: it gets its own permit again before they wake up.
TEST_F(PermitsTest, ComeToOthersBeforeTheyComeBackToWhoHadOne) {
  Permits permits = Open();
  std::atomic<int> turns = 0, own = -1;
  auto permit = std::optional(Wait(permits));
  std::thread other([&] {
    const auto theirs = Wait(permits);
    own = turns.load();
  });
  // The line is not to be seen from outside, but who stands in it keeps all others out.
  usleep(20'000);
  permit.reset();
  const auto again = Wait(permits);
  ++turns;
  other.join();
  EXPECT_EQ(own, 0);
}

TEST_F(PermitsTest, MadeByManyAtOnceAreOneFile) {
  Counted& counted = Shared();
  std::array<pid_t, 8> children{};
  for (pid_t& child : children) {
    child = Fork([&] {
      ++counted.inside;
      while (counted.inside < 8) sched_yield();
      Permits permits = Open();
      const auto permit = Wait(permits);
      Enter(counted);
      --counted.inside;
    });
  }
  for (const pid_t child : children) EndOf(child);
  EXPECT_EQ(Files().size(), 1u);
}

TEST_F(PermitsTest, InADamagedFileBeginAnew) {
  Open();
  std::ofstream(Files().at(0)) << "short";
  Permits permits = Open();
  EXPECT_TRUE(IsFree(permits));
  const auto size = fs::file_size(Files().at(0));
  std::ofstream(Files().at(0)) << std::string(size, 'x');
  Permits again = Open();
  EXPECT_TRUE(IsFree(again));
}

TEST_F(PermitsTest, OfAnEarlierBootAreRemovedAndOthersStay) {
  Open();
  const fs::path own = Files().at(0);
  std::string bytes(fs::file_size(own), '\0');
  std::ifstream(own, std::ios::binary)
      .read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  bytes[10] = bytes[10] == 'x' ? 'y' : 'x';  // in the boot's id
  std::ofstream(temp_.Path("permits.00000000"), std::ios::binary) << bytes;
  std::ofstream(temp_.Path("permits.11111111")) << "somebody's";
  std::ofstream(temp_.Path("permits"), std::ios::binary) << bytes;
  Open();
  EXPECT_FALSE(fs::exists(temp_.Path("permits.00000000")));
  EXPECT_TRUE(fs::exists(temp_.Path("permits.11111111")));
  EXPECT_TRUE(fs::exists(temp_.Path("permits")));
  EXPECT_TRUE(fs::exists(own));
}

TEST_F(PermitsTest, WithoutADirectorySayWhere) {
  const Result<Permits> permits = Permits::Open("/nonexistent/permits", 1);
  ASSERT_FALSE(permits.ok());
  EXPECT_EQ(permits.error().next, Next::kFixSetup);
  EXPECT_NE(permits.error().message.find("/nonexistent/permits"), std::string::npos);
}

// A limit on a file's size stands for a disk that is full.
TEST_F(PermitsTest, WithoutRoomSayWhereAndLeaveNothingBehind) {
  EndOf(Fork([&] {
    signal(SIGXFSZ, SIG_IGN);
    const rlimit little{4096, 4096};
    CHECK(setrlimit(RLIMIT_FSIZE, &little) == 0);
    const Result<Permits> permits = Permits::Open(temp_.Path("permits"), 1);
    CHECK(!permits.ok() && permits.error().next == Next::kFixSetup);
    CHECK(permits.error().message.find(temp_.Path("permits.")) != std::string::npos);
  }));
  EXPECT_TRUE(Files().empty());
}

TEST(CountPermits, LeavesACoreFreeAndIsAtLeastOne) {
  EXPECT_EQ(CountPermits(7), 7);
  const int by_itself = CountPermits(0);
  EXPECT_GE(by_itself, 1);
  EXPECT_EQ(by_itself, std::max(1, static_cast<int>(sysconf(_SC_NPROCESSORS_ONLN)) - 1));
}

}  // namespace
}  // namespace latchkey::password
