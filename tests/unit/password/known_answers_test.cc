#include "unit/password/known_answers.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "password/scheme.h"

namespace latchkey::password {
namespace {

const Scheme& SchemeOf(const KnownAnswer& known) {
  const Scheme* const scheme = FindScheme(known.scheme);
  EXPECT_NE(scheme, nullptr) << known.scheme;
  return *scheme;
}

// By its own scheme, or by whichever claims to know the text.
bool Accepts(const KnownAnswer& known, std::string_view stored, std::string_view password) {
  const Scheme& own = SchemeOf(known);
  if (own.Recognises(stored) && own.Verify(password, stored)) return true;
  const Scheme* const other = RecogniseScheme(stored);
  return other != nullptr && other != &own && other->Verify(password, stored);
}

class KnownAnswerTest : public testing::TestWithParam<KnownAnswer> {
 protected:
  const KnownAnswer& known_ = GetParam();
  const Scheme& scheme_ = SchemeOf(known_);
};

TEST_P(KnownAnswerTest, IsRecognisedAndItsPasswordIsRight) {
  ASSERT_TRUE(scheme_.Recognises(known_.stored));
  EXPECT_TRUE(scheme_.Verify(known_.password, known_.stored));
}

TEST_P(KnownAnswerTest, HasNoOtherSchemeThatDescribesItself) {
  const std::vector<const Scheme*> all = AllSchemes();
  const auto knows = [this](const Scheme* scheme) {
    return scheme->self_describing() && scheme->Recognises(known_.stored);
  };
  if (scheme_.self_describing()) {
    EXPECT_EQ(std::count_if(all.begin(), all.end(), knows), 1);
    EXPECT_EQ(RecogniseScheme(known_.stored), &scheme_);
  } else if (known_.scheme != "phpbb-phpass") {
    EXPECT_EQ(std::count_if(all.begin(), all.end(), knows), 0);
  }
}

TEST_P(KnownAnswerTest, HasNoOtherPassword) {
  const std::string& right = known_.password;
  const std::string upper = std::string(1, static_cast<char>(right[0] ^ 0x20)) + right.substr(1);
  for (const std::string& wrong :
       {std::string(), right.substr(0, right.size() - 1), right + "x", right + " ", " " + right,
        right + '\0', upper, known_.stored, right + right, std::string(1 << 20, 'a')}) {
    EXPECT_FALSE(scheme_.Verify(wrong, known_.stored)) << wrong.substr(0, 100);
  }
}

TEST_P(KnownAnswerTest, IsRefusedWhenCutAnywhere) {
  const std::string& stored = known_.stored;
  for (size_t length = 0; length < stored.size(); ++length) {
    EXPECT_FALSE(Accepts(known_, stored.substr(0, length), known_.password)) << length;
    const std::string end = stored.substr(stored.size() - length);
    // What has lost "U", a name in braces or ":argon2:" may be another scheme's whole text.
    if (RecogniseScheme(end) != nullptr && end.size() < stored.size()) continue;
    EXPECT_FALSE(Accepts(known_, end, known_.password)) << length;
  }
}

TEST_P(KnownAnswerTest, IsRefusedWithAnyByteChanged) {
  const bool is_cheap = scheme_.StrengthOf(known_.stored).kind == Strength::Kind::kFast;
  for (size_t bit = 0; bit < known_.stored.size() * 8; ++bit) {
    // Two bits of each byte where a hash takes long.
    if (!is_cheap && bit % 8 != 0 && bit % 8 != 1 + bit / 8 % 7) continue;
    std::string changed = known_.stored;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    // Ten more in bcrypt's cost is a second of work.
    if (changed.find("$14$") != std::string::npos) continue;
    EXPECT_FALSE(Accepts(known_, changed, known_.password)) << changed;
  }
}

TEST_P(KnownAnswerTest, IsRefusedWithAnythingAround) {
  for (const std::string& around : {std::string(" "), std::string("\n"), std::string("\0", 1),
                                    std::string("$"), std::string("="), std::string("a"),
                                    std::string(":"), std::string("0")}) {
    EXPECT_FALSE(Accepts(known_, around + known_.stored, known_.password)) << around;
    EXPECT_FALSE(Accepts(known_, known_.stored + around, known_.password)) << around;
  }
}

INSTANTIATE_TEST_SUITE_P(Each, KnownAnswerTest, testing::ValuesIn(KnownAnswers()),
                         [](const auto& instance) {
                           std::string name = instance.param.scheme + "_" +
                                              std::to_string(instance.index);
                           std::replace(name.begin(), name.end(), '-', '_');
                           return name;
                         });

TEST(SlowKnownAnswers, AreRecognisedAndTheirPasswordsAreRight) {
  for (const KnownAnswer& known : SlowKnownAnswers()) {
    ASSERT_EQ(RecogniseScheme(known.stored), &SchemeOf(known)) << known.stored;
    EXPECT_TRUE(SchemeOf(known).Verify(known.password, known.stored)) << known.stored;
  }
}

TEST(KnownAnswers, ExistForEveryScheme) {
  for (const Scheme* scheme : AllSchemes()) {
    // "fake" is other tests'; the last four have tests of their own in scheme_test.cc.
    const std::set<std::string_view> elsewhere = {"fake", "bcrypt", "argon2id", "werkzeug-pbkdf2",
                                                  "werkzeug-scrypt"};
    if (elsewhere.contains(scheme->name())) continue;
    EXPECT_TRUE(
        std::any_of(KnownAnswers().begin(), KnownAnswers().end(),
                    [scheme](const KnownAnswer& one) { return one.scheme == scheme->name(); }))
        << scheme->name();
  }
}

}  // namespace
}  // namespace latchkey::password
