#include "view/press.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>

namespace latchkey::view {
namespace {

namespace fs = std::filesystem;

// One page, from both.
class PressTest : public testing::Test {
 protected:
  PressTest() {
    std::string pattern = testing::TempDir() + "/latchkey-press-XXXXXX";
    directory_ = mkdtemp(pattern.data());
  }
  ~PressTest() override { fs::remove_all(directory_); }

  void Load(const std::string& body) {
    std::ofstream(directory_ + "/page.tpl") << "{{%AUTOESCAPE context=\"HTML\"}}\n" << body << "\n";
    Result<Templates> loaded = Templates::Load(directory_, {"page"});
    ASSERT_TRUE(loaded.ok()) << loaded.error().message;
    templates_ = std::make_unique<Templates>(*std::move(loaded));
    press_ = std::make_unique<Press>(*templates_, Common());
  }
  static Values Common() {
    Values common;
    common.Set("SITE_NAME", "Fish & <Chips>");
    common.Show("ALWAYS");
    return common;
  }
  static Values Of(std::string_view a, std::string_view b, bool shown = true) {
    Values values;
    values.Set("A", a);
    if (shown) values.Show("S").Set("B", b);
    return values;
  }
  // Whatever was rendered before.
  void ExpectTheSame(const Values& values) {
    const Values common = Common();
    EXPECT_EQ(press_->Render("page", values), templates_->Render("page", values, &common));
  }

  std::string directory_;
  std::unique_ptr<Templates> templates_;
  std::unique_ptr<Press> press_;
};

TEST_F(PressTest, SaysWhatTheTemplateSays) {
  Load("<p title=\"{{A}}\">{{SITE_NAME}}{{#ALWAYS}}!{{/ALWAYS}} markk</p>{{#S}}<b>{{A}}{{B}}</b>{{/S}}{{A}}");
  for (const bool shown : {true, false, true}) {
    ExpectTheSame(Of("one", "1", shown));
    ExpectTheSame(Of("", "ann.lee-2_x@example.org", shown));
    ExpectTheSame(Of("mark", "marka-_.@z", shown));
  }
}

TEST_F(PressTest, EscapesWhatComesInAPlaceOfWhatNeededNone) {
  Load("<p title=\"{{A}}\">{{#S}}{{B}}{{/S}}</p>");
  ExpectTheSame(Of("one", "two"));
  for (const char* text : {"<b>", "\"", "'", "&", "a b", "\x80", "\n", "caf\xc3\xa9"}) {
    ExpectTheSame(Of(text, "two"));
    ExpectTheSame(Of("one", text));
  }
  EXPECT_EQ(press_->Render("page", Of("<b>", "&")), "<p title=\"&lt;b&gt;\">&amp;</p>\n");
}

TEST_F(PressTest, TellsShapesApart) {
  Load("{{#S}}[{{B}}]{{/S}}{{#T}}({{B}}){{/T}}{{A}}");
  Values twice = Of("a", "1");
  twice.Show("S").Set("B", "2");
  Values other;
  other.Set("A", "a");
  other.Show("T").Set("B", "1");
  Values nested;
  nested.Show("S").Show("T").Set("B", "1");
  for (int turn = 0; turn < 2; ++turn) {
    ExpectTheSame(Of("a", "1"));
    ExpectTheSame(twice);
    ExpectTheSame(other);
    ExpectTheSame(nested);
    ExpectTheSame(Values());
  }
}

TEST_F(PressTest, ExpandsAShapeWhosePlacesChangePlainText) {
  // In a query "@" is written in another way.
  Load("<a href=\"/x?a={{A:url_query_escape}}\">{{A}}</a>");
  ExpectTheSame(Of("one", ""));
  ExpectTheSame(Of("a@b", ""));
  ExpectTheSame(Of("one", ""));
}

TEST_F(PressTest, GoesOnWithMoreShapesThanItKeeps) {
  Load("{{#S}}{{B}}{{/S}}{{A}}");
  Values values = Of("a", "1");
  for (int count = 0; count < 150; ++count) {
    if (count < 20) values.Show("S").Set("B", std::to_string(count));
    values.Show("T");
    ExpectTheSame(values);
  }
}

}  // namespace
}  // namespace latchkey::view
