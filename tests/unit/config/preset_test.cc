// [site] from a preset: what it says counts unless the configuration says otherwise.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "config/config.h"
#include "config/values.h"
#include "support/temp_dir.h"

namespace latchkey::config {
namespace {

class PresetTest : public testing::Test {
 protected:
  PresetTest() {
    std::filesystem::create_directory(temp_.Path("sites"));
    Preset(R"(version = "6.1"
table = "users"
id = "ID"
login = "user_login"
address = ["user_email"]
hash = "user_pass"
active = ["{status} = 0", "3.0+: {spam} = 0", "<6.0: {old} = 0"]
reads = ["phpass", "6.8+: bcrypt"]
scheme = ["phpass", "6.8+: bcrypt"]
)");
  }
  void Preset(const std::string& text) { Write("sites/blog.toml", text); }
  void Write(const std::string& name, const std::string& text) {
    std::ofstream(temp_.Path(name), std::ios::binary) << text;
  }
  // [site] stands in lines 5 and on, its keys from line 6.
  Result<Loaded<Admin>> Load(const std::string& site) {
    Write("latchkey.toml",
          "base_url = \"https://www.example.org\"\ntoken.secret_files = [\"/x\"]\n"
          "mail.from = \"a@example.org\"\ndatabase = {socket = \"/s\", schema = \"site\"}\n"
          "[site]\npresets = \"" +
              temp_.Path("sites") + "\"\n" + site);
    return LoadAdmin(temp_.Path("latchkey.toml"));
  }
  Site Good(const std::string& site) {
    const auto loaded = Load(site);
    EXPECT_TRUE(loaded.ok()) << loaded.error().message;
    return loaded.ok() ? loaded->part.site : Site{};
  }
  std::string Problem(const std::string& site) {
    const auto loaded = Load(site);
    if (loaded.ok()) return "none";
    std::string message = loaded.error().message;
    for (size_t at; (at = message.find(temp_.path() + "/")) != std::string::npos;) {
      message.erase(at, temp_.path().size() + 1);
    }
    return message;
  }
  TempDir temp_;
};

TEST_F(PresetTest, NameAndPrefixAreAllThatASiteNeeds) {
  const Site site = Good("preset = \"blog\"\nprefix = \"wp_\"\n");
  EXPECT_EQ(site.schema, "site");
  EXPECT_EQ(site.table, "wp_users");
  EXPECT_EQ(site.id, "ID");
  EXPECT_EQ(site.addresses, std::vector<std::string>{"user_email"});
  EXPECT_EQ(site.login, "user_login");
  EXPECT_EQ(site.scheme, "phpass");
}

TEST_F(PresetTest, TheConfigurationCountsMore) {
  const Site site =
      Good("preset = \"blog\"\naddress = [\"a\", \"b.c\"]\nscheme = \"bcrypt\"\nactive = []\n");
  EXPECT_EQ(site.addresses, (std::vector<std::string>{"a", "b.c"}));
  EXPECT_EQ(site.scheme, "bcrypt");
  EXPECT_TRUE(site.active.empty());
  EXPECT_EQ(site.hash, "user_pass");
}

TEST_F(PresetTest, WhatIsForAnotherVersionDoesNotCount) {
  Site site = Good("preset = \"blog\"\n");
  EXPECT_EQ(site.active, (std::vector<std::string>{"{status} = 0", "{spam} = 0"}));
  EXPECT_EQ(site.reads, std::vector<std::string>{"phpass"});
  site = Good("preset = \"blog\"\nversion = \"6.10\"\n");
  EXPECT_EQ(site.scheme, "bcrypt");
  EXPECT_EQ(site.reads, (std::vector<std::string>{"phpass", "bcrypt"}));
  site = Good("preset = \"blog\"\nversion = \"2.9\"\n");
  EXPECT_EQ(site.active, (std::vector<std::string>{"{status} = 0", "{old} = 0"}));
}

TEST_F(PresetTest, SaysWhereTheMistakeIs) {
  EXPECT_EQ(Problem("preset = \"forum\"\n").substr(0, 31), "latchkey.toml:7:10: site.preset");
  EXPECT_NE(Problem("preset = \"forum\"\n").find("there are blog;"), std::string::npos);
  EXPECT_EQ(Problem("preset = \"../blog\"\n").substr(0, 31), "latchkey.toml:7:10: site.preset");
  EXPECT_EQ(Problem("preset = \"Blog\"\n").substr(0, 31), "latchkey.toml:7:10: site.preset");
  EXPECT_EQ(Problem("preset = \"blog\"\naddress = []\n").substr(0, 32),
            "latchkey.toml:8:11: site.address");
  Preset("table = \"a b\"\n");
  EXPECT_EQ(Problem("preset = \"blog\"\n").substr(0, 31), "sites/blog.toml:1:9: site.table");
  Preset("\nnonsense = 1\n");
  EXPECT_EQ(Problem("preset = \"blog\"\n").substr(0, 35), "sites/blog.toml:2:12: site.nonsense");
  Preset("key_file = \"/secret\"\n");
  EXPECT_EQ(
      Problem("preset = \"blog\"\n"),
      "sites/blog.toml:1:12: site.key_file: cannot stand in a preset; say it in the configuration");
  Preset("table = \"users\"\n");
  EXPECT_NE(Problem("preset = \"blog\"\n").find("site.id: is missing"), std::string::npos);
  Preset("table = \n");
  EXPECT_EQ(Problem("preset = \"blog\"\n").substr(0, 27), "sites/blog.toml:1:9: syntax");
}

TEST_F(PresetTest, StandsAloneForCommandsWithoutAConfiguration) {
  const auto site = LoadPreset("blog", "7.0", temp_.Path("sites"));
  ASSERT_TRUE(site.ok()) << site.error().message;
  EXPECT_EQ(site->scheme, "bcrypt");
  EXPECT_FALSE(LoadPreset("/etc/passwd", "", temp_.Path("sites")).ok());
  EXPECT_FALSE(LoadPreset("forum", "", temp_.Path("sites")).ok());
}

TEST(VersionTest, NumbersAreComparedAsNumbers) {
  EXPECT_TRUE(IsVersionBefore("6.8", "6.10"));
  EXPECT_TRUE(IsVersionBefore("6.8", "6.8.1"));
  EXPECT_TRUE(IsVersionBefore("", "0.1"));
  EXPECT_FALSE(IsVersionBefore("10", "9.9"));
  EXPECT_FALSE(IsVersionBefore("6.8", "6.8"));
  EXPECT_EQ(AppliesTo("{a} = 'x+: y'", "1"), "{a} = 'x+: y'");
  EXPECT_EQ(AppliesTo("6.8+: x", "6.8"), "x");
  EXPECT_EQ(AppliesTo("6.8+: x", "6.7.9"), std::nullopt);
  EXPECT_EQ(AppliesTo("<6.8: x", "6.7.9"), "x");
  EXPECT_EQ(AppliesTo("<6.8: x", "6.8"), std::nullopt);
  EXPECT_EQ(AppliesTo("", "1"), "");
}

}  // namespace
}  // namespace latchkey::config
