#include "os/yield_often.h"

#include <gtest/gtest.h>

#include <ctime>
#include <optional>
#include <thread>

namespace latchkey::os {
namespace {

// That a signal came shows in a sleep. What it is good for only a machine under load shows: make bench-calm.
bool IsInterrupted(long milliseconds) {
  const timespec wanted{0, milliseconds * 1'000'000};
  return nanosleep(&wanted, nullptr) != 0;
}

TEST(YieldOften, InterruptsItsThreadAgainAndAgain) {
  const YieldOften one;
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(IsInterrupted(900)) << i;
}

TEST(YieldOften, NoOtherThread) {
  const YieldOften one;
  bool interrupted = true;
  std::thread([&] { interrupted = IsInterrupted(20); }).join();
  EXPECT_FALSE(interrupted);
}

TEST(YieldOften, AndNotWhenItIsOver) {
  std::optional<YieldOften> one(std::in_place);
  EXPECT_TRUE(IsInterrupted(900));
  one.reset();
  EXPECT_FALSE(IsInterrupted(20));
  one.emplace();
  EXPECT_TRUE(IsInterrupted(900));
}

}  // namespace
}  // namespace latchkey::os
