#include "view/lint.h"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::view {
namespace {

constexpr char kFirst[] = "{{%AUTOESCAPE context=\"HTML\"}}\n";

// What Lint says of an HTML template whose second line begins with `text`; "" if it is content.
std::string Fault(const std::string& text) {
  const Status status = Lint("x.tpl", kFirst + text, Kind::kHtml);
  if (status.ok()) return "";
  EXPECT_EQ(status.error().next, Next::kFixSetup);
  return status.error().message;
}

#define EXPECT_SAYS(message, part) EXPECT_NE((message).find(part), std::string::npos) << (message)

TEST(Lint, AcceptsValuesSectionsPartsAndComments) {
  EXPECT_EQ(Fault("<p>{{NAME}} {{#A_1}}{{#B}}x{{/B}}{{/A_1}}{{!a note\nof two lines}}\n{{>_part}}"),
            "");
  EXPECT_EQ(Fault("<a href=\"/x?q={{NAME:url_query_escape}}\">"), "");
  EXPECT_EQ(Fault("<style>@media print {p {color: red}}</style>"), "");
}

TEST(Lint, WantsTheAutoEscapeLineFirst) {
  for (const std::string text :
       {"", "<p>{{NAME}}", "\n{{%AUTOESCAPE context=\"HTML\"}}\n",
        " {{%AUTOESCAPE context=\"HTML\"}}\n", "{{%AUTOESCAPE context=\"XML\"}}\n",
        "{{%AUTOESCAPE context=\"HTML\" state=\"IN_TAG\"}}\n"}) {
    const Status status = Lint("dir/x.tpl", text, Kind::kHtml);
    ASSERT_FALSE(status.ok()) << text;
    EXPECT_SAYS(status.error().message, "dir/x.tpl:1: ");
    EXPECT_SAYS(status.error().message, "make it exactly {{%AUTOESCAPE context=\"HTML\"}}");
  }
}

TEST(Lint, WantsTextToSaySo) {
  EXPECT_TRUE(Lint("x", "{{!plain text, nothing is escaped}}\n{{NAME}}", Kind::kText).ok());
  EXPECT_FALSE(Lint("x", "{{NAME}}", Kind::kText).ok());
  EXPECT_FALSE(Lint("x", kFirst, Kind::kText).ok());
}

TEST(Lint, LetsAPartHaveNoFirstLineAndNoPragma) {
  EXPECT_TRUE(Lint("x", "{{NAME}}", Kind::kPart).ok());
  EXPECT_FALSE(Lint("x", kFirst, Kind::kPart).ok());
}

TEST(Lint, RefusesModifiersThatWeakenEscaping) {
  for (const std::string marker :
       {"{{NAME:none}}", "{{NAME:h:none}}", "{{NAME:x-raw}}", "{{NAME:j}}", "{{NAME:}}",
        "{{NAME:url_query_escape:none}}", "{{NAME:p}}"}) {
    const std::string fault = Fault("<p>\n" + marker);
    EXPECT_SAYS(fault, "x.tpl:3: " + marker);
    EXPECT_SAYS(fault, "; remove ");
  }
}

TEST(Lint, RefusesOtherDelimitersAndLaterPragmas) {
  EXPECT_SAYS(Fault("{{=<% %>=}}"), "x.tpl:2: ");
  EXPECT_SAYS(Fault("{{%AUTOESCAPE context=\"JSON\"}}"), "x.tpl:2: ");
}

TEST(Lint, NamesTheLineOfASectionThatDoesNotMatch) {
  EXPECT_SAYS(Fault("\n{{#A}}\n"), "x.tpl:3: {{#A}} is never closed; add {{/A}}");
  EXPECT_SAYS(Fault("\n{{/A}}\n"), "x.tpl:3: {{/A}} closes what is not open");
  EXPECT_SAYS(Fault("{{#A}}\n{{#B}}\n{{/A}}"),
              "x.tpl:4: {{/A}} stands where {{#B}} of line 3 is open");
}

TEST(Lint, RefusesMarkersThatAreNone) {
  for (const std::string marker :
       {"{{}}", "{{name}}", "{{ NAME }}", "{{#a}}", "{{#}}", "{{/}}", "{{>}}", "{{>x.tpl}}",
        "{{>../_x}}", "{{>_X}}", "{{{NAME}}}", "{{&NAME}}"}) {
    EXPECT_SAYS(Fault(marker), "x.tpl:2: ");
  }
}

TEST(Lint, RefusesMarkersThatDoNotClose) {
  EXPECT_SAYS(Fault("{{NAME"), "x.tpl:2: {{ without }}");
  EXPECT_SAYS(Fault("{{NA\nME}}"), "x.tpl:2: {{ without }}");
  EXPECT_SAYS(Fault("{{NAME} {{OTHER}}"), "x.tpl:2: {{ without }}");
  EXPECT_SAYS(Fault("{{!see {{>_part}}"), "x.tpl:2: {{ without }}");
}

}  // namespace
}  // namespace latchkey::view
