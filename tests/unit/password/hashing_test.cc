#include "password/hashing.h"

#include <gtest/gtest.h>

#include "support/registered_scheme.h"
#include "support/unreadable.h"

namespace latchkey::password {
namespace {

// php -r 'echo password_hash("correct horse", PASSWORD_BCRYPT, ["cost" => 4]);' and its like
const std::string kBcrypt = "$2y$04$HAsidxYMh6Xp7H0Sobx5n.r3EqCobPsxsZ8nKVTO7arjocCIR17Su";
const std::string kBcrypt12 = "$2y$12$aO0T0oRiOQcXE/rC7gROQuAmZGOzruOMG98YTJXImcyJVrul31i3y";
const std::string kArgon2 =
    "$argon2id$v=19$m=8,t=1,p=1$VWI3OHRwUmEuNEptTGguTA$GE0L2Iifr2BAO+2xojVVOYSzPMjkBFnE78jKmSePvrs";
const std::string kArgon2Default =
    "$argon2id$v=19$m=65536,t=4,p=1$dTRnZ25Ld2NuUlF5WGIuMQ$"
    "iXEu0fAwIpHKDnJGzem2rA9qalESCgAbo8dWtwhmWDM";

Hashing Of(std::string writes, std::vector<std::string> reads = {},
           std::vector<std::string> prepare = {}) {
  return Hashing::Make({std::move(reads), std::move(writes), std::move(prepare), {}}).value();
}

std::string Refusal(Hashing::Settings settings) {
  const auto hashing = Hashing::Make(std::move(settings));
  return hashing.ok() ? "" : hashing.error().message;
}

class HashingTest : public testing::Test {
 protected:
  HashingTest() : fake_(RegisteredFakeScheme()) {}
  ~HashingTest() override { fake_.stored_amount = 1; }
  FakeScheme& fake_;
};

TEST_F(HashingTest, ReadsWhatIsListedAndWhatItWrites) {
  const Hashing hashing = Of("fake", {"bcrypt"});
  ASSERT_NE(hashing.Recognise(kBcrypt), nullptr);
  EXPECT_EQ(hashing.Recognise(kBcrypt)->name(), "bcrypt");
  EXPECT_EQ(hashing.Recognise("fake$x"), &fake_);
  EXPECT_EQ(hashing.Recognise(kArgon2), nullptr);
  EXPECT_TRUE(hashing.Verify("correct horse", "", kBcrypt));
  EXPECT_FALSE(hashing.Verify("correct horse", "", kArgon2));
}

TEST_F(HashingTest, ReadsAllThatDescribeThemselvesUnlessTold) {
  const Hashing hashing = Of("fake");
  EXPECT_TRUE(hashing.Verify("correct horse", "", kBcrypt));
  EXPECT_TRUE(hashing.Verify("correct horse", "", kArgon2));
  EXPECT_FALSE(hashing.Verify("correct horse ", "", kArgon2));
  EXPECT_EQ(hashing.Recognise("*0"), nullptr);
}

// printf 'correct horse' | md5sum
const char kMd5[] = "3cb4e732631f47e6eb961f34554b7cde";

TEST_F(HashingTest, ReadsShapesThatAnyTextMayHaveOnlyWhenListed) {
  EXPECT_FALSE(Of("fake").Verify("correct horse", "", kMd5));
  const Hashing hashing = Of("phpass", {"phpass", "md5"});
  EXPECT_TRUE(hashing.Verify("correct horse", "", kMd5));
  EXPECT_TRUE(hashing.IsOutdated(kMd5));
}

TEST_F(HashingTest, TakesAnyOfSeveralSchemesOfOneShape) {
  // php -r '$p = "correct horse"; $s = "aB3dEfGh"; echo md5(md5($s) . md5($p)) . ":$s";'
  const std::string mybb = "52e2ce4803369cb82688254a54198e43:aB3dEfGh";
  const Hashing hashing = Of("vbulletin", {"joomla-md5", "mybb"});
  EXPECT_TRUE(hashing.Verify("correct horse", "", mybb));
  EXPECT_FALSE(hashing.Verify("correct horsf", "", mybb));
  EXPECT_FALSE(Of("vbulletin", {"joomla-md5"}).Verify("correct horse", "", mybb));
}

TEST_F(HashingTest, RecognisesWhatItWritesAsItsOwn) {
  const Hashing hashing = Of("phpbb-phpass", {"phpass", "bcrypt"});
  const std::string stored = hashing.Hash("correct horse", "").value();
  EXPECT_EQ(stored.substr(0, 3), "$H$");
  EXPECT_EQ(hashing.Recognise(stored)->name(), "phpbb-phpass");
  EXPECT_FALSE(hashing.IsOutdated(stored));
}

TEST_F(HashingTest, PreparesBeforeItVerifiesAndHashes) {
  const Hashing hashing = Of("fake", {"bcrypt"}, {"trim", "lower-login-prefix"});
  EXPECT_TRUE(hashing.Verify(" horse ", "correct ", kBcrypt));
  EXPECT_FALSE(hashing.Verify("correct horse", "Ann", kBcrypt));
  EXPECT_EQ(hashing.Hash(" horse ", "Ann").value(), "fake$annhorse");
}

TEST_F(HashingTest, JudgesTheFitOfWhatIsPrepared) {
  const Hashing hashing = Of("bcrypt", {}, {"addslashes"});
  EXPECT_EQ(hashing.FitOf(std::string(36, '\''), ""), Fit::kFits);
  EXPECT_EQ(hashing.FitOf(std::string(36, '\'') + "x", ""), Fit::kTooLong);
  EXPECT_EQ(hashing.FitOf(std::string("a\0b", 3), ""), Fit::kFits);  // a backslash and a zero
  EXPECT_EQ(Of("bcrypt").FitOf(std::string("a\0b", 3), ""), Fit::kHasNul);
  EXPECT_EQ(Of("argon2id").FitOf(std::string("a\0b", 3), ""), Fit::kFits);
}

// Django CVE-2013-1443.
TEST_F(HashingTest, RefusesAMegabyteUnreadWhateverTheStepsAre) {
  const Unreadable megabyte;
  for (const char* step : {"trim", "nfc", "md5", "addslashes"}) {
    const Hashing hashing = Of("argon2id", {}, {step});
    EXPECT_FALSE(hashing.Verify(megabyte.text(), "", kArgon2)) << step;
    EXPECT_EQ(hashing.FitOf(megabyte.text(), ""), Fit::kTooLong) << step;
  }
}

TEST_F(HashingTest, TakesTheLongestThatIsTypedWhereTheStepsMakeItShort) {
  const Hashing hashing = Of("fake", {}, {"md5"});
  const std::string longest(Hashing::kMostTypedBytes, 'a');
  // hashlib.md5(b"a" * 4096).hexdigest()
  EXPECT_TRUE(hashing.Verify(longest, "", "fake$21a199c53f422a380e20b162fb6ebe9c"));
  EXPECT_FALSE(hashing.Verify(longest + "a", "", "fake$8cfc1a0bd8cd76599e76e5e721c6e62e"));
}

TEST_F(HashingTest, FindsASmallerCostOutdatedAndAGreaterNever) {
  EXPECT_TRUE(Of("bcrypt").IsOutdated(kBcrypt));
  EXPECT_FALSE(Of("bcrypt").IsOutdated(kBcrypt12));
  EXPECT_TRUE(Of("argon2id").IsOutdated(kArgon2));
  EXPECT_FALSE(Of("argon2id").IsOutdated(kArgon2Default));
}

TEST_F(HashingTest, FindsAWeakerKindOutdatedAndAStrongerNever) {
  EXPECT_TRUE(Of("argon2id").IsOutdated(kBcrypt12));
  EXPECT_FALSE(Of("bcrypt").IsOutdated(kArgon2));
  fake_.stored_amount = 0;  // slow, as bcrypt is: not to be compared
  EXPECT_FALSE(Of("bcrypt").IsOutdated("fake$x"));
  EXPECT_TRUE(Of("fake").IsOutdated("fake$x"));
}

TEST_F(HashingTest, FindsNothingOutdatedThatItDoesNotRead) {
  EXPECT_FALSE(Of("argon2id", {"fake"}).IsOutdated(kBcrypt));
  EXPECT_FALSE(Of("argon2id").IsOutdated("!"));
}

TEST_F(HashingTest, TellsWhetherTwoTextsCostTheSame) {
  const Hashing hashing = Of("bcrypt");
  const std::string other = "$2a$04$" + kBcrypt12.substr(7);
  EXPECT_TRUE(hashing.CostTheSame(kBcrypt, other));
  EXPECT_FALSE(hashing.CostTheSame(kBcrypt, kBcrypt12));
  EXPECT_FALSE(hashing.CostTheSame(kBcrypt, kArgon2));
  EXPECT_FALSE(hashing.CostTheSame("!", "!"));
}

TEST_F(HashingTest, TellsWhatIsWrongWithItsSettings) {
  EXPECT_TRUE(Refusal({{}, "rot13", {}, {}})
                  .starts_with("site.scheme: no such scheme; choose one of argon2id, bcrypt"));
  EXPECT_TRUE(Refusal({{"bcrypt", "rot13"}, "bcrypt", {}, {}})
                  .starts_with(
                      "site.reads: there is no scheme rot13; choose of argon2i, argon2id, bcrypt"));
  EXPECT_EQ(Refusal({{}, "bcrypt", {"key-prefix"}, {}}),
            "site.prepare: a step needs the application's key");
}

TEST_F(HashingTest, SaysThatThereWasNoMemory) {
  fake_.out_of_memory = true;
  const auto hash = Of("fake").Hash("x", "");
  fake_.out_of_memory = false;
  ASSERT_FALSE(hash.ok());
  EXPECT_EQ(hash.error().next, Next::kTryLater);
}

}  // namespace
}  // namespace latchkey::password
