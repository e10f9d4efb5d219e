#include "session/session.h"

#include <gtest/gtest.h>

#include "base/die.h"
#include "support/fake_accounts.h"
#include "support/fake_clock.h"
#include "support/fake_hash_work.h"
#include "support/registered_scheme.h"
#include "support/site_keys.h"

namespace latchkey::session {
namespace {

using password::FakeScheme;

// php -r 'echo password_hash("a cheap old password", PASSWORD_BCRYPT, ["cost" => 4]);'
constexpr char kCheapHash[] = "$2y$04$hqhjOp9MQYXdnOJgAQRsO.XamyZKqV/TpjFHVnw37xEwNY6DQxtYO";

class SignIn : public testing::Test {
 protected:
  SignIn() { accounts_.rows = {{"7", "ann@example.org", FakeScheme::Hash("ann's password")}}; }

  std::optional<std::string> As(std::string_view address, std::string_view password) {
    return OrDie(sessions_.SignIn(address, password, "192.0.2.1"));
  }
  std::string WhoIs(std::string_view token) {
    const auto account = OrDie(sessions_.WhoIs(token));
    return account ? account->id : "nobody";
  }

  FakeScheme& scheme_ = password::RegisteredFakeScheme();
  const password::Hashing hashing_ = password::FakeHashing();
  FakeClock clock_;
  token::Keyring keyring_ = TestKeyring();
  accounts::BoundTokens tokens_{keyring_, token::Purpose::kSession, kTestOrigin, clock_};
  std::string dummy_hash_ = FakeScheme::Hash("nobody knows this");
  FakeAccounts accounts_;
  password::FakeHashWork work_;
  Sessions sessions_{{tokens_, hashing_, work_, dummy_hash_}, accounts_};
};

TEST_F(SignIn, WithAddressAndPassword) {
  const auto token = As(" ANN@example.org ", "ann's password");
  ASSERT_TRUE(token);
  EXPECT_EQ(WhoIs(*token), "7");
}

TEST_F(SignIn, RenewsAHashThatIsWeakerThanWhatIsWritten) {
  scheme_.stored_amount = 0;
  const auto token = As("ann@example.org", "ann's password");
  scheme_.stored_amount = 1;
  EXPECT_EQ(accounts_.swaps, 1);
  // Not a reset: the application's sessions go on.
  EXPECT_EQ(accounts_.reason, accounts::Reason::kRehash);
  EXPECT_EQ(WhoIs(token.value_or("")), "7");
}

TEST_F(SignIn, LeavesAHashThatIsStrongEnoughOrNotToBeTouched) {
  As("ann@example.org", "ann's password");
  EXPECT_EQ(accounts_.swaps, 0);
  scheme_.stored_amount = 0;
  As("ann@example.org", "another password");
  EXPECT_EQ(accounts_.swaps, 0);
  Sessions without({tokens_, hashing_, work_, dummy_hash_, /*rehash=*/false}, accounts_);
  EXPECT_TRUE(OrDie(without.SignIn("ann@example.org", "ann's password", "192.0.2.1")));
  scheme_.stored_amount = 1;
  EXPECT_EQ(accounts_.swaps, 0);
}

TEST_F(SignIn, SucceedsThoughTheHashCouldNotBeRenewed) {
  scheme_.stored_amount = 0;
  accounts_.swap_failure = Error{Next::kTryLater, "down"};
  const auto token = As("ann@example.org", "ann's password");
  EXPECT_EQ(WhoIs(token.value_or("")), "7");
  accounts_.swap_failure.reset();
  scheme_.out_of_memory = true;
  EXPECT_TRUE(As("ann@example.org", "ann's password"));
  scheme_.out_of_memory = false;
  scheme_.stored_amount = 1;
}

TEST_F(SignIn, WithAUserName) {
  EXPECT_FALSE(As("ann", "ann's password"));
  accounts_.logins = {{"ann", "7"}};
  const auto token = As(" ann ", "ann's password");
  ASSERT_TRUE(token);
  EXPECT_EQ(WhoIs(*token), "7");
  EXPECT_FALSE(As("ann", "another"));
}

TEST_F(SignIn, WithAnAddressIsItsOwnersWhateverNameSomebodyTakes) {
  accounts_.rows.push_back({"8", "eve@example.org", FakeScheme::Hash("eve's password")});
  accounts_.logins = {{"ann@example.org", "8"}};
  EXPECT_FALSE(As("ann@example.org", "eve's password"));
  EXPECT_EQ(WhoIs(As("ann@example.org", "ann's password").value_or("")), "7");
}

TEST_F(SignIn, IsRefusedForAnotherPasswordOrNobody) {
  EXPECT_FALSE(As("ann@example.org", "ann's passworD"));
  EXPECT_FALSE(As("bob@example.org", "ann's password"));
  EXPECT_FALSE(As("", ""));
  EXPECT_FALSE(As("bob@example.org", "nobody knows this"));
}

TEST_F(SignIn, IsBusyForKnownAndUnknownAlikeAndChangesNothing) {
  work_.busy = true;
  scheme_.stored_amount = 0;
  const int before = scheme_.verify_calls();
  for (const char* address : {"ann@example.org", "bob@example.org"}) {
    const auto session = sessions_.SignIn(address, "ann's password", "192.0.2.1");
    ASSERT_FALSE(session.ok()) << address;
    EXPECT_EQ(session.error().next, Next::kBusy);
  }
  scheme_.stored_amount = 1;
  EXPECT_EQ(scheme_.verify_calls(), before);
  EXPECT_EQ(accounts_.swaps, 0);
}

// A second place to wait for might not be had any more.
TEST_F(SignIn, IsOnePieceOfHashWorkWhateverItTakes) {
  As("bob@example.org", "x");
  EXPECT_EQ(work_.pieces, 1);
  accounts_.rows.push_back({"8", "ann@example.org", FakeScheme::Hash("her other password")});
  scheme_.stored_amount = 0;
  EXPECT_TRUE(As("ann@example.org", "her other password"));  // two compared, one renewed
  scheme_.stored_amount = 1;
  EXPECT_EQ(accounts_.swaps, 1);
  EXPECT_EQ(work_.pieces, 2);
}

TEST_F(SignIn, WithWhatNobodyTypesTakesNoHashWork) {
  const std::string endless(password::Hashing::kMostTypedBytes + 1, 'x');
  EXPECT_FALSE(As("ann@example.org", endless));
  EXPECT_FALSE(As("bob@example.org", endless));
  EXPECT_EQ(work_.pieces, 0);
}

// keycloak#26625: an unknown account must cost what a known one does.
TEST_F(SignIn, OfAnUnknownAccountCostsOneHash) {
  const int before = scheme_.verify_calls();
  As("bob@example.org", "x");
  EXPECT_EQ(scheme_.verify_calls(), before + 1);
  As("ann@example.org", "x");
  EXPECT_EQ(scheme_.verify_calls(), before + 2);
}

TEST_F(SignIn, OfAnAccountWithACheaperOrUnknownHashCostsOneHashOfTheWrittenScheme) {
  accounts_.rows.push_back({"8", "old@example.org", kCheapHash});
  accounts_.rows.push_back({"9", "odd@example.org", "!no format of ours"});
  accounts_.rows.push_back({"10", "none@example.org", ""});
  for (const char* address : {"old@example.org", "odd@example.org", "none@example.org"}) {
    const int before = scheme_.verify_calls();
    EXPECT_FALSE(As(address, "x"));
    EXPECT_EQ(scheme_.verify_calls(), before + 1) << address;
  }
  EXPECT_TRUE(As("old@example.org", "a cheap old password"));
}

TEST_F(SignIn, OfSeveralAccountsOnOneAddressTakesTheOneWhosePasswordItIs) {
  accounts_.rows.push_back({"8", "ann@example.org", FakeScheme::Hash("her other password")});
  const auto token = As("ann@example.org", "her other password");
  ASSERT_TRUE(token);
  EXPECT_EQ(WhoIs(*token), "8");
}

TEST_F(SignIn, OfMoreAccountsThanAnybodyHasIsRefused) {
  accounts_.rows.assign(6, {"7", "ann@example.org", FakeScheme::Hash("p")});
  EXPECT_FALSE(As("ann@example.org", "p"));
}

// NodeBB#5524, Mastodon#12928: sessions that outlive a reset.
TEST_F(SignIn, EndsWhenTheHashChanges) {
  const auto token = As("ann@example.org", "ann's password");
  accounts_.rows[0].hash = FakeScheme::Hash("a new one");
  EXPECT_EQ(WhoIs(*token), "nobody");
}

TEST_F(SignIn, EndsWithItsTimeAndWithItsAccount) {
  const auto token = As("ann@example.org", "ann's password");
  clock_.Advance(Sessions::kLife - std::chrono::seconds(1));
  EXPECT_EQ(WhoIs(*token), "7");
  clock_.Advance(std::chrono::seconds(1));
  EXPECT_EQ(WhoIs(*token), "nobody");
  const auto another = As("ann@example.org", "ann's password");
  accounts_.rows.clear();
  EXPECT_EQ(WhoIs(*another), "nobody");
}

TEST_F(SignIn, TokenOfAResetIsNoSession) {
  const accounts::BoundTokens links(keyring_, token::Purpose::kReset, kTestOrigin, clock_);
  EXPECT_EQ(WhoIs(links.Issue(accounts_.rows[0], std::chrono::seconds(60))), "nobody");
  EXPECT_EQ(WhoIs(""), "nobody");
  EXPECT_EQ(WhoIs("a.b.c"), "nobody");
}

TEST_F(SignIn, SaysWhenTheDatabaseIsAway) {
  accounts_.failure = Error{Next::kTryLater, "away"};
  EXPECT_FALSE(sessions_.SignIn("ann@example.org", "p", "192.0.2.1").ok());
}

}  // namespace
}  // namespace latchkey::session
