#include "password/prepare.h"

#include <gtest/gtest.h>

namespace latchkey::password {
namespace {

std::string Prepared(const std::vector<std::string>& steps, std::string_view password,
                     std::string_view login = "", std::string key = "") {
  const auto preparation = Preparation::Make(steps, Secret(std::move(key)));
  if (!preparation.ok()) return "refused: " + preparation.error().message;
  return std::string(preparation->Apply(password, login, "bcrypt").Reveal());
}

TEST(Preparation, WithoutStepsKeepsEveryByte) {
  const std::string odd(" \0\xff'\"&\\ u\u0308 ", 12);
  EXPECT_EQ(Prepared({}, odd, "ann"), odd);
  EXPECT_EQ(Prepared({}, ""), "");
}

// Each expected text: php -r 'var_dump(trim("..."))' and so on, PHP 8.2.
TEST(Preparation, TrimsAsPhpDoes) {
  EXPECT_EQ(Prepared({"trim"}, std::string(" \t\n\r\0\x0bx y\x0b\0 ", 12)), "x y");
  EXPECT_EQ(Prepared({"trim"}, "\u00a0x\u3000"), "\u00a0x\u3000");
  EXPECT_EQ(Prepared({"trim"}, "\fx"), "\fx");
  EXPECT_EQ(Prepared({"trim"}, "  "), "");
}

TEST(Preparation, AddsSlashesAsPhpDoes) {
  EXPECT_EQ(Prepared({"addslashes"}, std::string("a'b\"c\\d\0e", 9)), "a\\'b\\\"c\\\\d\\0e");
  EXPECT_EQ(Prepared({"addslashes"}, "\u00e4`%_"), "\u00e4`%_");
}

TEST(Preparation, WritesHtmlAsPhpDoesWithEntCompat) {
  EXPECT_EQ(Prepared({"htmlspecialchars"}, "<a href=\"x\">&amp; '"),
            "&lt;a href=&quot;x&quot;&gt;&amp;amp; '");
}

// php -r 'echo bin2hex(normalizer_normalize("...", Normalizer::FORM_C));' (php-intl)
TEST(Preparation, ComposesLetters) {
  EXPECT_EQ(Prepared({"nfc"}, "u\u0308A\u030a"), "\u00fc\u00c5");
  EXPECT_EQ(Prepared({"nfc"}, "\u00fc"), "\u00fc");
  EXPECT_EQ(Prepared({"nfc"}, "\u2126"), "\u03a9");              // ohm sign
  EXPECT_EQ(Prepared({"nfc"}, "\u1112\u1161\u11ab"), "\ud55c");  // hangul
  EXPECT_EQ(Prepared({"nfc"}, "\ufb01 \u00b2"), "\ufb01 \u00b2");
  EXPECT_EQ(Prepared({"nfc"}, "\u0915\u093c \u0958"), "\u0915\u093c \u0915\u093c");
  EXPECT_EQ(Prepared({"nfc"}, "q\u0307\u0323"), "q\u0323\u0307");
}

TEST(Preparation, LeavesInvalidUtf8Alone) {
  EXPECT_EQ(Prepared({"nfc"}, "u\u0308\xff"), "u\u0308\xff");
  EXPECT_EQ(Prepared({"lower-login-prefix"}, "x", "\xff\xc4" "A"), "\xff\xc4" "ax");
}

TEST(Preparation, PutsTheLoginInFront) {
  EXPECT_EQ(Prepared({"lower-login-prefix"}, "Secret", "Ann Ä"), "ann äSecret");
  EXPECT_EQ(Prepared({"lower-login-prefix"}, "Secret", ""), "Secret");
}

TEST(Preparation, PutsTheKeyOnEitherSide) {
  EXPECT_EQ(Prepared({"key-prefix"}, "x", "", "K"), "Kx");
  EXPECT_EQ(Prepared({"key-suffix"}, "x", "", "K"), "xK");
}

TEST(Preparation, HashesFirstAsVbulletin5Does) {
  // RFC 1321's test suite
  EXPECT_EQ(Prepared({"md5"}, "message digest"), "f96b697d7cb7938d525a2f31aaf161d0");
}

TEST(Preparation, GoesInTheOrderGiven) {
  EXPECT_EQ(Prepared({"addslashes", "trim"}, " ' "), "\\'");
  EXPECT_EQ(Prepared({"trim", "htmlspecialchars", "nfc"}, " u\u0308& "), "\u00fc&amp;");
  EXPECT_EQ(Prepared({"addslashes", "htmlspecialchars"}, "\""), "\\&quot;");
  EXPECT_EQ(Prepared({"htmlspecialchars", "addslashes"}, "\""), "&quot;");
}

TEST(Preparation, TakesAStepForOneSchemeOnly) {
  EXPECT_EQ(Prepared({"bcrypt: trim"}, " x"), "x");
  EXPECT_EQ(Prepared({"argon2id: trim"}, " x"), " x");
}

TEST(Preparation, RefusesWhatItDoesNotKnow) {
  EXPECT_EQ(Prepared({"trim", "rot13"}, ""),
            "refused: there is no step rot13; choose of addslashes, htmlspecialchars, key-prefix, "
            "key-suffix, lower-login-prefix, md5, nfc, trim");
  EXPECT_EQ(Prepared({"rot13: trim"}, ""), "refused: there is no scheme rot13");
  EXPECT_EQ(Prepared({"key-prefix"}, ""), "refused: a step needs the application's key");
  EXPECT_EQ(Prepared({"trim"}, "", "", "K"), "refused: a key is given, but no step takes one");
}

TEST(Preparation, SaysWhatOfAPasswordCounts) {
  EXPECT_EQ(Preparation::Make({"addslashes", "trim"}, {}).value().Counted(" '\t"), "'");
  EXPECT_EQ(Preparation::Make({"addslashes"}, {}).value().Counted(" '\t"), " '\t");
}

}  // namespace
}  // namespace latchkey::password
