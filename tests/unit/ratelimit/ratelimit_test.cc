#include "ratelimit/ratelimit.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>
#include <random>
#include <thread>

#include "base/die.h"
#include "support/fake_clock.h"
#include "support/temp_dir.h"

namespace latchkey::ratelimit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr size_t kHeaderBytes = 9 * 4096;
constexpr size_t kBootIdAt = 32;

// Hits and time, as a story: Hit(table); clock_.Advance(...); ...
class Counters : public testing::Test {
 protected:
  std::string Prefix() const { return temp_.Path("limits"); }
  Table Open(uint64_t words = 1024) {
    return OrDie(Table::Open(Prefix(), words, longest_, clock_));
  }
  std::string File() const {
    return std::filesystem::directory_iterator(temp_.Path(""))->path().string();
  }
  size_t Files() const {
    const std::filesystem::directory_iterator files(temp_.Path(""));
    return static_cast<size_t>(std::distance(begin(files), end(files)));
  }
  void Overwrite(const std::string& path, size_t at, const std::string& bytes) const {
    std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(static_cast<std::streamoff>(at));
    file << bytes;
    ASSERT_TRUE(file.good());
  }

  Counter For(const std::string& key) const { return {CounterKey().Append(key), limit_}; }
  Decision Hit(Table& table, const std::string& key = "ann") const {
    const Counter counter = For(key);
    return table.Admit({Rule::kLogin, std::span(&counter, 1)});
  }
  // A key in two tiers, the second with a limit of its own.
  Decision HitBoth(Table& table, const std::string& key, const std::string& wider, uint32_t count) const {
    const Counter counters[] = {For(key), {CounterKey().Append(wider), {count, limit_.window}}};
    return table.Admit({Rule::kLogin, counters});
  }
  int Admitted(Table& table, int hits, const std::string& key = "ann") const {
    int admitted = 0;
    for (int i = 0; i < hits; ++i) admitted += Hit(table, key).admitted();
    return admitted;
  }
  // So many windows of ever new keys that come evenly, after which so many words are always live.
  void ComeAndGo(Table& table, int live, int windows) {
    const int64_t ms = milliseconds(limit_.window).count();
    int64_t came = 0;
    for (int64_t now = 0; now < ms * windows; ++now) {
      for (; came * ms < now * live; ++came) HitNumber(table, fresh_++);
      clock_.Advance(milliseconds(1));
    }
  }
  void HitNumber(Table& table, uint64_t number) const {
    const std::string_view bytes(reinterpret_cast<const char*>(&number), sizeof number);
    const Counter counter{CounterKey().Append(bytes), limit_};
    table.Admit({Rule::kLogin, std::span(&counter, 1)});
  }
  void Spray(Table& table, int keys) const {
    for (int i = 0; i < keys; ++i) Hit(table, "spray" + std::to_string(i));
  }

  TempDir temp_;
  uint64_t fresh_ = 0;
  FakeClock clock_;
  Limit limit_{5, seconds(60)};
  milliseconds longest_ = seconds(60);
};

TEST_F(Counters, AdmitTheLimitAndRefuseTheNext) {
  Table table = Open();
  for (uint32_t left = 5; left-- > 0;) {
    const Decision decision = Hit(table);
    EXPECT_TRUE(decision.admitted());
    EXPECT_EQ(decision.remaining, left);
  }
  const Decision sixth = Hit(table);
  EXPECT_EQ(sixth.verdict, Verdict::kOverLimit);
  EXPECT_EQ(sixth.window_left, seconds(60));
}

TEST_F(Counters, WindowBeginsAtTheFirstHitAndIsNotExtended) {
  Table table = Open();
  EXPECT_EQ(Admitted(table, 3), 3);
  clock_.Advance(seconds(40));
  EXPECT_EQ(Admitted(table, 10), 2);
  clock_.Advance(milliseconds(19'999));
  const Decision last = Hit(table);
  EXPECT_FALSE(last.admitted());
  EXPECT_EQ(last.window_left, milliseconds(1));
  clock_.Advance(milliseconds(1));
  EXPECT_EQ(Admitted(table, 10), 5);
}

TEST_F(Counters, KeysCountApart) {
  Table table = Open();
  EXPECT_EQ(Admitted(table, 9, "ann"), 5);
  EXPECT_EQ(Admitted(table, 9, "bob"), 5);
}

TEST_F(Counters, AllTiersAreLookedAtBeforeAnyIsCharged) {
  Table table = Open();
  for (int i = 0; i < 4; ++i) {
    EXPECT_TRUE(HitBoth(table, "ann" + std::to_string(i), "house", 4).admitted());
  }
  for (int i = 0; i < 9; ++i) {
    const Decision refused = HitBoth(table, "eve", "house", 4);
    EXPECT_EQ(refused.verdict, Verdict::kOverLimit);
    EXPECT_EQ(refused.counter, 1u);
  }
  EXPECT_EQ(Admitted(table, 9, "eve"), 5);  // nothing was counted for eve
}

TEST_F(Counters, OneFullTierRefusesAndTheOthersKeepWhatTheyHave) {
  Table table = Open();
  EXPECT_EQ(Admitted(table, 5, "ann"), 5);
  EXPECT_EQ(HitBoth(table, "ann", "house", 4).counter, 0u);
  int admitted = 0;
  for (int i = 0; i < 9; ++i) {
    admitted += HitBoth(table, "bob" + std::to_string(i), "house", 4).admitted();
  }
  EXPECT_EQ(admitted, 4);
}

TEST_F(Counters, CeilingHoldsForAllKeysTogetherAndStartsAnewWithItsWindow) {
  Table table = Open();
  const Ceiling ceiling{7, seconds(10)};
  const auto hit = [&](const std::string& key, Rule rule = Rule::kLogin) {
    const Counter counter = For(key);
    return table.Admit({rule, std::span(&counter, 1), &ceiling});
  };
  for (int i = 0; i < 7; ++i) EXPECT_TRUE(hit("key" + std::to_string(i)).admitted());
  clock_.Advance(seconds(4));
  const Decision eighth = hit("late");
  EXPECT_EQ(eighth.verdict, Verdict::kOverCeiling);
  EXPECT_EQ(eighth.window_left, seconds(6));
  EXPECT_TRUE(hit("late", Rule::kResetRequest).admitted());  // every rule has its own
  clock_.Advance(seconds(6));
  EXPECT_EQ(hit("late").remaining, 3u);  // what the ceiling refused was not counted
}

TEST_F(Counters, IsOneForAllWhoOpenIt) {
  Table one = Open();
  Table two = Open();
  EXPECT_EQ(Admitted(one, 3), 3);
  EXPECT_EQ(Admitted(two, 9), 2);
}

TEST_F(Counters, OutliveTheProcessesThatUseThem) {
  { Table table = Open(); EXPECT_EQ(Admitted(table, 9), 5); }
  Table again = Open();
  EXPECT_EQ(Admitted(again, 9), 0);
}

TEST_F(Counters, CanBeForgotten) {
  Table table = Open();
  EXPECT_EQ(Admitted(table, 9, "ann"), 5);
  EXPECT_EQ(Admitted(table, 9, "bob"), 5);
  EXPECT_TRUE(table.Clear(CounterKey().Append("ann")));
  EXPECT_FALSE(table.Clear(CounterKey().Append("ann")));
  EXPECT_EQ(Admitted(table, 9, "ann"), 5);
  EXPECT_EQ(Admitted(table, 9, "bob"), 0);
}

TEST_F(Counters, UsageAddsUpOverThreadsAndLives) {
  {
    Table table = Open();
    std::thread other([&] { EXPECT_EQ(Admitted(table, 7, "ann"), 5); });
    other.join();
    EXPECT_EQ(Admitted(table, 7, "bob"), 5);
  }
  const Usage usage = Open().Read();
  const Tally& login = usage.rules[static_cast<size_t>(Rule::kLogin)];
  EXPECT_EQ(login.admitted, 10u);
  EXPECT_EQ(login.over_limit, 4u);
  EXPECT_EQ(login.over_ceiling, 0u);
  EXPECT_EQ(usage.rules[static_cast<size_t>(Rule::kResetRequest)].admitted, 0u);
  EXPECT_EQ(usage.words, 1024u);
  EXPECT_EQ(usage.live, 2u);
  clock_.Advance(seconds(60));
  EXPECT_EQ(Open().Read().live, 0u);
}

TEST_F(Counters, EightProcessesOnOneKeyAdmitTheLimitAndNotOneMore) {
  limit_.count = 200;
  Table table = Open();
  for (int window = 0; window < 20; ++window) {
    for (int i = 0; i < 8; ++i) {
      if (fork() == 0) _exit(Admitted(table, 60));
    }
    int admitted = 0;
    for (int i = 0; i < 8; ++i) {
      int status = 0;
      wait(&status);
      ASSERT_TRUE(WIFEXITED(status));
      admitted += WEXITSTATUS(status);
    }
    EXPECT_EQ(admitted, 200);
    clock_.Advance(seconds(60));
  }
}

// Many threads meet at keys that nobody has counted yet, in a table so small that their buckets change
// all the while.
TEST_F(Counters, ThreadsThatInsertOneKeyAtOnceAdmitTheLimit) {
  limit_.count = 3;
  Table table = Open(4096);
  constexpr int kKeys = 2000, kThreads = 4;
  std::vector<std::atomic<int>> admitted(kKeys);
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      for (int key = 0; key < kKeys; ++key) {
        admitted[key] += Admitted(table, 2, "key" + std::to_string(key));
        if (i == 0 && key % 4 == 0) Hit(table, "noise" + std::to_string(key));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(table.Read().evictions, 0u);
  for (int key = 0; key < kKeys; ++key) ASSERT_EQ(admitted[key], 3) << key;
}

// A refusal that wrote would scale with nothing: here it would be SIGSEGV.
TEST_F(Counters, RefusalWritesNoWord) {
  Table table = Open();
  EXPECT_EQ(Admitted(table, 5), 5);
  { std::ofstream(temp_.Path("maps")) << std::ifstream("/proc/self/maps").rdbuf(); }
  std::ifstream maps(temp_.Path("maps"));
  uintptr_t begin = 0, end = 0;
  for (std::string line; std::getline(maps, line);) {
    if (line.find(Prefix() + ".") == std::string::npos) continue;
    ASSERT_EQ(std::sscanf(line.c_str(), "%lx-%lx", &begin, &end), 2);
  }
  ASSERT_EQ(end - begin, kHeaderBytes + 1024 * 8);
  const auto in_child = [&](const std::function<bool()>& works) {
    const pid_t child = fork();
    if (child == 0) {
      mprotect(reinterpret_cast<void*>(begin + kHeaderBytes), end - begin - kHeaderBytes, PROT_READ);
      signal(SIGSEGV, [](int) { _exit(7); });
      _exit(works() ? 0 : 1);
    }
    int status = 0;
    waitpid(child, &status, 0);
    return WEXITSTATUS(status);
  };
  EXPECT_EQ(in_child([&] { return !Hit(table).admitted(); }), 0);
  EXPECT_EQ(in_child([&] { return HitBoth(table, "bob", "ann", 5).counter == 1; }), 0);
  EXPECT_EQ(in_child([&] { return Hit(table, "bob").admitted(); }), 7);
}

TEST_F(Counters, HealFromAnyBitsWithinTheLongestWindow) {
  { Table table = Open(4096); }
  std::mt19937_64 random(7);
  std::string bits;
  for (int i = 0; i < 4096; ++i) {
    const uint64_t word = random();
    bits.append(reinterpret_cast<const char*>(&word), sizeof word);
  }
  Overwrite(File(), kHeaderBytes, bits);
  Table table = Open(4096);
  clock_.Advance(longest_);
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(Admitted(table, 7, "key" + std::to_string(i)), 5) << i;
  EXPECT_EQ(table.Read().evictions, 0u);
}

// What a process that is killed while it inserts leaves behind, in every place of the table.
TEST_F(Counters, ClaimsOfKilledProcessesHoldNobodyUpAndAreSwept) {
  { Table table = Open(1024); Hit(table); }
  uint64_t counter = 0;
  std::ifstream file(File(), std::ios::binary);
  file.seekg(kHeaderBytes);
  while (counter == 0) file.read(reinterpret_cast<char*>(&counter), sizeof counter);
  // The key's own tag, no count, a ticket.
  const uint64_t claim = counter >> 40 << 40 | 77;
  std::string bits;
  for (int i = 0; i < 1024; ++i) bits.append(reinterpret_cast<const char*>(&claim), sizeof claim);
  Overwrite(File(), kHeaderBytes, bits);
  Table table = Open(1024);
  EXPECT_EQ(Admitted(table, 9), 5);
  EXPECT_EQ(Admitted(table, 9, "bob"), 5);
  clock_.Advance(std::chrono::days(12));
  Hit(table, "bob");  // the sweep
  std::ifstream swept(File(), std::ios::binary);
  swept.seekg(kHeaderBytes);
  int words = 0;
  for (uint64_t word = 0; swept.read(reinterpret_cast<char*>(&word), sizeof word);) words += word != 0;
  EXPECT_EQ(words, 1);
}

TEST_F(Counters, ClockThatWrapsDoesNotMatter) {
  Table table = Open();
  clock_.Advance(milliseconds((uint64_t{1} << 32) - 3'600'000 - 30'000));  // 30 s before the wrap
  EXPECT_EQ(Admitted(table, 9), 5);
  clock_.Advance(seconds(45));
  EXPECT_EQ(Admitted(table, 9), 0);
  clock_.Advance(seconds(15));
  EXPECT_EQ(Admitted(table, 9), 5);
}

// 2^32 ms after it was counted a word would look live again, had nothing swept it.
TEST_F(Counters, ClockThatHasGoneRoundRevivesNobody) {
  Table table = Open();
  Hit(table, "bob");  // sweeps an empty table
  EXPECT_EQ(Admitted(table, 9), 5);
  clock_.Advance(std::chrono::days(13));
  Hit(table, "bob");
  clock_.Advance(milliseconds(uint64_t{1} << 32) - std::chrono::days(13) + seconds(1));
  EXPECT_EQ(Admitted(table, 9), 5);
}

TEST_F(Counters, FullTableTakesTheWordThatCountsLeast) {
  Table table = Open(16);
  EXPECT_EQ(Admitted(table, 4), 4);
  Spray(table, 1000);
  EXPECT_GT(table.Read().evictions, 900u);
  EXPECT_EQ(Admitted(table, 9), 1);
}

TEST_F(Counters, RoomForTheExpectedKeysEvictsNobody) {
  Table table = Open(1024);
  Spray(table, 614);
  EXPECT_EQ(table.Read().evictions, 0u);
  EXPECT_EQ(table.Read().live, 614u);
}

// For longer than a window, which is worse than a table that fills up once.
TEST_F(Counters, KeysThatComeAndGoUnderTheCeilingEvictNobody) {
  Table table = Open(1 << 18);
  ComeAndGo(table, (1 << 18) / 9 * 4, 5);
  EXPECT_EQ(table.Read().evictions, 0u);
  EXPECT_NEAR(static_cast<double>(table.Read().live), (1 << 18) / 9.0 * 4, 10);
}

// That the test above can fail, and that what ratelimit.h computes holds of this code: 1.8e-3.
TEST_F(Counters, KeysThatComeAndGoInTooSmallATableEvictAsManyAsIsComputed) {
  Table table = Open(1 << 18);
  constexpr int kLive = (1 << 18) / 10 * 7;
  ComeAndGo(table, kLive, 2);  // until it is at rest
  const uint64_t before = table.Read().evictions;
  ComeAndGo(table, kLive, 2);
  EXPECT_NEAR(static_cast<double>(table.Read().evictions - before) / (2 * kLive), 1.8e-3, 0.5e-3);
}

TEST_F(Counters, TenMillionKeysUnderTheCeilingEvictNobody) {
  Table table = Open(10'000'000 / 4 * 9);
  EXPECT_EQ(table.Read().words, 1u << 25);
  for (uint64_t i = 0; i < 10'000'000; ++i) HitNumber(table, i);
  const Usage usage = table.Read();
  EXPECT_EQ(usage.evictions, 0u);
  // Two keys of one tag in one bucket share a word, 1e-6 of them.
  EXPECT_NEAR(static_cast<double>(usage.live), 1e7, 20);
}

TEST_F(Counters, DamagedFileIsReplaced) {
  { Table table = Open(); EXPECT_EQ(Admitted(table, 5), 5); }
  { std::ofstream(File(), std::ios::trunc) << "short"; }
  {
    Table table = Open();
    EXPECT_EQ(Admitted(table, 9), 5);
  }
  Overwrite(File(), 0, "LKLIMIT1");  // another layout
  {
    Table table = Open();
    EXPECT_EQ(Admitted(table, 9), 5);
  }
  Overwrite(File(), kBootIdAt, "another boot");
  Table table = Open();
  EXPECT_EQ(Admitted(table, 9), 5);
  EXPECT_EQ(Files(), 1u);
}

TEST_F(Counters, TableOfAnotherBootIsRemovedAndOfThisBootLeft) {
  { Table table = Open(1024); EXPECT_EQ(Admitted(table, 5), 5); }
  const std::string old = Prefix() + ".0123abcd";
  std::filesystem::copy_file(File(), old);
  Overwrite(old, kBootIdAt, "another boot");
  { Table bigger = Open(2048); }
  EXPECT_FALSE(std::filesystem::exists(old));
  Table table = Open(1024);
  EXPECT_EQ(Admitted(table, 9), 0);
}

TEST_F(Counters, FileIsForItsOwnerOnly) {
  Table table = Open();
  struct stat facts {};
  ASSERT_EQ(stat(File().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0600u);
}

TEST_F(Counters, DirectoryThatIsMissingIsSaid) {
  const Result<Table> table = Table::Open("/nonexistent/limits", 64, longest_, clock_);
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().next, Next::kFixSetup);
}

}  // namespace
}  // namespace latchkey::ratelimit
