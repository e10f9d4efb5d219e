#include "config/values.h"

#include <gtest/gtest.h>

namespace latchkey::config {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(ParseDurationTest, TakesANumberAndAUnit) {
  EXPECT_EQ(ParseDuration("10s"), seconds(10));
  EXPECT_EQ(ParseDuration("10m"), minutes(10));
  EXPECT_EQ(ParseDuration("24h"), hours(24));
  EXPECT_EQ(ParseDuration("7d"), hours(7 * 24));
  EXPECT_EQ(ParseDuration("0s"), seconds(0));
}

TEST(ParseDurationTest, TakesNothingElse) {
  for (const char* text : {"", "s", "10", "10ms", "1.5h", "-1s", "+1s", " 1s", "1 s", "1s ",
                           "1S", "99999999999h"}) {
    EXPECT_EQ(ParseDuration(text), std::nullopt) << text;
  }
}

TEST(ParseLimitTest, TakesACountAndAWindow) {
  struct Case {
    const char* text;
    uint32_t count;
    seconds window;
  };
  for (const Case& expected : {Case{"1/second", 1, seconds(1)}, Case{"5/minute", 5, minutes(1)},
                               Case{"20/hour", 20, hours(1)}, Case{"255/day", 255, hours(24)},
                               Case{"3/90s", 3, seconds(90)}, Case{"7/15m", 7, minutes(15)},
                               Case{"1/576h", 1, hours(576)}}) {
    const auto limit = ParseLimit(expected.text, 255);
    ASSERT_TRUE(limit.has_value()) << expected.text;
    EXPECT_EQ(limit->count, expected.count);
    EXPECT_EQ(limit->window, expected.window);
  }
}

TEST(ParseLimitTest, TakesNothingElse) {
  for (const char* text : {"", "5", "/minute", "5/", "0/minute", "256/minute", "-5/minute", "5/min",
                           "5/minutes", "5 / minute", "5/minute/hour", "4294967297/minute", "5/0s",
                           "5/577h", "5/m", "5/25d", "5/-1s"}) {
    EXPECT_FALSE(ParseLimit(text, 255).has_value()) << text;
  }
}

TEST(ParseLimitTest, TakesAsManyAsItIsTold) {
  EXPECT_EQ(ParseLimit("1000000000/second", 1'000'000'000)->count, 1'000'000'000u);
  EXPECT_FALSE(ParseLimit("1000000001/second", 1'000'000'000).has_value());
}

TEST(ParseModeTest, IsOctal) {
  EXPECT_EQ(ParseMode("0660"), 0660u);
  EXPECT_EQ(ParseMode("600"), 0600u);
  for (const char* text : {"", "0", "66", "0o660", "0668", "1777", "07777", "-660"}) {
    EXPECT_EQ(ParseMode(text), std::nullopt) << text;
  }
}

TEST(ParseBaseUrlTest, GivesTheHostInLowerCaseWithoutPortAndBrackets) {
  EXPECT_EQ(ParseBaseUrl("https://WWW.Example.org:8443/a")->host, "www.example.org");
  EXPECT_EQ(ParseBaseUrl("http://[::1]:80")->host, "::1");
  EXPECT_TRUE(ParseBaseUrl("https://e.org")->https);
  EXPECT_FALSE(ParseBaseUrl("http://e.org")->https);
}

TEST(IsLoopbackTest, IsWhatNeverLeavesThisMachine) {
  for (const char* host : {"127.0.0.1", "127.255.0.3", "::1", "::ffff:127.0.0.1", "localhost"}) {
    EXPECT_TRUE(IsLoopback(host)) << host;
  }
  for (const char* host : {"", "128.0.0.1", "0.0.0.0", "::", "::2", "10.0.0.1", "localhost.",
                           "127.0.0.1.example.org", "2130706433"}) {
    EXPECT_FALSE(IsLoopback(host)) << host;
  }
}

// What is wrong with a text for a type; empty: nothing.
std::string Problem(const Type& type, const std::string& text) { return type.problem(Value(text)); }

TEST(TypeTest, NamesOfSqlAreOfLettersDigitsUnderlineAndDollar) {
  EXPECT_EQ(Problem(Identifier(), "wp_users$2"), "");
  EXPECT_EQ(Problem(Identifier(), std::string(64, 'a')), "");
  for (const std::string& text : {std::string(), std::string(65, 'a'), std::string("a b"),
                                  std::string("a`"), std::string("a.b"), std::string("\xc3\xa4")}) {
    EXPECT_NE(Problem(Identifier(), text), "") << text;
  }
}

TEST(TypeTest, HostsHaveNoPortAndNoBrackets) {
  for (const char* text : {"", "relay.example.org", "127.0.0.1", "::1", "fe80::1"}) {
    EXPECT_EQ(Problem(Host(), text), "") << text;
  }
  for (const char* text : {"relay:25", "[::1]", "a b", "-a", "a..b", "smtp://a", "a/b"}) {
    EXPECT_NE(Problem(Host(), text), "") << text;
  }
}

TEST(TypeTest, ASendersAddressHasOneAtAndNoMarkup) {
  EXPECT_EQ(Problem(MailAddress(), "no-reply@example.org"), "");
  for (const char* text : {"", "no-reply", "@example.org", "a@", "a@b@c", "A <a@b.org>",
                           "a b@c.org", "a@b.org,c@d.org"}) {
    EXPECT_NE(Problem(MailAddress(), text), "") << text;
  }
}

TEST(TypeTest, PagesAreWholeUrls) {
  for (const char* text : {"", "https://example.org", "http://example.org:8080/login?next=%2F"}) {
    EXPECT_EQ(Problem(PageUrl(), text), "") << text;
  }
  for (const char* text : {"/login", "//example.org", "javascript:alert(1)", "https:///login",
                           "https://example.org/a b", "https://example.org/\"",
                           "https://example.org/#top", "https://u@example.org"}) {
    EXPECT_NE(Problem(PageUrl(), text), "") << text;
  }
}

TEST(TypeTest, TextIsUtf8WithoutControls) {
  EXPECT_EQ(Problem(Text(),
                    "B\xc3\xa4"
                    "ckerei"),
            "");
  EXPECT_NE(Problem(Text(), "a\r\nBcc: b"), "");
  EXPECT_NE(Problem(Text(), "\xff"), "");
  EXPECT_NE(Problem(Text(), std::string(1025, 'a')), "");
}

}  // namespace
}  // namespace latchkey::config
