#include "accounts/binding.h"

#include <gtest/gtest.h>

#include "support/fake_accounts.h"
#include "support/fake_clock.h"
#include "support/site_keys.h"

namespace latchkey::accounts {
namespace {

using namespace std::chrono_literals;
using token::Purpose;

class BindingTest : public ::testing::Test {
 protected:
  BindingTest() {
    accounts_.rows = {{"7", "ann@example.org", "$2y$10$hash"},
                      {"8", "bob@example.org", "$2y$10$other"}};
  }

  std::string Link(size_t row = 0) { return links_.Issue(accounts_.rows[row], 600s); }
  BoundTokens::Opened Open(std::string_view token) {
    auto opened = links_.Open(token, accounts_);
    EXPECT_TRUE(opened.ok());
    return *std::move(opened);
  }
  std::string Refusal(std::string_view token) { return std::string(Open(token).refusal); }
  std::string Fingerprint(Purpose purpose, const std::string& token) {
    return token::Jwt(keyring_, purpose, kTestOrigin, clock_).Verify(token).claims->fingerprint;
  }

  FakeClock clock_;
  token::Keyring keyring_ = TestKeyring();
  BoundTokens links_{keyring_, Purpose::kReset, kTestOrigin, clock_};
  BoundTokens sessions_{keyring_, Purpose::kSession, kTestOrigin, clock_};
  FakeAccounts accounts_;
};

TEST_F(BindingTest, ARevocationEndsWhatWasIssuedUntilThenAndNothingElse) {
  const std::string link = Link();
  const std::string session = sessions_.Issue(accounts_.rows[0], 600s);
  const std::string others = Link(1);
  BoundTokens not_me(keyring_, Purpose::kNotMe, kTestOrigin, clock_);
  const std::string said = not_me.Issue(accounts_.rows[0], 24h);
  accounts_.states["7"].not_before = clock_.Now();
  EXPECT_EQ(Refusal(link), "revoked");
  EXPECT_EQ(sessions_.Open(session, accounts_)->refusal, "revoked");
  EXPECT_TRUE(Open(others).account);
  EXPECT_TRUE(not_me.Open(said, accounts_)->account);  // to be said twice
  // In the same second: only what knows of the revocation counts.
  EXPECT_EQ(Refusal(Link()), "revoked");
  EXPECT_TRUE(Open(links_.Issue(accounts_.rows[0], 600s, clock_.Now())).account);
  clock_.Advance(1s);
  EXPECT_TRUE(Open(Link()).account);
}

TEST_F(BindingTest, ATokenOpensItsAccount) {
  const auto opened = Open(Link());
  ASSERT_TRUE(opened.account);
  EXPECT_EQ(opened.account->id, "7");
  EXPECT_EQ(opened.expires, FakeClock::kStart + 600s);
  EXPECT_FALSE(opened.expired);
  EXPECT_EQ(Open(Link(1)).account->id, "8");
}

// python3: base64url(HMAC-SHA-256(HKDF-SHA-256(secret, info="latchkey/v1/binding"),
// "5:reset1:711:$2y$10$hash15:ann@example.org")[:16]), with hmac and hashlib.
TEST_F(BindingTest, TheFingerprintIsTheOneOfTheFormat) {
  EXPECT_EQ(Fingerprint(Purpose::kReset, Link()), "Ei6KXxKS0FF0qPjWclBRHg");
  EXPECT_EQ(Fingerprint(Purpose::kSession, sessions_.Issue(accounts_.rows[0], 600s)),
            "5kSlRNTCuEgdGrrDpTtK-w");
}

// The same, over "5:reset1:711:$2y$10$hash15:ann@example.org16:ann@home.example".
TEST_F(BindingTest, OfSeveralAddressesAllCountWhicheverWasTyped) {
  accounts_.rows[0].addresses = {"ann@example.org", "ann@home.example"};
  EXPECT_EQ(Fingerprint(Purpose::kReset, Link()), "ePH47-GxJaQk1tS0uKthxw");
  Account typed = accounts_.rows[0];
  typed.address = "ann@home.example";
  EXPECT_TRUE(Open(links_.Issue(typed, 600s)).account);
  const std::string link = Link();
  accounts_.rows[0].addresses[1] = "eve@home.example";
  EXPECT_EQ(Refusal(link), "account_changed");
}

TEST_F(BindingTest, ANewHashEndsLinksAndSessions) {
  const std::string link = Link();
  const std::string session = sessions_.Issue(accounts_.rows[0], 600s);
  accounts_.rows[0].hash = "$2y$10$new";
  EXPECT_EQ(Refusal(link), "account_changed");
  EXPECT_FALSE(sessions_.Open(session, accounts_)->account);
}

// parse-server#5104
TEST_F(BindingTest, ANewAddressEndsLinksAndNotSessions) {
  const std::string link = Link();
  const std::string session = sessions_.Issue(accounts_.rows[0], 600s);
  accounts_.rows[0].address = "Ann@example.org";
  EXPECT_EQ(Refusal(link), "account_changed");
  EXPECT_TRUE(sessions_.Open(session, accounts_)->account);
}

TEST_F(BindingTest, ATokenOfAnotherPurposeIsRefused) {
  EXPECT_FALSE(Open(sessions_.Issue(accounts_.rows[0], 600s)).account);
  EXPECT_FALSE(sessions_.Open(Link(), accounts_)->account);
}

TEST_F(BindingTest, AnAccountThatIsGoneOrHasNoHashOpensNothing) {
  const std::string link = Link();
  accounts_.rows[0].hash = "";
  EXPECT_EQ(Refusal(link), "account_changed");
  const std::string of_empty = Link();
  EXPECT_EQ(Refusal(of_empty), "account_changed");
  accounts_.rows.clear();
  EXPECT_EQ(Refusal(link), "account_gone");
}

TEST_F(BindingTest, OnlyWhatIsTooOldIsCalledExpired) {
  const std::string link = Link();
  clock_.Advance(600s);
  EXPECT_TRUE(Open(link).expired);
  EXPECT_FALSE(Open(link).account);
  EXPECT_FALSE(Open("nonsense").expired);
  const std::string used = Link();
  accounts_.rows[0].hash = "$2y$10$new";
  EXPECT_FALSE(Open(used).expired);
}

TEST_F(BindingTest, ATokenOfAnOlderSecretIsTaken) {
  const std::string link = Link();
  std::vector<Secret> secrets;
  secrets.emplace_back(std::string("another secret of thirty-two bytes"));
  secrets.emplace_back(std::string("a secret of thirty-two bytes ..."));
  const token::Keyring rotated = OrDie(token::Keyring::Make(secrets));
  const BoundTokens links(rotated, Purpose::kReset, kTestOrigin, clock_);
  EXPECT_TRUE(links.Open(link, accounts_)->account);
  EXPECT_FALSE(links_.Open(links.Issue(accounts_.rows[0], 600s), accounts_)->account);
}

TEST_F(BindingTest, ARefusedTokenDoesNotReachTheDatabase) {
  Open("nonsense");
  Open("");
  EXPECT_EQ(accounts_.finds, 0);
}

TEST_F(BindingTest, TheDatabasesErrorsAreTheCallers) {
  accounts_.failure = Error{Next::kTryLater, "down"};
  EXPECT_EQ(links_.Open(Link(), accounts_).error().next, Next::kTryLater);
}

}  // namespace
}  // namespace latchkey::accounts
