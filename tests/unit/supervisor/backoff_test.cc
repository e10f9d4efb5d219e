#include "supervisor/backoff.h"

#include <gtest/gtest.h>

namespace latchkey::supervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

TEST(BackoffTest, DoublesFromATenthOfASecondToFiveSeconds) {
  Backoff backoff;
  for (const int expected : {100, 200, 400, 800, 1600, 3200, 5000, 5000}) {
    EXPECT_EQ(backoff.After(milliseconds(1)), milliseconds(expected));
  }
}

TEST(BackoffTest, ALongLifeIsForgivenAtOnceAndForgotten) {
  Backoff backoff;
  EXPECT_EQ(backoff.After(seconds(2)), milliseconds(100));
  EXPECT_EQ(backoff.After(milliseconds(2'001)), milliseconds(0));
  EXPECT_EQ(backoff.After(milliseconds(1)), milliseconds(100));
}

}  // namespace
}  // namespace latchkey::supervisor
