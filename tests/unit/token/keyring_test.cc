#include "token/keyring.h"

#include <gtest/gtest.h>

#include "unit/token/fixture.h"

namespace latchkey::token {
namespace {

constexpr Purpose kAll[] = {Purpose::kReset, Purpose::kSession, Purpose::kNotMe, Purpose::kForm,
                            Purpose::kFlash, Purpose::kBinding, Purpose::kLimiter};

std::string Problem(std::initializer_list<std::string_view> texts) {
  const Result<Keyring> keyring = Keyring::Make(Secrets(texts));
  if (keyring.ok()) return "none";
  EXPECT_EQ(keyring.error().next, Next::kFixSetup);
  return keyring.error().message;
}

TEST(Keyring, DerivesAKeyForEachPurpose) {
  const Keyring keyring = Keys({kNewSecret});
  for (const Purpose purpose : kAll) {
    const std::string mac = HmacOf(kNewKeys[static_cast<size_t>(purpose)]).Sign("data");
    EXPECT_TRUE(keyring.First(purpose).hmac.Verify("data", mac)) << Name(purpose);
    for (const Purpose other : kAll) {
      EXPECT_EQ(keyring.First(other).hmac.Verify("data", mac), other == purpose) << Name(other);
    }
  }
}

TEST(Keyring, FirstSecretSignsAllVerify) {
  const Keyring keyring = Keys({kNewSecret, kOldSecret});
  EXPECT_EQ(keyring.First(Purpose::kReset).id, kNewId);
  ASSERT_EQ(keyring.All(Purpose::kReset).size(), 2U);
  EXPECT_EQ(keyring.All(Purpose::kReset)[1].id, kOldId);
  const Key* const old_key = keyring.Find(Purpose::kReset, kOldId);
  ASSERT_NE(old_key, nullptr);
  EXPECT_TRUE(old_key->hmac.Verify("data", HmacOf(kOldResetKey).Sign("data")));
}

TEST(Keyring, FindsOnlyByTheWholeId) {
  const Keyring keyring = Keys({kNewSecret});
  for (const std::string& id :
       {std::string(), std::string("e5a8b11"), std::string("E5A8B118"), std::string("e5a8b1188"),
        std::string("../../etc/passwd"), std::string("' OR 1=1 --"), std::string(10'240, 'e')}) {
    EXPECT_EQ(keyring.Find(Purpose::kReset, id), nullptr);
  }
}

TEST(Keyring, RefusesNoSecret) {
  EXPECT_EQ(Problem({}), "token.secret_files: names no secret; list one file at least");
}

TEST(Keyring, RefusesAShortOrEmptySecretWhereverItStands) {
  EXPECT_NE(Problem({""}).find("secret 1 has 0 bytes"), std::string::npos);
  EXPECT_NE(Problem({"0123456789012345678901234567890"}).find("secret 1 has 31 bytes"),
            std::string::npos);
  EXPECT_NE(Problem({kNewSecret, "short"}).find("secret 2 has 5 bytes"), std::string::npos);
  EXPECT_EQ(Problem({"01234567890123456789012345678901"}), "none");
}

TEST(Keyring, RefusesOneSecretTwice) {
  EXPECT_NE(Problem({kNewSecret, kOldSecret, kNewSecret}).find("secret 3 is secret 1 again"),
            std::string::npos);
}

TEST(Keyring, NamesNoSecretInAProblem) {
  EXPECT_EQ(Problem({kNewSecret, kNewSecret}).find(kNewSecret), std::string::npos);
  EXPECT_EQ(Problem({"hunter2"}).find("hunter2"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::token
