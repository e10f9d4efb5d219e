#include <gtest/gtest.h>

#include "http/form.h"
#include "http/request.h"
#include "http/response.h"
#include "http/url.h"

namespace latchkey::http {
namespace {

TEST(Target, IsSplitAtTheFirstQuestionMark) {
  EXPECT_EQ(ParseTarget("/a/b?c=d?e").path, "/a/b");
  EXPECT_EQ(ParseTarget("/a/b?c=d?e").query, "c=d?e");
  EXPECT_EQ(ParseTarget("/a").query, "");
}

TEST(Target, InAbsoluteFormIsReducedToItsPath) {
  EXPECT_EQ(ParseTarget("http://evil.example/reset?x").path, "/reset");
  EXPECT_EQ(ParseTarget("http://evil.example").path, "");
}

TEST(Target, ThatIsNoPathIsEmpty) {
  EXPECT_EQ(ParseTarget("*").path, "");
  EXPECT_EQ(ParseTarget("").path, "");
  EXPECT_EQ(ParseTarget("a/b").path, "");
}

Request WithCookies(std::string header) {
  Request request;
  request.cookie_header = std::move(header);
  return request;
}

TEST(Cookie, IsFoundByItsWholeNameAndTheFirstCounts) {
  const Request request = WithCookies("xa=1; a=2;a=3; b =4; c=d=e");
  EXPECT_EQ(request.Cookie("a"), "2");
  EXPECT_EQ(request.Cookie("c"), "d=e");
  EXPECT_EQ(request.Cookie("b"), "");
  EXPECT_EQ(WithCookies("").Cookie("a"), "");
  EXPECT_EQ(WithCookies("a").Cookie("a"), "");
}

TEST(FormBody, IsKnownByItsMediaTypeAlone) {
  Request request;
  for (const char* type : {"application/x-www-form-urlencoded",
                           "Application/X-WWW-Form-Urlencoded ; charset=UTF-8"}) {
    request.content_type = type;
    EXPECT_TRUE(request.HasFormBody()) << type;
  }
  for (const char* type : {"", "multipart/form-data; boundary=x", "text/plain",
                           "application/x-www-form-urlencodedx", "application/json"}) {
    request.content_type = type;
    EXPECT_FALSE(request.HasFormBody()) << type;
  }
}

TEST(Form, RefusesASecondFieldOfOneName) {
  Form form;
  EXPECT_TRUE(form.Add("email", "a"));
  EXPECT_FALSE(form.Add("email", "b"));
  EXPECT_FALSE(form.Add("EMAIL", "c"));
  EXPECT_EQ(form.Get("email"), "a");
  EXPECT_FALSE(form.Has("password"));
  EXPECT_EQ(form.Get("password"), "");
}

TEST(Response, IsWrittenAsCgi) {
  Response response(404);
  response.SetBody("text/html; charset=utf-8", "gone");
  response.AddHeader("Cache-Control", "no-store");
  EXPECT_EQ(response.Serialise(),
            "Status: 404 Not Found\r\nContent-Type: text/html; charset=utf-8\r\n"
            "Cache-Control: no-store\r\nContent-Length: 4\r\n\r\ngone");
  response.WithholdBody();
  EXPECT_TRUE(response.Serialise().ends_with("Content-Length: 4\r\n\r\n"));
}

TEST(Response, SetsCookiesOnePerHeader) {
  Response response = SeeOther("/account/login");
  response.SetCookie("__Host-lk", "v.w-_x", {.secure = true, .max_age = std::chrono::seconds(5)});
  response.SetCookie("lk", "", {});
  EXPECT_EQ(response.Header("location"), "/account/login");
  const auto cookies = response.Headers("set-cookie");
  ASSERT_EQ(cookies.size(), 2u);
  EXPECT_EQ(cookies[0], "__Host-lk=v.w-_x; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=5");
  EXPECT_EQ(cookies[1], "lk=; Path=/; HttpOnly; SameSite=Lax");
}

// CVE-2020-26116 and its many kin: a value with a line end becomes another header.
TEST(ResponseDeathTest, RefusesControlsInHeadersAndCookies) {
  Response response;
  using namespace std::string_view_literals;
  for (const std::string_view bad : {"a\r\nX: y"sv, "a\nb"sv, "a\0b"sv, "a\x7f"sv, "\xc3\xa9"sv}) {
    EXPECT_DEATH(response.AddHeader("Location", bad), "CHECK");
    EXPECT_DEATH(response.SetCookie("a", bad, {}), "CHECK");
    EXPECT_DEATH(SeeOther(bad), "CHECK");
  }
  EXPECT_DEATH(response.SetCookie("a", "b; Domain=evil.example", {}), "CHECK");
  EXPECT_DEATH(response.AddHeader("X: y", "z"), "CHECK");
}

struct UrlCase {
  const char* text;
  const char* whole;
  const char* origin;
  const char* path;
};
class BaseUrls : public testing::TestWithParam<UrlCase> {};
TEST_P(BaseUrls, AreNormalised) {
  const Result<BaseUrl> url = BaseUrl::Parse(GetParam().text);
  ASSERT_TRUE(url.ok());
  EXPECT_EQ(url->whole, GetParam().whole);
  EXPECT_EQ(url->origin, GetParam().origin);
  EXPECT_EQ(url->path, GetParam().path);
}
INSTANTIATE_TEST_SUITE_P(
    All, BaseUrls,
    testing::Values(UrlCase{"https://a.example/", "https://a.example", "https://a.example", ""},
                    UrlCase{"https://a.example:443/x", "https://a.example/x", "https://a.example", "/x"},
                    UrlCase{"https://A.example:8443/x/y/", "https://a.example:8443/x/y",
                            "https://a.example:8443", "/x/y"},
                    UrlCase{"http://127.0.0.1:8080", "http://127.0.0.1:8080", "http://127.0.0.1:8080", ""},
                    UrlCase{"http://[::1]:80/a", "http://[::1]/a", "http://[::1]", "/a"}));

TEST(BaseUrlRefuses, WhatIsNoPlainUrl) {
  for (const char* text :
       {"", "www.example.org", "ftp://a.example", "https://", "https:///x", "https://:443",
        "https://a b.example", "https://user@a.example", "https://a.example/x?y", "https://a.example/x#y",
        "https://a.example//x", "https://a.example/\r\nX: y", "https://a.example/%41"}) {
    EXPECT_FALSE(BaseUrl::Parse(text).ok()) << text;
  }
}

TEST(Origin, OfAnyUrl) {
  EXPECT_EQ(OriginOf("https://A.example:444/p?q#f"), "https://a.example:444");
  EXPECT_EQ(OriginOf("http://a.example?q"), "http://a.example");
  EXPECT_EQ(OriginOf("/login"), "");
  EXPECT_EQ(OriginOf("javascript:alert(1)"), "");
}

}  // namespace
}  // namespace latchkey::http
