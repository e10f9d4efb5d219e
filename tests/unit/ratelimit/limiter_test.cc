#include "ratelimit/limiter.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/die.h"
#include "base/log.h"
#include "ratelimit/ratelimit.h"
#include "support/fake_clock.h"
#include "support/site_keys.h"
#include "support/temp_dir.h"

namespace latchkey::ratelimit {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class Peers : public testing::Test {
 protected:
  Peers() {
    limits_.table = temp_.Path("limits");
    limits_.words = 4096;
    limits_.reset_request = limits_.login = {5, seconds(60)};
    limits_.reset_password = {3, seconds(60)};
    limits_.account = {4, std::chrono::hours(1)};
    limits_.reset_request_ceiling = limits_.reset_password_ceiling = limits_.login_ceiling = {
        1000, seconds(60)};
    limits_.ipv6_48_factor = 4;
  }
  Limiter Make() {
    return Limiter(ToSettings(limits_), OrDie(OpenStore(limits_, clock_)),
                   keyring_.First(token::Purpose::kLimiter).hmac, clock_);
  }
  static IpAddress Peer(const std::string& text) { return *IpAddress::Parse(text); }
  static int Admitted(Limiter& limiter, int hits, const std::string& peer,
                      Rule rule = Rule::kResetRequest) {
    int admitted = 0;
    for (int i = 0; i < hits; ++i) admitted += !limiter.Admit(rule, Peer(peer)).has_value();
    return admitted;
  }

  TempDir temp_;
  FakeClock clock_;
  token::Keyring keyring_ = TestKeyring();
  config::Limits limits_;
};

TEST_F(Peers, AndRulesCountApart) {
  Limiter limiter = Make();
  EXPECT_EQ(Admitted(limiter, 9, "192.0.2.1"), 5);
  EXPECT_EQ(Admitted(limiter, 9, "192.0.2.2"), 5);
  EXPECT_EQ(Admitted(limiter, 9, "192.0.2.1", Rule::kResetPassword), 3);
}

TEST_F(Peers, AreLoggedOnceAWindow) {
  Limiter limiter = Make();
  const auto lines = [&](const std::string& peer) {
    testing::internal::CaptureStderr();
    log::Start("test", log::Target::kStderr, log::Level::kInfo);
    Admitted(limiter, 100, peer);
    log::Start("test", log::Target::kStderr, log::Level::kNone);
    const std::string text = testing::internal::GetCapturedStderr();
    const std::string line = "limit_reached peer=" + peer + " limit=reset-request refused=yes";
    EXPECT_NE(text.find(line), std::string::npos) << text;
    return std::count(text.begin(), text.end(), '\n');
  };
  EXPECT_EQ(lines("192.0.2.1"), 1);
  EXPECT_EQ(lines("192.0.2.2"), 1);
  clock_.Advance(seconds(61));
  EXPECT_EQ(lines("192.0.2.1"), 1);
}

TEST_F(Peers, RefusalSaysWhichLimitAndForHowLong) {
  Limiter limiter = Make();
  EXPECT_EQ(Admitted(limiter, 5, "192.0.2.1"), 5);
  clock_.Advance(milliseconds(1));
  const std::optional<Refusal> refusal = limiter.Admit(Rule::kResetRequest, Peer("192.0.2.1"));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->verdict, Verdict::kOverLimit);
  EXPECT_EQ(refusal->policy, "reset-request");
  EXPECT_EQ(refusal->limit.count, 5u);
  EXPECT_EQ(refusal->window_left, milliseconds(59'999));
}

// Nextcloud CVE-2021-22915.
TEST_F(Peers, TenThousandAddressesOfOneIpv6NetworkShareACount) {
  Limiter limiter = Make();
  int admitted = 0;
  for (int i = 0; i < 10'000; ++i) {
    admitted += Admitted(limiter, 1, "2001:db8:0:1::" + std::to_string(i % 10'000));
  }
  EXPECT_EQ(admitted, 5);
  EXPECT_EQ(Admitted(limiter, 1, "2001:db8:0:2::1"), 1);
}

TEST_F(Peers, WhoHasA48HasItsFactorAndNotSixtyFiveThousandLimits) {
  Limiter limiter = Make();
  int admitted = 0;
  for (int i = 0; i < 100; ++i) {
    admitted += Admitted(limiter, 5, "2001:db8:0:" + std::to_string(i) + "::1");
  }
  EXPECT_EQ(admitted, 20);
  const std::optional<Refusal> refusal = limiter.Admit(Rule::kResetRequest, Peer("2001:db8:0:ffff::1"));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->policy, "reset-request-48");
  EXPECT_EQ(refusal->limit.count, 20u);
  EXPECT_EQ(Admitted(limiter, 9, "2001:db8:1:1::1"), 5);
}

TEST_F(Peers, HaveTheFactorsOfTheirTiers) {
  limits_.ipv4_factor = 2;
  limits_.ipv6_64_factor = 3;
  Limiter limiter = Make();
  EXPECT_EQ(Admitted(limiter, 99, "192.0.2.1"), 10);
  EXPECT_EQ(Admitted(limiter, 99, "2001:db8::1"), 15);
}

TEST_F(Peers, MappedIpv4IsThatIpv4) {
  Limiter limiter = Make();
  EXPECT_EQ(Admitted(limiter, 3, "192.0.2.1"), 3);
  EXPECT_EQ(Admitted(limiter, 3, "::ffff:192.0.2.1"), 2);
}

TEST_F(Peers, OfExemptNetworksAreNotCounted) {
  limits_.exempt = {*Network::Parse("192.0.2.0/24"), *Network::Parse("2001:db8::/32")};
  limits_.reset_request_ceiling.count = 1;
  Limiter limiter = Make();
  EXPECT_EQ(Admitted(limiter, 99, "192.0.2.77"), 99);
  EXPECT_EQ(Admitted(limiter, 99, "::ffff:192.0.2.78"), 99);
  EXPECT_EQ(Admitted(limiter, 99, "2001:db8:5::1"), 99);
  EXPECT_EQ(Admitted(limiter, 9, "192.0.3.77"), 1);  // nor did they use up the ceiling
}

TEST_F(Peers, OverTheCeilingAllAreRefusedEqually) {
  limits_.reset_request_ceiling = {50, seconds(10)};
  Limiter limiter = Make();
  int admitted = 0;
  for (int i = 0; i < 99; ++i) admitted += Admitted(limiter, 1, "198.51.100." + std::to_string(i));
  EXPECT_EQ(admitted, 50);
  const std::optional<Refusal> refusal = limiter.Admit(Rule::kResetRequest, Peer("192.0.2.9"));
  ASSERT_TRUE(refusal);
  EXPECT_EQ(refusal->verdict, Verdict::kOverCeiling);
  EXPECT_EQ(refusal->window_left, seconds(10));
  EXPECT_EQ(Admitted(limiter, 1, "192.0.2.9", Rule::kLogin), 1);
}

TEST_F(Peers, DryRunCountsAndRefusesNobody) {
  limits_.dry_run = true;
  Limiter limiter = Make();
  EXPECT_EQ(Admitted(limiter, 9, "192.0.2.1"), 9);
  for (int i = 0; i < 9; ++i) EXPECT_TRUE(limiter.AdmitMail("ann@example.org", "192.0.2.1"));
  const Usage usage = limiter.Read();
  EXPECT_EQ(usage.rules[static_cast<size_t>(Rule::kResetRequest)].admitted, 5u);
  EXPECT_EQ(usage.rules[static_cast<size_t>(Rule::kResetRequest)].over_limit, 4u);
  EXPECT_EQ(usage.rules[static_cast<size_t>(Rule::kAccount)].over_limit, 5u);
}

TEST_F(Peers, CanBeForgottenInAllTiersAndRules) {
  Limiter limiter = Make();
  const std::string peer = "2001:db8::1";
  EXPECT_EQ(Admitted(limiter, 9, peer), 5);
  EXPECT_EQ(Admitted(limiter, 9, peer, Rule::kLogin), 5);
  EXPECT_EQ(limiter.Forget(Peer(peer)), 4);
  EXPECT_EQ(limiter.Forget(Peer(peer)), 0);
  EXPECT_EQ(Admitted(limiter, 9, peer), 5);
}

TEST_F(Peers, MailsToOneAddressAreCountedHoweverItsCaseAndWhoeverAsks) {
  Limiter limiter = Make();
  const char* spellings[] = {"ann@example.org", "ANN@example.org", "Ann@Example.ORG", "ann@EXAMPLE.org"};
  for (const char* spelling : spellings) EXPECT_TRUE(limiter.AdmitMail(spelling, "192.0.2.1"));
  EXPECT_FALSE(limiter.AdmitMail("aNN@example.org", "198.51.100.1"));
  EXPECT_TRUE(limiter.AdmitMail("bob@example.org", "192.0.2.1"));
  EXPECT_EQ(limiter.ForgetMails("ANN@EXAMPLE.ORG"), 1);
  EXPECT_TRUE(limiter.AdmitMail("ann@example.org", "192.0.2.1"));
}

TEST_F(Peers, AddressesAreCountedUnderADigestOfTheSitesKey) {
  Limiter limiter = Make();
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(limiter.AdmitMail("ann@example.org", "192.0.2.1"));
  const token::Keyring other = TestKeyring("another secret of thirty-two bytes");
  Limiter elsewhere(ToSettings(limits_), OrDie(OpenStore(limits_, clock_)),
                    other.First(token::Purpose::kLimiter).hmac);
  EXPECT_TRUE(elsewhere.AdmitMail("ann@example.org", "192.0.2.1"));
}

TEST_F(Peers, TableHasRoomForWhatTheCeilingsAdmit) {
  limits_.words = 0;
  // Two tiers of three rules with a window that touches two of the ceiling's; an hour touches 61.
  EXPECT_EQ(MostLive(ToSettings(limits_)), 3u * 2 * 2 * 1000 + 61 * 1000);
  EXPECT_EQ(WordsFor(limits_), 262'144u);  // 73,000 are 4/9 of 164,250
  limits_.words = 100;
  EXPECT_EQ(WordsFor(limits_), 128u);
}

TEST_F(Peers, CeilingsThatNoTableHasRoomForAreRefused) {
  limits_.words = 0;
  limits_.login_ceiling = {1'000'000'000, seconds(1)};
  const auto store = OpenStore(limits_, clock_);
  ASSERT_FALSE(store.ok());
  EXPECT_TRUE(store.error().message.starts_with("limits.words: ")) << store.error().message;
}

TEST_F(Peers, LimitsThatAreOffOpenNothing) {
  limits_.enabled = false;
  EXPECT_EQ(OrDie(OpenStore(limits_, clock_)), nullptr);
}

// The store is an interface: what a fleet would share stands in for the table.
TEST_F(Peers, AreCountedByWhateverStoreThereIs) {
  struct Refusing final : Store {
    Decision Admit(const Hit& hit) override {
      keys.emplace_back(hit.counters[0].key.bytes());
      return {Verdict::kOverLimit, hit.counters.size() - 1, 0, seconds(7)};
    }
    bool Clear(const CounterKey&) override { return false; }
    Usage Read() const override { return {}; }
    std::vector<std::string> keys;
  };
  auto store = std::make_unique<Refusing>();
  const std::vector<std::string>& keys = store->keys;
  Limiter limiter(ToSettings(limits_), std::move(store),
                  keyring_.First(token::Purpose::kLimiter).hmac);
  EXPECT_EQ(limiter.Admit(Rule::kLogin, Peer("2001:db8::1"))->policy, "login-48");
  EXPECT_EQ(limiter.Admit(Rule::kLogin, Peer("2001:db8::2"))->window_left, seconds(7));
  ASSERT_EQ(keys.size(), 2u);
  EXPECT_EQ(keys[0], keys[1]);
  EXPECT_FALSE(limiter.AdmitMail("ann@example.org", ""));
  EXPECT_EQ(keys[2].find("ann"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::ratelimit
