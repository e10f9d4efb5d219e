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

TEST(LargeBlock, IsOfZerosAndGoesBackToTheSystem) {
  constexpr size_t kSize = (64 << 20) + 5;
  const size_t before = Resident();
  auto* const block = static_cast<char*>(AllocateLarge(kSize));
  ASSERT_NE(block, nullptr);
  EXPECT_EQ(block[0], 0);
  EXPECT_EQ(block[kSize - 1], 0);
  std::memset(block, 1, kSize);
  EXPECT_GT(Resident(), before + kSize / 2);
  FreeLarge(block, kSize);
  EXPECT_LT(Resident(), before + kSize / 2);
}

TEST(LargeBlock, ThatIsMoreThanThereIsIsRefused) {
  EXPECT_EQ(AllocateLarge(size_t{1} << 50), nullptr);
}

}  // namespace
}  // namespace latchkey::os
