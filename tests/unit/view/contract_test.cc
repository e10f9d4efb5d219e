#include "view/contract.h"

#include <gtest/gtest.h>

#include <string>

#include "view/lint.h"
#include "view/view.h"

namespace latchkey::view {
namespace {

constexpr char kFirst[] = "{{%AUTOESCAPE context=\"HTML\"}}\n";
constexpr char kLoginFields[] =
    "<input type=\"hidden\" name=\"csrf_token\" value=\"{{CSRF}}\">\n<input name=\"email\">\n"
    "<input name=\"password\" type=\"password\">\n";

#define EXPECT_SAYS(message, part) EXPECT_NE((message).find(part), std::string::npos) << (message)

// What is wrong with the names of a page; "" if nothing is.
std::string Fault(std::string_view page, const std::string& body) {
  const Status status = Lint("x.tpl", kFirst + body, Kind::kHtml, FindContract(page));
  return status.ok() ? "" : status.error().message;
}

std::string FaultOfPart(std::string_view page, const std::string& body) {
  const Status status = Lint("_x.tpl", body, Kind::kPart, ContractOfParts(page));
  return status.ok() ? "" : status.error().message;
}

std::string Missing(std::string_view page, const std::string& text) {
  const Status status = CheckIsWhole(*FindContract(page), "x.tpl", text);
  return status.ok() ? "" : status.error().message;
}

TEST(Contract, IsThereForEveryPageAndMailAndNoOther) {
  std::vector<std::string_view> names;
  for (const Contract& contract : Contracts()) names.push_back(contract.name);
  std::vector<std::string_view> wanted = kPageTemplates;
  wanted.insert(wanted.end(), kMailTemplates.begin(), kMailTemplates.end());
  EXPECT_EQ(names, wanted);
  EXPECT_EQ(FindContract("no_page"), nullptr);
}

TEST(Contract, RefusesAValueThePageDoesNotGetAndNamesTheOneThatWasMeant) {
  EXPECT_EQ(Fault("login", "{{SITE_NAME}} {{#E_LOGIN}}{{ADDRESS}}{{/E_LOGIN}}"), "");
  EXPECT_EQ(Fault("login", "<p>\n{{SITE_NAMES}}"),
            "x.tpl:3: {{SITE_NAMES}} is not a value this page gets; did you mean {{SITE_NAME}}?");
  EXPECT_SAYS(Fault("other_link", "{{SOMETHING_ELSE}}"),
              "is not a value this page gets; it gets BASE, SITE_NAME, HOME_URL");
  EXPECT_SAYS(Fault("login", "{{LINK}}"), "is not a value this page gets");
  EXPECT_SAYS(Fault("mail_link.html", "{{CSRF}}"), "is not a value this mail gets");
}

TEST(Contract, RefusesASectionThePageDoesNotGet) {
  EXPECT_EQ(Fault("request", "{{#T_UNAVAIL}}{{/T_UNAVAIL}}"),
            "x.tpl:2: {{#T_UNAVAIL}} is not a section this page gets; it gets T_TOO_MANY, T_UNAVAILABLE, "
            "T_FORM_EXPIRED, E_ADDRESS, HAS_LOGIN, BY_ADDRESS, BY_LOGIN, NOTICE, N_CHECK_MAIL, N_LINK_BAD, "
            "N_LINK_EXPIRED, N_PASSWORD_CHANGED, N_SIGNED_OUT, N_SIGNED_IN, N_NOT_ME, WAIT_SECONDS, "
            "WAIT_MINUTES, WAIT_HOURS, ONE, MANY");
  EXPECT_SAYS(Fault("request", "{{#E_ADRESS}}{{/E_ADRESS}}"), "did you mean {{#E_ADDRESS}}?");
}

TEST(Contract, TellsValuesFromSections) {
  EXPECT_SAYS(Fault("login", "{{E_LOGIN}}"), "it is a section, {{#E_LOGIN}}");
  EXPECT_SAYS(Fault("login", "{{#ADDRESS}}{{/ADDRESS}}"), "it is a value, {{ADDRESS}}");
}

TEST(Contract, LetsAPartHoldWhatSomePageGets) {
  EXPECT_EQ(FaultOfPart("home", "{{#E_LOGIN}}{{LINK}}{{/E_LOGIN}}"), "");
  EXPECT_EQ(FaultOfPart("mail_changed.txt", "{{REQUEST_URL}}{{LINK}}"), "");
  EXPECT_SAYS(FaultOfPart("home", "{{REQUEST_URL}}"), "_x.tpl:1: {{REQUEST_URL}} is not a value this page");
  EXPECT_SAYS(FaultOfPart("mail_changed.txt", "{{CSRF}}"), "is not a value this mail gets");
}

TEST(Contract, WantsTheFieldsOfAForm) {
  EXPECT_EQ(Missing("login", kLoginFields), "");
  EXPECT_EQ(Missing("login", "<INPUT NAME=email> <input name='password'>\n"
                             "<input value='{{CSRF}}'\n name='csrf_token'>"), "");
  EXPECT_SAYS(Missing("login", "<input name=\"email\"><input name=\"password\">"),
              "x.tpl: lacks the field csrf_token, without which its form is refused; put in <input "
              "name=\"csrf_token\" value=\"{{CSRF}}\">");
  EXPECT_SAYS(Missing("request", "<input name=\"csrf_token\" value=\"{{CSRF}}\">"),
              "lacks the field email");
  EXPECT_SAYS(Missing("set_password", kLoginFields), "lacks the field link");
}

TEST(Contract, IsNotTakenInByWhatOnlyLooksLikeAField) {
  const std::string rest = "<input name=\"email\"><input name=\"password\">";
  for (const char* looks :
       {"<!-- <input name=\"csrf_token\" value=\"{{CSRF}}\"> -->",
        "{{! <input name=\"csrf_token\" value=\"{{CSRF}}\"> }}",
        "<input name=\"csrf_token\" value=\"CSRF\">", "<input name=\"csrf_token\"> {{CSRF}}",
        "<input data-name=\"csrf_token\" value=\"{{CSRF}}\">",
        "<input name=\"csrf_tokens\" value=\"{{CSRF}}\">", "name=\"csrf_token\" value=\"{{CSRF}}\""}) {
    EXPECT_SAYS(Missing("login", looks + rest), "lacks the field csrf_token");
  }
}

TEST(Contract, WantsTheLinkInTheMail) {
  EXPECT_EQ(Missing("mail_link.txt", "{{#ACCOUNT}}\n{{LINK}}\n{{/ACCOUNT}}"), "");
  EXPECT_SAYS(Missing("mail_link.txt", "{{#ACCOUNT}}{{/ACCOUNT}}"), "x.tpl: lacks {{LINK}}");
  EXPECT_SAYS(Missing("mail_link.html", "{{LINK}}"), "x.tpl: lacks {{#ACCOUNT}}");
}

}  // namespace
}  // namespace latchkey::view
