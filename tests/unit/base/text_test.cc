#include "base/text.h"

#include <gtest/gtest.h>

namespace latchkey {
namespace {

using namespace std::string_view_literals;
using Parts = std::vector<std::string_view>;

TEST(AsciiLower, LeavesEveryOtherByte) {
  EXPECT_EQ(AsciiLower("AZaz09@[`{"), "azaz09@[`{");
  // Kelvin sign, dotted capital I, full-width A.
  EXPECT_EQ(AsciiLower("\u212a\u0130\uff21\xff"), "\u212a\u0130\uff21\xff");
}

TEST(EqualsIgnoringAsciiCase, KnowsAsciiOnly) {
  EXPECT_TRUE(EqualsIgnoringAsciiCase("Mike@Example.ORG", "mike@example.org"));
  EXPECT_TRUE(EqualsIgnoringAsciiCase("", ""));
  EXPECT_FALSE(EqualsIgnoringAsciiCase("mike", "mike "));
  EXPECT_FALSE(EqualsIgnoringAsciiCase("mike", "mik"));
  EXPECT_FALSE(EqualsIgnoringAsciiCase("mike", "m\u0131ke"));
  EXPECT_FALSE(EqualsIgnoringAsciiCase("mike", "mi\u212ae"));
  EXPECT_FALSE(EqualsIgnoringAsciiCase("\u00c4", "\u00e4"));
  EXPECT_FALSE(EqualsIgnoringAsciiCase("[", "{"));
  EXPECT_FALSE(EqualsIgnoringAsciiCase("a\0b"sv, "a\0c"sv));
}

TEST(TrimBlanks, TakesBothEndsAndNothingWithin) {
  EXPECT_EQ(TrimBlanks(" \t\r\na b\n\r\t "), "a b");
  EXPECT_EQ(TrimBlanks(" \n "), "");
  EXPECT_EQ(TrimBlanks(""), "");
  EXPECT_EQ(TrimBlanks("\u00a0a\0"sv), "\u00a0a\0"sv);
}

TEST(HasControls, KnowsC0AndDelete) {
  for (int value = 0; value < 256; ++value) {
    const char byte = static_cast<char>(value);
    EXPECT_EQ(HasControls({&byte, 1}), value < 32 || value == 127) << value;
  }
  EXPECT_FALSE(HasControls(""));
  EXPECT_TRUE(HasControls("a\0"sv));
}

TEST(EscapeControls, KeepsALineALine) {
  EXPECT_EQ(EscapeControls("a\r\nb\0\x7f\x1b[m"sv), "a\\x0d\\x0ab\\x00\\x7f\\x1b[m");
  EXPECT_EQ(EscapeControls("\\x0a"), "\\\\x0a");
  EXPECT_EQ(EscapeControls("\u00e4 \"q\""), "\u00e4 \"q\"");
}

TEST(IsValidUtf8, IsRfc3629) {
  for (const std::string_view text : {"", "a", "\u00e9", "\u20ac", "\U0001F511", "\xef\xbf\xbf",
                                      "\xed\x9f\xbf", "\xee\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsValidUtf8(text)) << text;
  }
  EXPECT_TRUE(IsValidUtf8("\0"sv));
  for (const std::string_view text :
       {"\x80", "\xc3", "\xc3(", "\xc0\xaf", "\xc1\xbf", "\xe0\x80\xaf", "\xe0\x9f\xbf", "\xe2\x82",
        "\xed\xa0\x80", "\xed\xbf\xbf", "\xf0\x80\x80\xaf", "\xf0\x8f\xbf\xbf", "\xf4\x90\x80\x80",
        "\xf5\x80\x80\x80", "\xfe", "\xff", "a\xff", "\xf0\x9f\x94"}) {
    EXPECT_FALSE(IsValidUtf8(text)) << text;
  }
}

TEST(CountCodePoints, CountsCharactersNotBytes) {
  EXPECT_EQ(CountCodePoints(""), 0U);
  EXPECT_EQ(CountCodePoints("abc"), 3U);
  EXPECT_EQ(CountCodePoints("p\u00e4ss\U0001F511"), 5U);
  EXPECT_EQ(CountCodePoints("\xff\xfe"), 2U);
}

TEST(ParseUnsigned, TakesDigitsOnly) {
  EXPECT_EQ(ParseUnsigned("0"), 0U);
  EXPECT_EQ(ParseUnsigned("007"), 7U);
  EXPECT_EQ(ParseUnsigned("18446744073709551615"), UINT64_MAX);
  for (const std::string_view text : {"", " 1", "1 ", "+1", "-1", "0x1", "1.0", "1e3", "a",
                                      "18446744073709551616", "99999999999999999999",
                                      "100000000000000000000", "\xd9\xa1"}) {
    EXPECT_FALSE(ParseUnsigned(text)) << text;
  }
  EXPECT_FALSE(ParseUnsigned("1\0"sv));
}

TEST(Split, KeepsEmptyParts) {
  EXPECT_EQ(Split("a,b,,c", ','), (Parts{"a", "b", "", "c"}));
  EXPECT_EQ(Split("", ','), (Parts{""}));
  EXPECT_EQ(Split(",", ','), (Parts{"", ""}));
  EXPECT_EQ(Split("abc", ','), (Parts{"abc"}));
}

TEST(LengthPrefixed, KeepsPartsApart) {
  EXPECT_EQ(LengthPrefixed({"ab", "c"}), "2:ab1:c");
  EXPECT_NE(LengthPrefixed({"ab", "c"}), LengthPrefixed({"a", "bc"}));
  EXPECT_NE(LengthPrefixed({"a", ""}), LengthPrefixed({"a"}));
  EXPECT_NE(LengthPrefixed({"1:a"}), LengthPrefixed({"", "a"}));
  EXPECT_EQ(LengthPrefixed({}), "");
}

TEST(Shorten, ShowsNoMoreThanTheFirstLetterAndTheDomain) {
  EXPECT_EQ(Shorten("user@example.org"), "u...@example.org");
  EXPECT_EQ(Shorten("u@example.org"), "u...@example.org");
  EXPECT_EQ(Shorten("\"a@b\"@example.org"), "\"...@example.org");
  EXPECT_EQ(Shorten("@example.org"), "...");
  EXPECT_EQ(Shorten("no address, a password perhaps"), "...");
  EXPECT_EQ(Shorten(""), "...");
}

}  // namespace
}  // namespace latchkey
