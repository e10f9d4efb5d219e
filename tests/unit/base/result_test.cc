#include "base/result.h"

#include <gtest/gtest.h>

#include <memory>

#include "base/die.h"

namespace latchkey {
namespace {

Result<std::string> Half(int number) {
  if (number % 2 != 0) return Error{Next::kFixInput, "an odd number"};
  return std::to_string(number / 2);
}

TEST(Result, HoldsAValueOrAnError) {
  const Result<std::string> good = Half(4);
  ASSERT_TRUE(good.ok());
  EXPECT_EQ(*good, "2");
  EXPECT_EQ(good->size(), 1U);
  const Result<std::string> bad = Half(3);
  ASSERT_FALSE(bad.ok());
  EXPECT_EQ(bad.error().next, Next::kFixInput);
  EXPECT_EQ(bad.error().message, "an odd number");
}

TEST(Result, GivesAwayWhatCannotBeCopied) {
  Result<std::unique_ptr<int>> result(std::make_unique<int>(7));
  const std::unique_ptr<int> owned = std::move(result).value();
  EXPECT_EQ(*owned, 7);
}

TEST(Status, IsSuccessUnlessAnErrorWasGiven) {
  EXPECT_TRUE(Ok().ok());
  const Status status = Error{Next::kTryLater, "busy"};
  EXPECT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "busy");
}

TEST(ResultDeathTest, AsksForNothingThatIsNotThere) {
  EXPECT_DEATH((void)Half(3).value(), "bug: CHECK");
  EXPECT_DEATH((void)Half(4).error(), "bug: CHECK");
  EXPECT_DEATH((void)Ok().error(), "bug: CHECK");
}

TEST(OrDieDeathTest, EndsWithOneLineAndStatusOne) {
  EXPECT_EQ(OrDie(Half(4)), "2");
  EXPECT_EXIT((void)OrDie(Half(3)), testing::ExitedWithCode(1), "^an odd number\n$");
  EXPECT_EXIT(OrDie(Status(Error{Next::kFixSetup, "two\nlines"})), testing::ExitedWithCode(1),
              "^two\\\\x0alines\n$");
}

}  // namespace
}  // namespace latchkey
