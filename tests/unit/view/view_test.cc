#include "view/view.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <thread>

#include "view/contract.h"

namespace latchkey::view {
namespace {

namespace fs = std::filesystem;

constexpr char kHtml[] = "{{%AUTOESCAPE context=\"HTML\"}}\n";
constexpr char kText[] = "{{!plain text, nothing is escaped}}\n";

// A directory of templates that goes with the test.
class TemplateTest : public testing::Test {
 protected:
  TemplateTest() {
    std::string pattern = testing::TempDir() + "/latchkey-view-XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~TemplateTest() override { fs::remove_all(directory_); }

  void Write(const std::string& name, const std::string& text) {
    std::ofstream(directory_ + "/" + name + ".tpl") << text;
  }
  // Renders one HTML template made of `body`.
  std::string Html(const std::string& body, const Values& values) {
    Write("page", kHtml + body);
    return Rendered("page", values);
  }
  std::string Rendered(std::string_view name, const Values& values) {
    const Result<Templates> templates = Templates::Load(directory_, {name});
    if (!templates.ok()) return "refused: " + templates.error().message;
    return templates->Render(name, values);
  }
  // What Load says of an HTML template made of `text`; "" if it loads.
  std::string Refusal(const std::string& text) {
    Write("page", text);
    const Result<Templates> templates = Templates::Load(directory_, {"page"});
    if (templates.ok()) return "";
    EXPECT_EQ(templates.error().next, Next::kFixSetup);
    EXPECT_EQ(templates.error().message.find('\n'), std::string::npos);
    return templates.error().message;
  }

  std::string directory_;
};

Values With(std::string_view name, std::string_view text) {
  Values values;
  values.Set(name, text);
  return values;
}

#define EXPECT_SAYS(message, part) EXPECT_NE((message).find(part), std::string::npos) << (message)

TEST_F(TemplateTest, EscapesMarkupInText) {
  EXPECT_EQ(Html("<p>{{X}}</p>", With("X", "<script>alert('1')</script> & \"x\"")),
            "<p>&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt; &amp; &quot;x&quot;</p>");
  EXPECT_EQ(Html("<title>{{X}}</title>", With("X", "</title>")), "<title>&lt;/title&gt;</title>");
}

TEST_F(TemplateTest, EscapesQuotesInAttributes) {
  EXPECT_EQ(Html("<input value=\"{{X}}\">", With("X", "\" autofocus onfocus=\"alert(1)")),
            "<input value=\"&quot; autofocus onfocus=&quot;alert(1)\">");
  EXPECT_EQ(Html("<input value='{{X}}'>", With("X", "' onfocus='alert(1)")),
            "<input value='&#39; onfocus=&#39;alert(1)'>");
}

TEST_F(TemplateTest, LetsNoScriptIntoALink) {
  for (const std::string_view attribute : {"href", "src", "action"}) {
    const std::string body = "<a " + std::string(attribute) + "=\"{{X}}\">";
    for (const std::string_view bad :
         {"javascript:alert(1)", "JaVaScRiPt:alert(1)", " javascript:alert(1)",
          "java\nscript:alert(1)", "data:text/html,x", "vbscript:x"}) {
      EXPECT_EQ(Html(body, With("X", bad)), "<a " + std::string(attribute) + "=\"#\">") << bad;
    }
    EXPECT_EQ(Html(body, With("X", "https://www.example.org/a")),
              "<a " + std::string(attribute) + "=\"https://www.example.org/a\">");
  }
}

TEST_F(TemplateTest, EscapesAQueryWhenToldTo) {
  EXPECT_EQ(Html("<a href=\"/x?q={{X:url_query_escape}}\">", With("X", "a b&c=\"d\"#")),
            "<a href=\"/x?q=a+b%26c%3D%22d%22%23\">");
}

TEST_F(TemplateTest, DoesNotExpandMarkersInValues) {
  Values values = With("X", "{{Y}}{{>_part}}");
  values.Set("Y", "secret");
  EXPECT_EQ(Html("<p>{{X}}</p>", values), "<p>{{Y}}{{&gt;_part}}</p>");
}

TEST_F(TemplateTest, EscapesNothingInPlainText) {
  Write("mail.txt", std::string(kText) + "{{X}}\n");
  EXPECT_EQ(Rendered("mail.txt", With("X", "Fish & <Chips>")), "Fish & <Chips>\n");
}

TEST_F(TemplateTest, HidesASectionUnlessShown) {
  const std::string body = "<p>{{#A}}a{{/A}}{{#B}}b{{/B}}</p>";
  EXPECT_EQ(Html(body, Values()), "<p></p>");
  Values values;
  values.Show("B");
  EXPECT_EQ(Html(body, values), "<p>b</p>");
}

TEST_F(TemplateTest, RepeatsASectionInOrder) {
  Values values = With("OUTER", "o");
  for (const std::string_view item : {"1", "2", "3"}) values.Show("ITEM").Set("N", item);
  EXPECT_EQ(Html("{{#ITEM}}{{N}}{{OUTER}} {{/ITEM}}", values), "1o 2o 3o ");
}

TEST_F(TemplateTest, LetsInnerValuesHideOuterOnesAndNotLeak) {
  Values values = With("X", "outer");
  values.Show("A").Set("X", "inner");
  EXPECT_EQ(Html("{{X}} {{#A}}{{X}}{{/A}} {{X}}", values), "outer inner outer");
}

TEST_F(TemplateTest, ShowsASectionWithinASection) {
  Values values;
  values.Show("A").Show("B").Set("X", "x");
  EXPECT_EQ(Html("{{#A}}{{#B}}{{X}}{{/B}}{{/A}}{{#B}}no{{/B}}", values), "x");
}

TEST_F(TemplateTest, LeavesAnUnsetValueEmpty) {
  EXPECT_EQ(Html("<p>{{X}}</p>", Values()), "<p></p>");
}

TEST_F(TemplateTest, PutsPartsInWithTheValuesAround) {
  Write("_part", "<b>{{X}}{{Y}}</b>\n");
  Values values = With("X", "<");
  values.Show("A").Set("Y", "y");
  EXPECT_EQ(Html("{{#A}}\n{{>_part}}\n{{/A}}\n", values), "<b>&lt;y</b>\n");
}

TEST_F(TemplateTest, PutsAPartIntoALineWithoutItsLineEnds) {
  Write("_part", "{{#A}}a{{/A}}\n{{#B}} b{{/B}}\n");
  Values values;
  values.Show("A");
  values.Show("B");
  EXPECT_EQ(Html("<p>{{>_part}}.</p>\n", values), "<p>a b.</p>\n");
}

TEST_F(TemplateTest, KeepsTheBlankLinesOfTextButNotItsMarkerLines) {
  Write("mail.txt", std::string(kText) + "one\n\n{{#A}}\n{{X}}\n\n{{/A}}\n{{!a note}}\ntwo\n");
  Values values;
  values.Show("A").Set("X", "1");
  values.Show("A").Set("X", "2");
  EXPECT_EQ(Rendered("mail.txt", values), "one\n\n1\n\n2\n\ntwo\n");
}

TEST_F(TemplateTest, MakesASubjectOneLine) {
  Write("mail.subject", std::string(kText) + "Hello {{X}}\n");
  EXPECT_EQ(Rendered("mail.subject", With("X", "Ann")), "Hello Ann");
}

TEST_F(TemplateTest, RefusesAFileThatIsNotThere) {
  const Result<Templates> templates = Templates::Load(directory_, {"absent"});
  ASSERT_FALSE(templates.ok());
  EXPECT_SAYS(templates.error().message, directory_ + "/absent.tpl: cannot be read");
  EXPECT_SAYS(templates.error().message, "put the template there");
}

TEST_F(TemplateTest, RefusesAPageThatWouldNotBeEscaped) {
  EXPECT_SAYS(Refusal("<p>{{X}}"), directory_ + "/page.tpl:1: ");
}

TEST_F(TemplateTest, RefusesEscapingSwitchedOff) {
  EXPECT_SAYS(Refusal(std::string(kHtml) + "<p>\n{{X:none}}"), "/page.tpl:3: {{X:none}}");
}

TEST_F(TemplateTest, RefusesASyntaxError) {
  EXPECT_SAYS(Refusal(std::string(kHtml) + "{{#A}}"), "/page.tpl:2: {{#A}} is never closed");
}

TEST_F(TemplateTest, ChecksPartsAndNamesTheirFile) {
  Write("_part", "<b>\n{{X:none}}</b>\n");
  EXPECT_SAYS(Refusal(std::string(kHtml) + "{{>_part}}\n"), directory_ + "/_part.tpl:2: ");
  EXPECT_SAYS(Refusal(std::string(kHtml) + "{{>_absent}}\n"),
              directory_ + "/_absent.tpl: cannot be read");
}

TEST_F(TemplateTest, RefusesAPartThatHoldsItself) {
  Write("_part", "{{>_part}}\n");
  EXPECT_SAYS(Refusal(std::string(kHtml) + "{{>_part}}\n"), "holds itself; remove the circle");
}

// ctemplate's own parser of HTML gives up here; its reason is in our one line, not beside it.
TEST_F(TemplateTest, RefusesAPlaceWhoseEscapingIsUnknown) {
  testing::internal::CaptureStderr();
  const std::string refusal = Refusal(std::string(kHtml) + "<a href=\"\" =\"{{X}}\"<>>{{X}}");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  EXPECT_SAYS(refusal, "/page.tpl: ctemplate cannot tell how to escape it (");
  EXPECT_SAYS(refusal, "; correct the HTML");
}

TEST_F(TemplateTest, RendersInManyThreadsAtOnce) {
  Write("page", std::string(kHtml) + "{{#A}}{{X}}{{/A}}");
  const Result<Templates> templates = Templates::Load(directory_, {"page"});
  ASSERT_TRUE(templates.ok());
  std::vector<std::thread> threads;
  std::vector<int> wrong(4);
  for (int thread = 0; thread < 4; ++thread) {
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 500; ++i) {
        Values values;
        const std::string text = std::to_string(thread * 1000 + i);
        values.Show("A").Set("X", text);
        if (templates->Render("page", values) != text) ++wrong[thread];
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, std::vector<int>(4));
}

TEST(ShowWait, ChoosesUnitAndNumber) {
  const auto shown = [](int seconds) {
    Values values;
    ShowWait(values, std::chrono::seconds{seconds});
    const auto& [name, inner] = values.sections().at(0);
    return name + " " + inner->texts().at(0).second + " " + inner->sections().at(0).first;
  };
  EXPECT_EQ(shown(0), "WAIT_SECONDS 1 ONE");
  EXPECT_EQ(shown(1), "WAIT_SECONDS 1 ONE");
  EXPECT_EQ(shown(2), "WAIT_SECONDS 2 MANY");
  EXPECT_EQ(shown(89), "WAIT_SECONDS 89 MANY");
  EXPECT_EQ(shown(90), "WAIT_MINUTES 2 MANY");
  EXPECT_EQ(shown(121), "WAIT_MINUTES 3 MANY");
}

// The site's own templates, beside the ones of directory_.
class OverridesTest : public TemplateTest {
 protected:
  OverridesTest() {
    fs::create_directory(own_);
    Write("page", std::string(kHtml) + "shipped {{>_part}} {{>_other}}");
    Write("_part", "part");
    Write("_other", "other");
  }
  void WriteOwn(const std::string& name, const std::string& text) {
    std::ofstream(own_ + "/" + name) << text;
  }
  // The page, or what is wrong.
  std::string Page() {
    const Result<Templates> templates = Templates::Load(directory_, {"page"}, own_);
    return templates.ok() ? templates->Render("page", Values()) : templates.error().message;
  }

  std::string own_ = directory_ + "/own";
};

TEST_F(OverridesTest, AreAllShippedWhereTheDirectoryIsEmpty) {
  EXPECT_EQ(Page(), "shipped part other");
}

TEST_F(OverridesTest, StandInFileByFileAndPartByPart) {
  WriteOwn("_part.tpl", "mine");
  WriteOwn("README", "not a template");
  EXPECT_EQ(Page(), "shipped mine other");
}

TEST_F(OverridesTest, MayHavePartsOfTheirOwn) {
  WriteOwn("_part.tpl", "{{>_mine}}");
  WriteOwn("_mine.tpl", "new");
  EXPECT_EQ(Page(), "shipped new other");
}

TEST_F(OverridesTest, AreNamedWhereTheyAreWrong) {
  WriteOwn("_part.tpl", "<b>\n{{X:none}}</b>");
  EXPECT_SAYS(Page(), own_ + "/_part.tpl:2: {{X:none}}");
}

TEST_F(OverridesTest, RefuseAFileThatStandsInForNothing) {
  WriteOwn("logn.tpl", kHtml);
  EXPECT_SAYS(Page(), own_ + "/logn.tpl: no shipped template has that name");
}

TEST_F(OverridesTest, RefuseALinkThatLeadsNowhereAndADirectoryThatIsNotThere) {
  fs::create_symlink("/nonexistent/x", own_ + "/_part.tpl");
  EXPECT_SAYS(Page(), own_ + "/_part.tpl: cannot be read (No such file");
  fs::remove_all(own_);
  EXPECT_SAYS(Page(), own_ + ": cannot be read (No such file");
}

// --- the templates that are shipped ---

constexpr char kShipped[] = "templates";

std::vector<std::string_view> AllNames() {
  std::vector<std::string_view> names = kPageTemplates;
  names.insert(names.end(), kMailTemplates.begin(), kMailTemplates.end());
  return names;
}

bool IsHtml(std::string_view name) {
  return !name.ends_with(".txt") && !name.ends_with(".subject");
}

// Every name that stands after `prefix` in any shipped template.
std::set<std::string> NamesAfter(const std::string& prefix) {
  std::set<std::string> names;
  for (const auto& entry : fs::directory_iterator(kShipped)) {
    std::ostringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const std::string all = text.str();
    for (size_t at = 0; (at = all.find(prefix, at)) != std::string::npos;) {
      at += prefix.size();
      const size_t end = all.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", at);
      if (end > at) names.insert(all.substr(at, end - at));
    }
  }
  return names;
}

// Everything shown that any template can show, and `text` wherever a value can stand.
Values Everything(std::string_view text) {
  Values values;
  for (const std::string& name : NamesAfter("{{")) values.Set(name, text);
  for (const std::string& name : NamesAfter("{{#")) values.Show(name);
  return values;
}

TEST(ShippedTemplates, AllLoad) {
  const Result<Templates> templates = Templates::Load(kShipped, AllNames());
  EXPECT_TRUE(templates.ok()) << templates.error().message;
}

// CVE-2022-1274: markup in names and addresses, in mails too. Script in every place where a value can stand.
TEST(ShippedTemplates, EscapeHostileValuesInEveryPlace) {
  const Result<Templates> templates = Templates::Load(kShipped, AllNames());
  ASSERT_TRUE(templates.ok()) << templates.error().message;
  for (const std::string_view hostile :
       {"\"><script>alert(1)</script>", "'><img src=x onerror=alert(1)>",
        "</title><svg/onload=alert(1)>", "javascript:alert(1)", "--><b>", "\xbf\x22><b>",
        "\" onfocus=\"alert(1)"}) {
    const Values values = Everything(hostile);
    for (const std::string_view name : AllNames()) {
      if (!IsHtml(name)) continue;
      const std::string page = templates->Render(name, values);
      for (const std::string_view bad :
           {"<script>", "<img", "<svg", "<b>", "href=\"javascript:", "src=\"javascript:",
            "action=\"javascript:", "\" onfocus", "{{"}) {
        EXPECT_EQ(page.find(bad), std::string::npos) << name << " with " << hostile;
      }
    }
  }
}

TEST(ShippedTemplates, ShowEveryValueTheyAreGiven) {
  const Result<Templates> templates = Templates::Load(kShipped, AllNames());
  ASSERT_TRUE(templates.ok()) << templates.error().message;
  for (const Contract& contract : Contracts()) {
    for (const std::string_view value : contract.values) {
      Values values = With(value, "marker-7");
      for (const std::string& section : NamesAfter("{{#")) values.Show(section);
      EXPECT_NE(templates->Render(contract.name, values).find("marker-7"), std::string::npos)
          << contract.name << " does not show " << value;
    }
  }
}

TEST(ShippedTemplates, HaveWordsForEverySection) {
  const Result<Templates> templates = Templates::Load(kShipped, AllNames());
  ASSERT_TRUE(templates.ok()) << templates.error().message;
  for (const Contract& contract : Contracts()) {
    for (const std::string_view section : contract.sections) {
      Values values;
      values.Show(section);
      EXPECT_GT(templates->Render(contract.name, values).size(),
                templates->Render(contract.name, Values()).size() + 20)
          << contract.name << " has nothing to say for " << section;
    }
  }
}

TEST(ShippedTemplates, ShowEveryNoticeOnEveryPageThatMayCarryIt) {
  const Result<Templates> templates = Templates::Load(kShipped, AllNames());
  ASSERT_TRUE(templates.ok()) << templates.error().message;
  for (const std::string_view page : {"home", "login", "request", "set_password", "outcome"}) {
    for (const std::string_view notice : {"N_CHECK_MAIL", "N_LINK_BAD", "N_LINK_EXPIRED",
                                          "N_PASSWORD_CHANGED", "N_SIGNED_OUT", "N_SIGNED_IN"}) {
      Values values;
      values.Show("NOTICE").Show(notice);
      const std::string text = templates->Render(page, values);
      EXPECT_TRUE(text.find("role=\"status\"") != std::string::npos ||
                  text.find("role=\"alert\"") != std::string::npos)
          << page << " is silent about " << notice;
    }
  }
}

// The content policy allows neither, and a mail that loads something tells who read it when.
TEST(ShippedTemplates, HoldNoInlineScriptOrStyleAndNothingRemote) {
  const Result<Templates> templates = Templates::Load(kShipped, AllNames());
  ASSERT_TRUE(templates.ok()) << templates.error().message;
  const Values values = Everything("x");
  for (const std::string_view name : kPageTemplates) {
    const std::string page = templates->Render(name, values);
    for (const std::string_view bad :
         {" style=", "<style", "<script>", " onclick", "http://", "https://"}) {
      EXPECT_EQ(page.find(bad), std::string::npos) << name << ": " << bad;
    }
    EXPECT_SAYS(page, "<link rel=\"stylesheet\" href=\"x/static/latchkey.css\">");
  }
  for (const std::string_view name : {"mail_link.html", "mail_changed.html"}) {
    const std::string mail = templates->Render(name, values);
    for (const std::string_view bad : {"src=", "url(", "@import", "<link", "<script"}) {
      EXPECT_EQ(mail.find(bad), std::string::npos) << name << ": " << bad;
    }
  }
}

TEST(ShippedTemplates, SetTheLinkOnALineOfItsOwn) {
  const Result<Templates> templates = Templates::Load(kShipped, AllNames());
  ASSERT_TRUE(templates.ok()) << templates.error().message;
  Values values;
  for (const std::string_view link : {"https://x/1", "https://x/2"})
    values.Show("ACCOUNT").Set("LINK", link);
  const std::string text = templates->Render("mail_link.txt", values);
  EXPECT_SAYS(text, "\n\nhttps://x/1\n\n");
  EXPECT_SAYS(text, "\n\nhttps://x/2\n\n");
  const std::string html = templates->Render("mail_link.html", values);
  EXPECT_SAYS(html, "href=\"https://x/1\"");
  EXPECT_SAYS(html, ">https://x/1</a>");
}

TEST(ShippedTemplates, NameAnErrorInTheTitleOnce) {
  const Result<Templates> templates = Templates::Load(kShipped, AllNames());
  ASSERT_TRUE(templates.ok()) << templates.error().message;
  const auto title = [&](std::string_view page, std::string_view section) {
    Values values = With("SITE_NAME", "Site");
    if (!section.empty()) values.Show(section);
    const std::string text = templates->Render(page, values);
    const size_t start = text.find("<title>") + 7;
    return text.substr(start, text.find("</title>") - start);
  };
  EXPECT_EQ(title("login", ""), "Sign in \u00b7 Site");
  EXPECT_EQ(title("login", "E_LOGIN"), "Error: Sign in \u00b7 Site");
  EXPECT_EQ(title("request", "E_ADDRESS"), "Error: Reset your password \u00b7 Site");
  EXPECT_EQ(title("request", "T_TOO_MANY"), "Error: Reset your password \u00b7 Site");
  EXPECT_EQ(title("set_password", "E_DIFFERENT"), "Error: Choose a new password \u00b7 Site");
  EXPECT_EQ(title("error", "S_404"), "Error: There is no such page \u00b7 Site");
}

TEST(ShippedTemplates, TieEachErrorToItsField) {
  const Result<Templates> templates = Templates::Load(kShipped, AllNames());
  ASSERT_TRUE(templates.ok()) << templates.error().message;
  const auto field = [&](std::string_view page, std::string_view section, const std::string& id) {
    Values values;
    if (!section.empty()) values.Show(section);
    const std::string text = templates->Render(page, values);
    const size_t start = text.find("<input id=\"" + id + "\"");
    return text.substr(start, text.find('>', start) - start);
  };
  EXPECT_EQ(field("set_password", "", "password").find("aria-invalid"), std::string::npos);
  for (const std::string_view error :
       {"E_TOO_SHORT", "E_TOO_LONG", "E_NUL", "E_GUESSABLE", "E_CURRENT"}) {
    const std::string input = field("set_password", error, "password");
    EXPECT_SAYS(input, " aria-invalid=\"true\" autofocus");
    EXPECT_SAYS(input, "aria-describedby=\"password-wrong ");
    EXPECT_EQ(field("set_password", error, "password2").find("aria-invalid"), std::string::npos);
  }
  EXPECT_SAYS(field("set_password", "E_DIFFERENT", "password2"),
              "aria-describedby=\"password2-wrong\"");
  EXPECT_SAYS(field("set_password", "E_DIFFERENT", "password"), " autofocus");
  EXPECT_SAYS(field("request", "E_ADDRESS", "email"),
              "aria-invalid=\"true\" aria-describedby=\"email-wrong\" autofocus");
  EXPECT_SAYS(field("login", "E_LOGIN", "email"), "aria-describedby=\"login-wrong\"");
}

}  // namespace
}  // namespace latchkey::view
