#include "web/health.h"

#include <gtest/gtest.h>

namespace latchkey::web {
namespace {

using std::chrono::milliseconds;

outbox::Tally Oldest(uint64_t seconds) { return {.states = {}, .ends = {}, .oldest_s = seconds}; }

TEST(HealthTest, TellsEachNumber) {
  ratelimit::Usage limits;
  limits.words = 100;
  limits.live = 60;
  const Health health = Judge(Oldest(300), {.permits = 3, .taken = 2}, &limits);
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(health.text,
            "{\"status\": \"good\", \"database_up\": 1, \"note_oldest_seconds\": 300, "
            "\"hash_permits\": 3, "
            "\"hash_permits_taken\": 2, \"limit_words\": 100, \"limit_words_live\": 60}\n");
}

TEST(HealthTest, WithoutTheDatabaseItIsDown) {
  const Health health = Judge(Error{Next::kTryLater, "away"}, {.permits = 3, .taken = 0}, nullptr);
  EXPECT_EQ(health.status, 503);
  EXPECT_TRUE(health.text.starts_with("{\"status\": \"down\", \"database_up\": 0,"));
}

TEST(HealthTest, ABurdenIsToldAndKeepsTheMachineInService) {
  ratelimit::Usage full;
  full.words = 100;
  full.live = 91;
  const password::Permits::Usage free{.permits = 2, .taken = 1}, taken{.permits = 2, .taken = 2};
  for (const Health& health : {Judge(Oldest(301), free, nullptr), Judge(Oldest(0), taken, nullptr),
                               Judge(Oldest(0), free, &full)}) {
    EXPECT_EQ(health.status, 200);
    EXPECT_TRUE(health.text.starts_with("{\"status\": \"burdened\""));
  }
}

TEST(HealthTest, AnAnswerIsGoodForASecond) {
  HealthCache cache;
  EXPECT_FALSE(cache.Fresh(milliseconds(5000)));
  cache.Keep({.status = 503, .text = "x"}, milliseconds(5000));
  ASSERT_TRUE(cache.Fresh(milliseconds(5999)));
  EXPECT_EQ(cache.Fresh(milliseconds(5999))->status, 503);
  EXPECT_FALSE(cache.Fresh(milliseconds(6000)));
}

}  // namespace
}  // namespace latchkey::web
