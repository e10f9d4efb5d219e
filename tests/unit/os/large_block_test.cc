#include "os/large_block.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <fstream>
#include <optional>

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

bool IsMapped(void* block) {
  unsigned char page = 0;
  return mincore(block, 1, &page) == 0;
}

TEST(LargeBlock, IsKeptForTheNextOfItsSizeWhereThatIsWanted) {
  constexpr size_t kSize = 64 << 20;
  std::optional<KeepLargeBlock> keep(std::in_place);
  auto* const first = static_cast<char*>(AllocateLarge(kSize));
  FreeLarge(first, kSize);
  EXPECT_TRUE(IsMapped(first));
  EXPECT_EQ(AllocateLarge(kSize), first);

  void* const second = AllocateLarge(kSize);
  EXPECT_NE(second, first);
  FreeLarge(second, kSize);
  FreeLarge(first, kSize);  // in the place of the second
  EXPECT_FALSE(IsMapped(second));
  EXPECT_TRUE(IsMapped(first));

  // Never beside another: what is kept counts as taken.
  void* const smaller = AllocateLarge(kSize / 2);
  EXPECT_FALSE(IsMapped(first) && IsMapped(first + kSize - 4096));
  FreeLarge(smaller, kSize / 2);
  EXPECT_TRUE(IsMapped(smaller));
  FreeKeptBlock();
  EXPECT_FALSE(IsMapped(smaller));

  void* const last = AllocateLarge(kSize);
  FreeLarge(last, kSize);
  EXPECT_TRUE(IsMapped(last));
  keep.reset();
  EXPECT_FALSE(IsMapped(last));
}

TEST(LargeBlock, ThatIsMoreThanThereIsIsRefused) {
  EXPECT_EQ(AllocateLarge(size_t{1} << 50), nullptr);
}

}  // namespace
}  // namespace latchkey::os
