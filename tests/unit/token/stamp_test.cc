#include "token/stamp.h"

#include <gtest/gtest.h>

#include "unit/token/fixture.h"

namespace latchkey::token {
namespace {

class StampTest : public testing::Test {
 protected:
  Keyring keyring_ = Keys({kNewSecret});
  Stamp form_{keyring_, Purpose::kForm};
  Stamp flash_{keyring_, Purpose::kFlash};
};

// base64.urlsafe_b64encode(hmac.new(form_key, b"5:stamp5:hello", "sha256").digest()[:16])
constexpr std::string_view kHello = "hello.K6fwK90By2ov3XNDSJEAEQ";
// The same, but [16:].
constexpr std::string_view kHelloCounterpart = "5gO1gv7633GVrfGO7oevwA";
// [:16] of b"6:digest5:hello".
constexpr std::string_view kHelloDigest = "RQUzVMlSzPcJa1GKSVR26w";

TEST_F(StampTest, IsThePayloadAndHalfAMac) {
  EXPECT_EQ(form_.Issue("hello").stamped, kHello);
  EXPECT_EQ(form_.Verify(kHello)->payload, "hello");
  EXPECT_EQ(form_.Digest("hello"), kHelloDigest);
  EXPECT_TRUE(form_.VerifyDigest("hello", kHelloDigest));
}

TEST_F(StampTest, HasTheOtherHalfAsItsCounterpart) {
  EXPECT_EQ(form_.Issue("hello").counterpart, kHelloCounterpart);
  EXPECT_EQ(form_.Verify(kHello)->counterpart, kHelloCounterpart);
  EXPECT_FALSE(form_.Verify("hello." + std::string(kHelloCounterpart)));
}

TEST_F(StampTest, IsRefusedForAnotherPurpose) {
  EXPECT_FALSE(flash_.Verify(kHello));
  EXPECT_FALSE(flash_.VerifyDigest("hello", kHelloDigest));
}

TEST_F(StampTest, AndDigestAreNotExchangeable) {
  EXPECT_FALSE(form_.Verify("hello." + std::string(kHelloDigest)));
  EXPECT_FALSE(form_.VerifyDigest("hello", kHello.substr(6)));
}

TEST_F(StampTest, IsRefusedWithAnyBitChangedOrAnyPartMissing) {
  for (size_t length = 0; length < kHello.size(); ++length) {
    EXPECT_FALSE(form_.Verify(kHello.substr(0, length))) << length;
  }
  for (size_t bit = 0; bit < kHello.size() * 8; ++bit) {
    std::string changed(kHello);
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << bit % 8));
    EXPECT_FALSE(form_.Verify(changed)) << changed;
  }
}

TEST_F(StampTest, IsRefusedWithAnythingAround) {
  const std::string good(kHello);
  for (const std::string& text : {" " + good, good + " ", good + "=", good + "==", "." + good,
                                  good + ".", "hello.hello." + good.substr(6), good + '\0'}) {
    EXPECT_FALSE(form_.Verify(text)) << text;
  }
}

TEST_F(StampTest, TakesWhatAnEarlierSecretMade) {
  const Keyring rotated = Keys({kOldSecret, kNewSecret});
  const Stamp stamp(rotated, Purpose::kForm);
  EXPECT_NE(stamp.Issue("hello").stamped, kHello);
  EXPECT_EQ(stamp.Verify(kHello)->payload, "hello");
  EXPECT_EQ(stamp.Verify(kHello)->counterpart, kHelloCounterpart);
  EXPECT_TRUE(stamp.VerifyDigest("hello", kHelloDigest));
  const Keyring retired = Keys({kOldSecret});
  EXPECT_FALSE(Stamp(retired, Purpose::kForm).Verify(kHello));
}

TEST_F(StampTest, DigestTakesAnyBytes) {
  const std::string_view with_nul("a\0b", 3);
  EXPECT_TRUE(form_.VerifyDigest(with_nul, form_.Digest(with_nul)));
  EXPECT_FALSE(form_.VerifyDigest("a", form_.Digest(with_nul)));
  EXPECT_TRUE(form_.VerifyDigest("", form_.Digest("")));
  EXPECT_FALSE(form_.VerifyDigest("", ""));
}

TEST(StampDeathTest, RefusesAPayloadThatCouldNotBeRead) {
  const Keyring keyring = Keys({kNewSecret});
  EXPECT_DEATH(Stamp(keyring, Purpose::kForm).Issue("a.b"), "bug: CHECK");
  EXPECT_DEATH(Stamp(keyring, Purpose::kForm).Issue(""), "bug: CHECK");
}

}  // namespace
}  // namespace latchkey::token
