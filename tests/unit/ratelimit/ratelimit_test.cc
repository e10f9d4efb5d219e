#include "ratelimit/ratelimit.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <random>
#include <thread>

#include "base/die.h"
#include "support/fake_clock.h"

namespace latchkey::ratelimit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// Hits and time, as a story: At(0s); Hit(); ...
class Counter : public testing::Test {
 protected:
  Counter() {
    std::string name = (std::filesystem::temp_directory_path() / "limits-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~Counter() override { std::filesystem::remove_all(directory_); }

  std::string Prefix() const { return directory_ + "/limits"; }
  Table Open(uint64_t words = 1024) {
    return OrDie(Table::Open(Prefix(), words, longest_, clock_));
  }
  std::string File() const {
    return std::filesystem::directory_iterator(directory_)->path().string();
  }
  static IpAddress Peer(const std::string& text) { return *IpAddress::Parse(text); }
  Decision Hit(Table& table, const std::string& peer = "192.0.2.1") {
    return table.Admit(Peer(peer), "route", limit_);
  }
  int Admitted(Table& table, int hits, const std::string& peer = "192.0.2.1") {
    int admitted = 0;
    for (int i = 0; i < hits; ++i) admitted += Hit(table, peer).admitted;
    return admitted;
  }

  std::string directory_;
  FakeClock clock_;
  Limit limit_{5, seconds(60)};
  milliseconds longest_ = seconds(60);
};

TEST_F(Counter, AdmitsTheLimitAndRefusesTheNext) {
  Table table = Open();
  for (uint32_t left = 5; left-- > 0;) {
    const Decision decision = Hit(table);
    EXPECT_TRUE(decision.admitted);
    EXPECT_EQ(decision.remaining, left);
  }
  const Decision sixth = Hit(table);
  EXPECT_FALSE(sixth.admitted);
  EXPECT_EQ(sixth.window_left, seconds(60));
}

TEST_F(Counter, WindowBeginsAtTheFirstHitAndIsNotExtended) {
  Table table = Open();
  EXPECT_EQ(Admitted(table, 3), 3);
  clock_.Advance(seconds(40));
  EXPECT_EQ(Admitted(table, 10), 2);
  clock_.Advance(milliseconds(19'999));
  const Decision last = Hit(table);
  EXPECT_FALSE(last.admitted);
  EXPECT_EQ(last.window_left, milliseconds(1));
  clock_.Advance(milliseconds(1));
  EXPECT_EQ(Admitted(table, 10), 5);
}

TEST_F(Counter, PeersAndRoutesCountApart) {
  Table table = Open();
  EXPECT_EQ(Admitted(table, 9, "192.0.2.1"), 5);
  EXPECT_EQ(Admitted(table, 9, "192.0.2.2"), 5);
  EXPECT_TRUE(table.Admit(Peer("192.0.2.1"), "another", limit_).admitted);
}

// Nextcloud CVE-2021-22915.
TEST_F(Counter, AddressesOfOneIpv6NetworkShareACount) {
  Table table = Open();
  int admitted = 0;
  for (int i = 0; i < 1000; ++i) admitted += Hit(table, "2001:db8:0:1::" + std::to_string(i)).admitted;
  EXPECT_EQ(admitted, 5);
  EXPECT_TRUE(Hit(table, "2001:db8:0:2::1").admitted);
}

TEST_F(Counter, MappedIpv4IsThatIpv4) {
  Table table = Open();
  EXPECT_EQ(Admitted(table, 3, "192.0.2.1"), 3);
  EXPECT_EQ(Admitted(table, 3, "::ffff:192.0.2.1"), 2);
}

TEST_F(Counter, IsOneForAllWhoOpenIt) {
  Table one = Open();
  Table two = Open();
  EXPECT_EQ(Admitted(one, 3), 3);
  EXPECT_EQ(Admitted(two, 9), 2);
}

TEST_F(Counter, OutlivesTheProcessesThatUseIt) {
  { Table table = Open(); EXPECT_EQ(Admitted(table, 9), 5); }
  Table again = Open();
  EXPECT_EQ(Admitted(again, 9), 0);
}

TEST_F(Counter, EightProcessesOnOnePeerAdmitTheLimitAndNotOneMore) {
  limit_.count = 200;
  Table table = Open();
  for (int i = 0; i < 8; ++i) {
    if (fork() == 0) _exit(Admitted(table, 100));
  }
  int admitted = 0;
  for (int i = 0; i < 8; ++i) {
    int status = 0;
    wait(&status);
    admitted += WEXITSTATUS(status);
  }
  EXPECT_EQ(admitted, 200);
}

TEST_F(Counter, HealsFromAnyBitsWithinTheLongestWindow) {
  { Table table = Open(64); }
  std::mt19937_64 random(7);
  {
    std::fstream file(File(), std::ios::in | std::ios::out | std::ios::binary);
    file.seekp(128);  // behind the header
    for (int i = 0; i < 64; ++i) {
      const uint64_t word = random();
      file.write(reinterpret_cast<const char*>(&word), sizeof word);
    }
  }
  Table table = Open(64);
  clock_.Advance(longest_);
  EXPECT_EQ(Admitted(table, 9), 5);
}

TEST_F(Counter, ClockThatWrapsDoesNotMatter) {
  Table table = Open();
  clock_.Advance(milliseconds((uint64_t{1} << 32) - 3'600'000 - 30'000));  // 30 s before the wrap
  EXPECT_EQ(Admitted(table, 9), 5);
  clock_.Advance(seconds(45));
  EXPECT_EQ(Admitted(table, 9), 0);
  clock_.Advance(seconds(15));
  EXPECT_EQ(Admitted(table, 9), 5);
}

TEST_F(Counter, FullTableTakesTheWordThatCountsLeast) {
  Table table = Open(16);
  for (int i = 0; i < 1000; ++i) Hit(table, "10.0." + std::to_string(i / 250) + "." + std::to_string(i % 250));
  EXPECT_GT(table.evictions(), 900u);
  EXPECT_TRUE(Hit(table).admitted);
}

TEST_F(Counter, RoomForTheExpectedPeersEvictsNobody) {
  Table table = Open(1024);
  for (int i = 0; i < 614; ++i) Hit(table, "10.1." + std::to_string(i / 250) + "." + std::to_string(i % 250));
  EXPECT_EQ(table.evictions(), 0u);
}

TEST_F(Counter, DamagedFileIsReplaced) {
  { Table table = Open(); EXPECT_EQ(Admitted(table, 5), 5); }
  { std::ofstream(File(), std::ios::trunc) << "short"; }
  Table table = Open();
  EXPECT_EQ(Admitted(table, 9), 5);
}

TEST_F(Counter, FileIsForItsOwnerOnly) {
  Table table = Open();
  struct stat facts {};
  ASSERT_EQ(stat(File().c_str(), &facts), 0);
  EXPECT_EQ(facts.st_mode & 07777, 0600u);
}

TEST_F(Counter, DirectoryThatIsMissingIsSaid) {
  const Result<Table> table = Table::Open("/nonexistent/limits", 64, longest_, clock_);
  ASSERT_FALSE(table.ok());
  EXPECT_EQ(table.error().next, Next::kFixSetup);
}

// Known answers: openssl mac -macopt hexkey:00..0f -macopt c-rounds:1 -macopt d-rounds:3
// -macopt size:8 SIPHASH, of the bytes 00..n-1; written there in the order of memory.
TEST(SipHash, GivesTheKnownAnswers) {
  const SipKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  const std::pair<size_t, uint64_t> answers[] = {
      {0, 0xabac0158050fc4dc}, {1, 0xc9f49bf37d57ca93}, {7, 0xd3927d989bb11140},
      {8, 0x369095118d299a8e}, {15, 0xd320d86d2a519956},
      {21, 0xb992abfe2b45f844}};
  std::string input;
  for (char c = 0; c < 32; ++c) input += c;
  for (const auto& [length, hash] : answers) {
    EXPECT_EQ(SipHash13(key, input.substr(0, length)), hash) << length;
  }
}

}  // namespace
}  // namespace latchkey::ratelimit
