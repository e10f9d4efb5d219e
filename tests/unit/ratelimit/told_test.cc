#include "ratelimit/told.h"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::ratelimit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(Told, OnceInAWindow) {
  Told told;
  EXPECT_TRUE(told.IsNews("a", seconds(100), seconds(60)));
  EXPECT_FALSE(told.IsNews("a", seconds(100), seconds(60)));
  EXPECT_FALSE(told.IsNews("a", seconds(159), seconds(1)));
  EXPECT_TRUE(told.IsNews("a", seconds(160), seconds(60)));
  EXPECT_FALSE(told.IsNews("a", milliseconds(219'800), milliseconds(200)));
}

TEST(Told, OfEachByItself) {
  Told told;
  EXPECT_TRUE(told.IsNews("a", seconds(100), seconds(60)));
  EXPECT_TRUE(told.IsNews("b", seconds(100), seconds(60)));
  EXPECT_TRUE(told.IsNews("", seconds(100), seconds(60)));
}

TEST(Told, TheFirstTimeEvenJustAfterBoot) {
  Told told;
  EXPECT_TRUE(told.IsNews("a", seconds(0), seconds(60)));
}

// However many there are, of nobody it stays untold, and of the one refused all the time hardly a line
// more than once in a while, when another took its word.
TEST(Told, OfManyMoreThanThereAreWords) {
  Told told;
  int news = 0;
  for (int i = 0; i < 20'000; ++i) {
    EXPECT_TRUE(told.IsNews("peer " + std::to_string(i), seconds(1), seconds(60)));
    news += told.IsNews("the one", seconds(1), seconds(60));
  }
  EXPECT_LT(news, 30);
}

}  // namespace
}  // namespace latchkey::ratelimit
