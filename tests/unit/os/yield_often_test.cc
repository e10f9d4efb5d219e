#include "os/yield_often.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <atomic>
#include <chrono>
#include <ctime>
#include <optional>
#include <thread>

namespace latchkey::os {
namespace {

// That a signal came shows in a sleep. What it is good for only a machine under load shows: make
// bench-calm.
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

long CountSleepsSoFar() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  return usage.ru_nvcsw;
}

// Whether a thread that computes sleeps a few times meanwhile.
bool Sleeps(std::chrono::milliseconds within) {
  const YieldOften one;
  const long before = CountSleepsSoFar();
  const auto end = std::chrono::steady_clock::now() + within;
  while (std::chrono::steady_clock::now() < end) {
    if (CountSleepsSoFar() - before >= 5) return true;
  }
  return false;
}

TEST(YieldOften, SleepsWhereMuchIsAnsweredOnly) {
  EXPECT_FALSE(Sleeps(std::chrono::milliseconds(100)));
  std::atomic<bool> over{false};
  std::thread busy([&] {
    while (!over) {
      for (int i = 0; i < 10; ++i) CountAnswer();
      std::this_thread::sleep_for(std::chrono::microseconds(50));
    }
  });
  EXPECT_TRUE(Sleeps(std::chrono::seconds(20)));
  over = true;
  busy.join();
}

}  // namespace
}  // namespace latchkey::os
