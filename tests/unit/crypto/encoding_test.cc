#include "crypto/encoding.h"

#include <gtest/gtest.h>

namespace latchkey::crypto {
namespace {

struct Pair {
  std::string_view bytes, text;
};

// RFC 4648 section 10.
constexpr Pair kRfc4648[] = {{"", ""},           {"f", "Zg=="},       {"fo", "Zm8="},
                             {"foo", "Zm9v"},    {"foob", "Zm9vYg=="}, {"fooba", "Zm9vYmE="},
                             {"foobar", "Zm9vYmFy"}};

std::string Unpadded(std::string_view text) { return std::string(text.substr(0, text.find('='))); }

TEST(Base64, EncodesAndDecodesRfc4648) {
  for (const Pair& pair : kRfc4648) {
    EXPECT_EQ(EncodeBase64(pair.bytes), pair.text);
    EXPECT_EQ(DecodeBase64(pair.text), pair.bytes);
  }
}

TEST(Base64Url, EncodesAndDecodesWithoutPadding) {
  for (const Pair& pair : kRfc4648) {
    EXPECT_EQ(EncodeBase64Url(pair.bytes), Unpadded(pair.text));
    EXPECT_EQ(DecodeBase64Url(Unpadded(pair.text)), pair.bytes);
  }
}

TEST(Base64Url, TakesTheExampleOfRfc7515) {
  // RFC 7515 appendix C.
  EXPECT_EQ(EncodeBase64Url("\x03\xec\xff\xe0\xc1"), "A-z_4ME");
  EXPECT_EQ(DecodeBase64Url("A-z_4ME"), "\x03\xec\xff\xe0\xc1");
}

TEST(Base64, RefusesTheOtherAlphabet) {
  EXPECT_EQ(EncodeBase64("\xfb\xff\xfe"), "+//+");
  EXPECT_FALSE(DecodeBase64("-__-"));
  EXPECT_FALSE(DecodeBase64Url("+//+"));
}

TEST(Base64, RefusesMissingAndSurplusPadding) {
  for (const std::string_view text : {"Zg", "Zg=", "Zg===", "Zm8", "Zm8==", "Zm9v=", "Zm9v====",
                                      "=", "==", "===", "====", "Zg==Zg==", "Z===", "=Zg="}) {
    EXPECT_FALSE(DecodeBase64(text)) << text;
  }
}

TEST(Base64Url, RefusesPaddingAndImpossibleLengths) {
  for (const std::string_view text : {"Zg==", "Zm8=", "Z", "Zm9vY", "="}) {
    EXPECT_FALSE(DecodeBase64Url(text)) << text;
  }
}

TEST(Base64Url, RefusesBitsAfterTheLastByte) {
  // 'g' is 100000: the last four bits must be 0; '8' is 111100: the last two.
  for (const std::string_view text : {"Zh", "Zi", "Zk", "Zo", "Zm9", "Zm-"}) {
    EXPECT_FALSE(DecodeBase64Url(text)) << text;
  }
  EXPECT_FALSE(DecodeBase64("Zh=="));
  EXPECT_FALSE(DecodeBase64("Zm9="));
}

TEST(Base64Url, RefusesBlanksAndOtherBytesAnywhere) {
  for (const std::string_view blank : {" ", "\n", "\r", "\t", ".", "\x80", "\xff", "%"}) {
    for (size_t at = 0; at < 4; ++at) {
      EXPECT_FALSE(DecodeBase64Url(std::string("Zm9v").replace(at, 1, blank))) << at;
      EXPECT_FALSE(DecodeBase64(std::string("Zm9v").replace(at, 1, blank))) << at;
    }
  }
  EXPECT_FALSE(DecodeBase64Url(std::string_view("Zm\0v", 4)));
}

TEST(Base64Url, HasOneTextForEachValueOfTwoCharacters) {
  int accepted = 0;
  for (int first = 0; first < 256; ++first) {
    for (int second = 0; second < 256; ++second) {
      const char text[] = {static_cast<char>(first), static_cast<char>(second)};
      accepted += DecodeBase64Url({text, 2}).has_value();
    }
  }
  EXPECT_EQ(accepted, 256);
}

TEST(Hex, EncodesAndDecodesLowerCase) {
  const std::string_view bytes("\x00\x01\x9a\xff", 4);
  EXPECT_EQ(EncodeHex(bytes), "00019aff");
  EXPECT_EQ(DecodeHex("00019aff"), bytes);
  EXPECT_EQ(DecodeHex(""), "");
}

TEST(Hex, RefusesUpperCaseOddLengthAndOtherBytes) {
  for (const std::string_view text : {"FF", "f", "fff", "0x", "g0", " 0", "0\n", "\xff\xff"}) {
    EXPECT_FALSE(DecodeHex(text)) << text;
  }
}

}  // namespace
}  // namespace latchkey::crypto
