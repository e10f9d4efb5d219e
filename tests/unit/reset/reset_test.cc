#include "reset/reset.h"

#include <gtest/gtest.h>

#include "base/die.h"
#include "support/fake_accounts.h"
#include "support/fake_clock.h"
#include "support/fake_drops.h"
#include "support/fake_hash_work.h"
#include "support/registered_scheme.h"
#include "support/site_keys.h"
#include "support/unreadable.h"

namespace latchkey::reset {
namespace {

using password::FakeScheme;

constexpr char kNew[] = "nine purple hedgehogs dance";

// A story: Ask("ann@..."); Link(); Set(link, "...").
class Reset : public testing::Test {
 protected:
  Reset() { accounts_.rows = {{"7", "ann@example.org", FakeScheme::Hash("the old password of ann")}}; }

  // The note is stored at once.
  AskOutcome Ask(Resets& resets, std::string_view typed) {
    const auto asked = resets.Ask(typed, kPeer);
    if (const auto* outcome = std::get_if<AskOutcome>(&asked)) return *outcome;
    EXPECT_TRUE(drops_.Drop(std::get<outbox::Note>(asked)).ok());
    resets.Remember(std::get<outbox::Note>(asked));
    return AskOutcome::kAccepted;
  }
  AskOutcome Ask(std::string_view typed) { return Ask(resets_, typed); }
  // As the mailer makes it.
  std::string Link() { return links_.Issue(accounts_.rows[0], std::chrono::seconds(600)); }
  bool IsGood(std::string_view token) {
    return OrDie(resets_.Open(token, kPeer, nullptr)).has_value();
  }
  SetOutcome Set(std::string_view token, std::string_view password = kNew) {
    return OrDie(resets_.Set(token, password, kPeer));
  }
  std::string Hash() const { return accounts_.rows[0].hash; }

  const int made_before_ = password::RegisteredFakeScheme().make_calls();
  static constexpr char kPeer[] = "192.0.2.1";
  FakeScheme& scheme_ = password::RegisteredFakeScheme();
  const password::Hashing hashing_ = password::FakeHashing();
  FakeClock clock_;
  token::Keyring keyring_ = TestKeyring();
  accounts::BoundTokens links_{keyring_, token::Purpose::kReset, kTestOrigin, clock_};
  accounts::BoundTokens not_me_links_{keyring_, token::Purpose::kNotMe, kTestOrigin, clock_};
  password::Policy policy_;
  FakeAccounts accounts_;
  FakeDrops drops_;
  password::FakeHashWork work_;
  Resets resets_{{links_, not_me_links_, policy_, hashing_, work_, "Example"}, accounts_, drops_};
};

// NIST SP 800-63B-4: all validated addresses are notified.
TEST_F(Reset, EveryStoredAddressIsToldOfTheNewPassword) {
  accounts_.rows[0].addresses = {"ann@example.org", "ann@old.example"};
  ASSERT_EQ(Set(Link()), SetOutcome::kDone);
  ASSERT_EQ(drops_.notes.size(), 2u);
  EXPECT_EQ(drops_.notes[0].address, "ann@example.org");
  EXPECT_EQ(drops_.notes[1].address, "ann@old.example");
  EXPECT_EQ(drops_.notes[1].account_id, "7");
  EXPECT_NE(drops_.notes[0].id, drops_.notes[1].id);
}

TEST_F(Reset, NotMeEndsTheLinksOfAllAccountsOnTheAddress) {
  accounts_.rows.push_back({"8", "ann@example.org", FakeScheme::Hash("another")});
  accounts_.rows.push_back({"9", "Ann@example.org", FakeScheme::Hash("somebody else's")});
  const std::string link = Link();
  const std::string said = not_me_links_.Issue(accounts_.rows[0], std::chrono::hours(24));
  EXPECT_FALSE(OrDie(resets_.OpenNotMe(link, kPeer)).has_value());
  EXPECT_TRUE(OrDie(resets_.OpenNotMe(said, kPeer)).has_value());
  EXPECT_TRUE(IsGood(link));
  EXPECT_EQ(OrDie(resets_.SayNotMe(said, kPeer)), NotMeOutcome::kDone);
  EXPECT_FALSE(IsGood(link));
  EXPECT_TRUE(accounts_.states["7"].muted);
  EXPECT_TRUE(accounts_.states["8"].muted);
  EXPECT_FALSE(accounts_.states["9"].muted);
  EXPECT_EQ(OrDie(resets_.SayNotMe("nonsense", kPeer)), NotMeOutcome::kBadLink);
}

TEST_F(Reset, WhatIsRefusedByItsLinkOrByPolicyTakesNoHashWork) {
  EXPECT_EQ(Set("nonsense"), SetOutcome::kBadLink);
  EXPECT_EQ(Set(Link(), "short"), SetOutcome::kTooShort);
  EXPECT_EQ(Set(Link(), "passwordpassword"), SetOutcome::kTooGuessable);
  EXPECT_EQ(Set(Link(), std::string(100, 'x')), SetOutcome::kTooLong);
  EXPECT_EQ(work_.pieces, 0);
  EXPECT_EQ(Set(Link(), "the old password of ann"), SetOutcome::kIsCurrent);
  EXPECT_EQ(work_.pieces, 1);
}

// The account comes before the policy: without a good link nothing is said of a password.
TEST_F(Reset, ALinkThatIsNotGoodIsToldBeforeAnyFaultOfThePassword) {
  const auto expect_bad = [&](const std::string& link, const char* why) {
    for (const std::string& password : {std::string("short"), std::string("passwordpassword"),
                                        std::string(100, 'x'), std::string("nine\0hedgehogs", 14)}) {
      EXPECT_EQ(Set(link, password), SetOutcome::kBadLink) << why << ", " << password;
    }
  };
  const std::string used = Link();
  ASSERT_EQ(Set(used), SetOutcome::kDone);
  expect_bad(used, "used");
  const std::string old = Link();
  clock_.Advance(std::chrono::seconds(600));
  expect_bad(old, "expired");

  const std::string link = Link();
  EXPECT_EQ(Set(link, "short"), SetOutcome::kTooShort);
  OrDie(accounts_.Revoke("7", clock_.Now() + std::chrono::seconds(2), std::chrono::seconds(0)));
  expect_bad(link, "revoked");
  accounts_.states.clear();
  accounts_.rows[0].hash = "!disabled";
  const std::string disabled = Link();
  expect_bad(disabled, "disabled");
  accounts_.rows.clear();
  expect_bad(disabled, "gone");
}

TEST_F(Reset, SetIsOnePieceOfHashWork) {
  ASSERT_EQ(Set(Link()), SetOutcome::kDone);
  EXPECT_EQ(work_.pieces, 1);
}

TEST_F(Reset, SetThatIsBusyChangesNothingAndTheLinkStaysGood) {
  const std::string link = Link(), before = Hash();
  work_.busy = true;
  const auto set = resets_.Set(link, kNew, kPeer);
  ASSERT_FALSE(set.ok());
  EXPECT_EQ(set.error().next, Next::kBusy);
  EXPECT_EQ(Hash(), before);
  EXPECT_TRUE(drops_.notes.empty());
  EXPECT_TRUE(IsGood(link));
  work_.busy = false;
  EXPECT_EQ(Set(link), SetOutcome::kDone);
}

TEST_F(Reset, AskDropsOneNoteWithTheTrimmedTextAsTyped) {
  EXPECT_EQ(Ask("  Ann@Example.org\t"), AskOutcome::kAccepted);
  ASSERT_EQ(drops_.notes.size(), 1u);
  EXPECT_EQ(drops_.notes[0].kind, outbox::Kind::kLink);
  EXPECT_EQ(drops_.notes[0].address, "Ann@Example.org");
  EXPECT_EQ(drops_.notes[0].peer, kPeer);
  EXPECT_EQ(drops_.notes[0].id.size(), 16u);
}

TEST_F(Reset, AskTakesAUserNameWhereTheseMayBeTyped) {
  EXPECT_EQ(Ask("ann"), AskOutcome::kNotAnAddress);
  Resets with_logins({links_, not_me_links_, policy_, hashing_, work_, "Example", /*logins=*/true},
                     accounts_, drops_);
  for (const char* name : {" Ann ", "ann smith", "\u00e4nne", "o'hara", "ann@home", "<ann>"}) {
    EXPECT_EQ(Ask(with_logins, name), AskOutcome::kAccepted) << name;
  }
  EXPECT_EQ(drops_.notes.at(0).address, "Ann");
  EXPECT_EQ(accounts_.finds, 0);
  for (const std::string& none : {std::string(), std::string(" \t "), std::string(101, 'a'),
                                  std::string("a\nb"), std::string("a\0b", 3), std::string("\xff")}) {
    EXPECT_EQ(Ask(with_logins, none), AskOutcome::kNotAnAddress) << none;
  }
  EXPECT_EQ(drops_.notes.size(), 6u);
}

// Enumeration: asking does not even look.
TEST_F(Reset, AskDoesTheSameForKnownAndUnknown) {
  EXPECT_EQ(Ask("ann@example.org"), Ask("nobody@example.org"));
  EXPECT_EQ(accounts_.finds, 0);
  EXPECT_EQ(drops_.notes.size(), 2u);
}

// GitLab CVE-2023-7028: several addresses in one field.
TEST_F(Reset, AskRefusesWhatIsNotOneAddress) {
  for (const char* typed : {"", "ann", "ann@", "@example.org", "v@example.org,a@example.org",
                            "v@example.org;a@example.org", "v@example.org a@example.org",
                            "v@example.org\r\nBcc: a@example.org", "<v@example.org>", "a@b@example.org"}) {
    EXPECT_EQ(Ask(typed), AskOutcome::kNotAnAddress) << typed;
  }
  EXPECT_TRUE(drops_.notes.empty());
}

TEST_F(Reset, GoodLinkSetsThePasswordAndTellsTheOwner) {
  EXPECT_EQ(Set(Link()), SetOutcome::kDone);
  EXPECT_EQ(Hash(), FakeScheme::Hash(kNew));
  ASSERT_EQ(drops_.notes.size(), 1u);
  EXPECT_EQ(drops_.notes[0].kind, outbox::Kind::kChanged);
  EXPECT_EQ(drops_.notes[0].account_id, "7");
}

// The naive signed token works until it expires, however often.
TEST_F(Reset, LinkWorksOnce) {
  const std::string link = Link();
  const std::string sibling = Link();
  EXPECT_EQ(Set(link), SetOutcome::kDone);
  EXPECT_EQ(Set(link, "another fine long password"), SetOutcome::kBadLink);
  EXPECT_FALSE(IsGood(sibling));
}

TEST_F(Reset, OpeningALinkAnyNumberOfTimesLeavesItGood) {
  const std::string link = Link();
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(IsGood(link));
  EXPECT_EQ(Set(link), SetOutcome::kDone);
}

// parse-server#5104.
TEST_F(Reset, LinkDiesWhenHashOrAddressChangesElsewhere) {
  const std::string link = Link();
  accounts_.rows[0].address = "ann@elsewhere.example";
  EXPECT_FALSE(IsGood(link));
  accounts_.rows[0].address = "ann@example.org";
  EXPECT_TRUE(IsGood(link));
  accounts_.rows[0].hash = FakeScheme::Hash("set by the site itself");
  EXPECT_FALSE(IsGood(link));
}

TEST_F(Reset, DisabledAccountIsNotWoken) {
  accounts_.rows[0].hash = "!disabled";
  EXPECT_EQ(Set(Link()), SetOutcome::kBadLink);
  EXPECT_EQ(Hash(), "!disabled");
}

TEST_F(Reset, WhoLosesTheRaceIsToldThatTheLinkIsUsed) {
  accounts_.before_swap = [&] { accounts_.rows[0].hash = FakeScheme::Hash("somebody was faster"); };
  EXPECT_EQ(Set(Link()), SetOutcome::kBadLink);
  EXPECT_EQ(Hash(), FakeScheme::Hash("somebody was faster"));
  EXPECT_TRUE(drops_.notes.empty());
}

TEST_F(Reset, ExpiredLinkIsCalledExpired) {
  const std::string link = Link();
  clock_.Advance(std::chrono::seconds(600));
  bool expired = false;
  EXPECT_FALSE(OrDie(resets_.Open(link, kPeer, &expired)).has_value());
  EXPECT_TRUE(expired);
  OrDie(resets_.Open("nonsense", kPeer, &expired));
  EXPECT_FALSE(expired);
}

// Joomla CVE-2008-3681, Devise CVE-2013-0233: odd tokens that find the first account.
TEST_F(Reset, OddTokensAreRefusedBeforeTheAccountsAreAsked) {
  using namespace std::string_view_literals;
  for (const std::string_view token : {""sv, "0"sv, "null"sv, "'"sv, "[]"sv, "\0"sv, "  "sv}) {
    EXPECT_EQ(Set(token), SetOutcome::kBadLink);
  }
  EXPECT_EQ(Set(std::string(10'240, 'a')), SetOutcome::kBadLink);
  EXPECT_EQ(accounts_.finds, 0);
}

TEST_F(Reset, PolicyIsAppliedAndTheLinkStaysGood) {
  const std::string link = Link();
  EXPECT_EQ(Set(link, "short"), SetOutcome::kTooShort);
  EXPECT_EQ(Set(link, std::string(73, 'x') + "q7!"), SetOutcome::kTooLong);
  EXPECT_EQ(Set(link, std::string("nine purple\0hedgehogs", 21)), SetOutcome::kHasNul);
  EXPECT_EQ(Set(link, "aaaaaaaaaaaaaaaaaaaa"), SetOutcome::kTooGuessable);
  EXPECT_EQ(Set(link, "ann@example.org"), SetOutcome::kTooGuessable);
  EXPECT_EQ(scheme_.make_calls() - made_before_, 0);
  EXPECT_EQ(Set(link), SetOutcome::kDone);
}

// Django CVE-2013-1443: a megabyte was hashed. Here nobody hashes it, nor looks at it.
TEST_F(Reset, AMegabyteCostsNoHash) {
  const Unreadable megabyte;
  const int verified_before = scheme_.verify_calls();
  EXPECT_EQ(Set(Link(), megabyte.text()), SetOutcome::kTooLong);
  EXPECT_EQ(scheme_.make_calls(), made_before_);
  EXPECT_EQ(scheme_.verify_calls(), verified_before);
}

TEST_F(Reset, CurrentPasswordIsRefused) {
  EXPECT_EQ(Set(Link(), "the old password of ann"), SetOutcome::kIsCurrent);
  EXPECT_EQ(accounts_.swaps, 0);
}

TEST_F(Reset, NothingIsChangedWhenTheNoticeCannotBeDropped) {
  drops_.failure = Error{Next::kTryLater, "away"};
  EXPECT_FALSE(resets_.Set(Link(), kNew, kPeer).ok());
  EXPECT_EQ(Hash(), FakeScheme::Hash("the old password of ann"));
}

TEST_F(Reset, NothingIsChangedWhenMemoryIsShort) {
  scheme_.out_of_memory = true;
  EXPECT_FALSE(resets_.Set(Link(), kNew, kPeer).ok());
  scheme_.out_of_memory = false;
  EXPECT_EQ(accounts_.swaps, 0);
}

}  // namespace
}  // namespace latchkey::reset
