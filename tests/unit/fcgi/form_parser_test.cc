#include "fcgi/form_parser.h"

#include <gtest/gtest.h>

namespace latchkey::fcgi {
namespace {

using http::Form;
using http::FormError;

const Form& Good(const http::PostedForm& form) { return std::get<Form>(form); }
FormError Fault(const http::PostedForm& form) { return std::get<FormError>(form); }

TEST(FormParser, DecodesFields) {
  const auto form = ParseForm("email=ann%40example.org&password=a+b%26%3D%C3%A9&empty=", "");
  EXPECT_EQ(Good(form).Get("email"), "ann@example.org");
  EXPECT_EQ(Good(form).Get("password"), "a b&=\xc3\xa9");
  EXPECT_TRUE(Good(form).Has("empty"));
}

TEST(FormParser, KeepsBlanksAndBytesOfAPassword) {
  EXPECT_EQ(Good(ParseForm("password=%20%20x%0D%0A%09%FF+", "")).Get("password"), "  x\r\n\t\xff ");
}

// GitLab CVE-2023-7028.
TEST(FormParser, RefusesAFieldThatComesTwice) {
  EXPECT_EQ(Fault(ParseForm("email=v&email=a", "")), FormError::kDuplicateField);
  EXPECT_EQ(Fault(ParseForm("email=v&EMAIL=a", "")), FormError::kDuplicateField);
  EXPECT_EQ(Fault(ParseForm("email=v&x=1&%65mail=a", "")), FormError::kDuplicateField);
}

TEST(FormParser, TakesNoArrayForTheField) {
  const auto form = ParseForm("email%5B%5D=v&email%5B%5D2=a", "");
  EXPECT_FALSE(Good(form).Has("email"));
}

TEST(FormParser, RefusesFieldsInTheQuery) {
  EXPECT_EQ(Fault(ParseForm("email=v", "email=a")), FormError::kFieldInQuery);
  EXPECT_EQ(Fault(ParseForm("email=v", "x")), FormError::kFieldInQuery);
}

TEST(FormParser, RefusesNul) {
  EXPECT_EQ(Fault(ParseForm("email=a%00b", "")), FormError::kForbiddenByte);
  EXPECT_EQ(Fault(ParseForm("ema%00il=a", "")), FormError::kForbiddenByte);
  EXPECT_EQ(Fault(ParseForm(std::string("email=a\0b", 9), "")), FormError::kForbiddenByte);
}

TEST(FormParser, TakesOddBodiesCalmly) {
  for (const char* body : {"", "&", "=", "&&==&&", "%", "%4", "%zz", "email", "email=%", "a;b;c"}) {
    EXPECT_TRUE(std::holds_alternative<Form>(ParseForm(body, ""))) << body;
  }
}

// A body of nothing but separators is quadratic in cgicc; the bound on length is what holds it.
TEST(FormParser, TakesTheLongestBodyOfSeparators) {
  EXPECT_TRUE(std::holds_alternative<Form>(ParseForm(std::string(8192, '&'), "")));
}

}  // namespace
}  // namespace latchkey::fcgi
