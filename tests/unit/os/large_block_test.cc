#include "os/large_block.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <fstream>

namespace latchkey::os {
namespace {

// Bytes of this process that are in memory, by proc(5).
size_t Resident() {
  size_t all = 0, resident = 0;
  std::ifstream("/proc/self/statm") >> all >> resident;
  return resident * static_cast<size_t>(sysconf(_SC_PAGESIZE));
}

TEST(LargeBlock, GoesBackToTheSystem) {
  constexpr size_t kSize = (64 << 20) + 5;
  const size_t before = Resident();
  auto* const block = static_cast<char*>(AllocateLarge(kSize));
  ASSERT_NE(block, nullptr);
  std::memset(block, 1, kSize);
  EXPECT_GT(Resident(), before + kSize / 2);
  FreeLarge(block, kSize);
  EXPECT_LT(Resident(), before + kSize / 2);
}

TEST(LargeBlock, IsKeptForTheNextOfItsSizeWhereThatIsWanted) {
  constexpr size_t kSize = 64 << 20;
  const size_t before = Resident();
  {
    const KeepLargeBlock keep;
    auto* const block = static_cast<char*>(AllocateLarge(kSize));
    std::memset(block, 1, kSize);
    FreeLarge(block, kSize);
    auto* const again = static_cast<char*>(AllocateLarge(kSize));
    EXPECT_EQ(again[kSize / 2], 1);  // the system would give zeros
    auto* const other = static_cast<char*>(AllocateLarge(kSize));
    EXPECT_EQ(other[kSize / 2], 0);
    std::memset(other, 1, kSize);
    FreeLarge(other, kSize);
    FreeLarge(again, kSize);
    EXPECT_LT(Resident(), before + kSize * 3 / 2);  // one of the two
    auto* const smaller = static_cast<char*>(AllocateLarge(kSize / 2));
    EXPECT_EQ(smaller[0], 0);
    FreeLarge(smaller, kSize / 2);
    EXPECT_LT(Resident(), before + kSize / 2);
  }
  EXPECT_LT(Resident(), before + kSize / 4);
}

TEST(LargeBlock, ThatIsMoreThanThereIsIsRefused) {
  EXPECT_EQ(AllocateLarge(size_t{1} << 50), nullptr);
}

}  // namespace
}  // namespace latchkey::os
