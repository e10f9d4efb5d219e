#include "web/stall.h"

#include <gtest/gtest.h>

namespace latchkey::web {
namespace {

using std::chrono::milliseconds;

TEST(Stall, IsMetByWhoeverWasInLineWhenABatchTookTooLong) {
  Stall stall;
  EXPECT_FALSE(stall.HasMet(milliseconds(0)));
  stall.Failed(milliseconds(1000), milliseconds(2000));  // soon: it was refused
  EXPECT_FALSE(stall.HasMet(milliseconds(1500)));
  stall.Failed(milliseconds(1000), milliseconds(2001));
  EXPECT_TRUE(stall.HasMet(milliseconds(0)));
  EXPECT_TRUE(stall.HasMet(milliseconds(2000)));
  EXPECT_FALSE(stall.HasMet(milliseconds(2001)));
}

}  // namespace
}  // namespace latchkey::web
