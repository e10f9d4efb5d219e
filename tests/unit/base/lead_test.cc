#include "base/lead.h"

#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <optional>
#include <thread>
#include <vector>

namespace latchkey {
namespace {

using std::chrono::milliseconds;

// Long enough for whoever is let in to come in. A machine that is slower than that misses a
// failure.
constexpr milliseconds kMoment(30);
constexpr std::chrono::seconds kPatience(20);

void AnswerWithoutWaiting(Lead& lead, int events) {
  for (int i = 0; i < events; ++i) lead.Take();
}

// A thread that waits for events: comes in once, and answers nothing.
class Other {
 public:
  explicit Other(Lead& lead)
      : thread_([this, &lead] {
          lead.Take();
          leads_ = lead.IsMine();
          in_.set_value();
          leave_.get_future().wait();
          Lead::GiveUp();
        }) {}
  ~Other() {
    leave_.set_value();
    thread_.join();
  }
  bool IsIn(milliseconds within) { return is_in_.wait_for(within) == std::future_status::ready; }
  bool leads() const { return leads_; }

 private:
  bool leads_ = false;
  std::promise<void> in_, leave_;
  std::future<void> is_in_ = in_.get_future();
  std::thread thread_;
};

class LeadTest : public testing::Test {
 protected:
  void BeCalm() {
    AnswerWithoutWaiting(lead_, Lead::kCalm + 1);
    ASSERT_TRUE(lead_.IsMine());
  }
  void TearDown() override { Lead::GiveUp(); }

  Lead lead_;
};

TEST_F(LeadTest, AllWaitForEventsUntilItIsCalm) {
  AnswerWithoutWaiting(lead_, Lead::kCalm);
  EXPECT_FALSE(lead_.IsMine());
  Other other(lead_);
  EXPECT_TRUE(other.IsIn(kPatience));
  EXPECT_FALSE(other.leads());
  AnswerWithoutWaiting(lead_, 1);
  EXPECT_TRUE(lead_.IsMine());
}

TEST_F(LeadTest, OthersRestWhileOneLeads) {
  BeCalm();
  Other other(lead_);
  AnswerWithoutWaiting(lead_, 100);
  EXPECT_FALSE(other.IsIn(kMoment));
  Lead::GiveUp();
  EXPECT_TRUE(other.IsIn(kPatience));
  EXPECT_FALSE(lead_.IsMine());
}

TEST_F(LeadTest, WhoeverGaveUpComesBackWithoutWaitingForTheOther) {
  BeCalm();
  Other other(lead_);
  Lead::GiveUp();
  ASSERT_TRUE(other.IsIn(kPatience));
  lead_.Take();
  EXPECT_FALSE(lead_.IsMine());
}

TEST_F(LeadTest, EachThatGivesUpLetsOneMoreIn) {
  BeCalm();
  Other one(lead_), two(lead_);
  while (!one.IsIn(kMoment) && !two.IsIn(kMoment)) Lead::GiveUp();
  lead_.Take();
  Lead::GiveUp();  // without the lead, for another wait
  EXPECT_TRUE(one.IsIn(kPatience));
  EXPECT_TRUE(two.IsIn(kPatience));
}

TEST_F(LeadTest, WhoDoesNotLeadLetsOneMoreInToo) {
  std::optional<Other> from_before(std::in_place, lead_);
  ASSERT_TRUE(from_before->IsIn(kPatience));
  BeCalm();
  Other other(lead_);
  EXPECT_FALSE(other.IsIn(kMoment));
  from_before.reset();  // gives up
  EXPECT_TRUE(other.IsIn(kPatience));
  EXPECT_FALSE(other.leads());
  EXPECT_TRUE(lead_.IsMine());
}

TEST_F(LeadTest, IsTakenFromWhoWaitsUnforeseen) {
  BeCalm();
  const Lead::Term stuck = lead_.MyTerm();
  std::optional<Other> third;  // which rests until the other is gone
  Other other(lead_);
  lead_.Relieve(stuck);
  ASSERT_TRUE(other.IsIn(kPatience));
  EXPECT_TRUE(other.leads());
  EXPECT_FALSE(lead_.IsMine());
  third.emplace(lead_);
  lead_.Relieve(stuck);  // that is over, and the other leads on
  EXPECT_FALSE(third->IsIn(kMoment));
}

TEST_F(LeadTest, AnotherIsLetInForWhoWaitsUnforeseenWithoutTheLead) {
  BeCalm();
  Other one(lead_), two(lead_);
  lead_.Relieve(0);
  EXPECT_FALSE(one.IsIn(kMoment));  // somebody leads
  EXPECT_FALSE(two.IsIn(kMoment));
  EXPECT_TRUE(lead_.HasResting());
  Lead::GiveUp();
  Other& in = one.IsIn(kMoment) ? one : two;
  Other& resting = &in == &one ? two : one;
  ASSERT_TRUE(in.IsIn(kPatience));
  EXPECT_FALSE(in.leads());
  EXPECT_FALSE(resting.IsIn(kMoment));
  EXPECT_TRUE(lead_.HasResting());
  lead_.Relieve(0);
  EXPECT_TRUE(resting.IsIn(kPatience));
  EXPECT_FALSE(lead_.HasResting());
}

TEST(Lead, NobodyToGiveUpToIsFine) { Lead::GiveUp(); }

TEST(Lead, NeverMoreThanOneAndNobodyIsForgotten) {
  Lead lead;
  std::atomic<int> leaders{0};
  std::vector<std::thread> threads;
  for (unsigned number = 0; number < 4; ++number) {
    threads.emplace_back([&, number] {
      for (unsigned turn = 0; turn < 20'000; ++turn) {
        lead.Take();
        if (lead.IsMine()) {
          EXPECT_EQ(++leaders, 1);
          --leaders;
        }
        if (turn * 2'654'435'761U + number < (1U << 27)) Lead::GiveUp();
      }
      Lead::GiveUp();
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace latchkey
