#include "base/batches.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <memory>
#include <numeric>
#include <thread>

namespace latchkey {
namespace {

using namespace std::chrono_literals;
using Batch = std::vector<int>;

// Longer than a test: no batch begins beside another.
constexpr auto kNever = std::chrono::hours(1);

BatchOptions Options(std::chrono::milliseconds patience = kNever) {
  return {.most = 3, .most_waiting = 5, .patience = patience};
}

TEST(Batches, WhatComesAloneWaitsForNobody) {
  Batches<int> batches(Options());
  EXPECT_TRUE(batches.Add(1));
  EXPECT_EQ(batches.Take(), Batch{1});
}

TEST(Batches, WhatComesMeanwhileIsTheNextInItsOrder) {
  Batches<int> batches(Options());
  batches.Add(1);
  batches.Take();
  batches.Add(2);
  batches.Add(3);
  batches.Done();
  EXPECT_EQ(batches.Take(), (Batch{2, 3}));
}

TEST(Batches, TooManyForOneAreTwo) {
  Batches<int> batches(Options());
  for (int i = 1; i <= 5; ++i) EXPECT_TRUE(batches.Add(+i));
  EXPECT_EQ(batches.Take(), (Batch{1, 2, 3}));
  batches.Done();
  EXPECT_EQ(batches.Take(), (Batch{4, 5}));
}

TEST(Batches, LargeOnesAreOfFewSizes) {
  const auto first_of = [](int waiting) {
    Batches<int> batches({.most = 32, .most_waiting = 100, .patience = kNever});
    for (int i = 0; i < waiting; ++i) batches.Add(+i);
    return batches.Take().size();
  };
  for (int few = 1; few <= 8; ++few) EXPECT_EQ(first_of(few), static_cast<size_t>(few));
  EXPECT_EQ(first_of(9), 8U);
  EXPECT_EQ(first_of(11), 8U);
  EXPECT_EQ(first_of(31), 28U);
  EXPECT_EQ(first_of(100), 32U);
}

TEST(Batches, WhatIsTooMuchIsLeftWithWhoeverBroughtIt) {
  Batches<std::unique_ptr<int>> batches(Options());
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(batches.Add(std::make_unique<int>(i)));
  auto sixth = std::make_unique<int>(6);
  EXPECT_FALSE(batches.Add(std::move(sixth)));
  ASSERT_NE(sixth, nullptr);
  EXPECT_EQ(*sixth, 6);
  batches.Take();
  EXPECT_TRUE(batches.Add(std::move(sixth)));
}

TEST(Batches, OneIsUnderWayAtATime) {
  Batches<int> batches(Options());
  batches.Add(1);
  batches.Take();
  batches.Add(2);
  auto second = std::async(std::launch::async, [&] { return batches.Take(); });
  EXPECT_EQ(second.wait_for(50ms), std::future_status::timeout);
  batches.Done();
  EXPECT_EQ(second.get(), Batch{2});
}

TEST(Batches, OneThatLastsIsNotWaitedFor) {
  Batches<int> batches(Options(1ms));
  batches.Add(1);
  batches.Take();
  auto second = std::async(std::launch::async, [&] { return batches.Take(); });
  std::this_thread::sleep_for(5ms);  // it is idle by then, most likely: the test holds in any case
  batches.Add(2);
  EXPECT_EQ(second.get(), Batch{2});
}

TEST(Batches, AtTheEndWhatWaitsIsTakenAndThenNothing) {
  Batches<int> batches(Options());
  auto idle = std::async(std::launch::async, [&] { return batches.Take(); });
  batches.Add(1);
  EXPECT_EQ(idle.get(), Batch{1});
  batches.Done();
  idle = std::async(std::launch::async, [&] {
    while (!batches.Take().empty()) batches.Done();
    return Batch{};
  });
  batches.Add(2);
  batches.Stop();
  EXPECT_EQ(idle.get(), Batch{});
  EXPECT_EQ(batches.Take(), Batch{});
}

TEST(Batches, EachOfManyThreadsItemsIsTakenOnce) {
  constexpr int kThreads = 4, kItems = 5000;
  Batches<int> batches({.most = 7, .most_waiting = 50, .patience = 1ms});
  std::vector<std::atomic<int>> taken(kThreads * kItems);
  std::vector<std::thread> takers, adders;
  for (int i = 0; i < 2; ++i) {
    takers.emplace_back([&] {
      for (Batch batch = batches.Take(); !batch.empty(); batch = batches.Take()) {
        EXPECT_LE(batch.size(), 7U);
        for (const int item : batch) ++taken.at(static_cast<size_t>(item));
        batches.Done();
      }
    });
  }
  for (int who = 0; who < kThreads; ++who) {
    adders.emplace_back([&, who] {
      for (int i = 0; i < kItems; ++i) {
        while (!batches.Add(who * kItems + i)) std::this_thread::yield();
      }
    });
  }
  for (std::thread& thread : adders) thread.join();
  batches.Stop();
  for (std::thread& thread : takers) thread.join();
  EXPECT_EQ(std::accumulate(taken.begin(), taken.end(), 0), kThreads * kItems);
  for (const auto& count : taken) EXPECT_EQ(count, 1);
}

}  // namespace
}  // namespace latchkey
