// The table of keys, the commented example and the manual say the same.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <sstream>

#include "base/text.h"
#include "config/config.h"
#include "support/temp_dir.h"

namespace latchkey::config {
namespace {

constexpr char kExample[] = "etc/latchkey.toml";
constexpr char kManual[] = "man/latchkey.toml.5";

std::string ReadAll(const std::string& path) {
  std::ifstream stream(path);
  EXPECT_TRUE(stream.is_open()) << path << ": run the tests in the top directory";
  return {std::istreambuf_iterator<char>(stream), {}};
}

struct Written {
  std::string value;
  bool live;
  std::string above;  // the line before it
};

// "key = value" and "#key = value" by their whole keys; a comment in words begins with "# ".
std::map<std::string, Written> ExampleKeys() {
  std::map<std::string, Written> keys;
  std::istringstream stream(ReadAll(kExample));
  std::string table;
  for (std::string line, above; std::getline(stream, line); above = line) {
    if (line.starts_with('[')) table = line.substr(1, line.find(']') - 1) + ".";
    const size_t equals = line.find(" = ");
    if (equals == std::string::npos || line.starts_with("# ")) continue;
    const bool live = !line.starts_with('#');
    const size_t begin = live ? 0 : 1;
    const auto [at, fresh] = keys.emplace(table + line.substr(begin, equals - begin),
                                          Written{line.substr(equals + 3), live, above});
    EXPECT_TRUE(fresh) << at->first << " stands twice";
  }
  return keys;
}

TEST(ExampleTest, HoldsEveryKeyAndNoOther) {
  std::set<std::string> known, written;
  for (const KeyHelp& key : Keys()) known.insert(key.key);
  for (const auto& [key, value] : ExampleKeys()) written.insert(key);
  EXPECT_EQ(written, known);
}

TEST(ExampleTest, ShowsTheDefaultsAsTheyAre) {
  const auto example = ExampleKeys();
  for (const KeyHelp& key : Keys()) {
    const Written& written = example.at(key.key);
    if (key.required) {
      EXPECT_TRUE(written.live) << key.key;
    } else if (!written.live) {
      EXPECT_EQ(written.value, key.default_value) << key.key;
    }
  }
}

TEST(ExampleTest, SaysTheHelpOfEveryKeyRightAboveIt) {
  const auto example = ExampleKeys();
  for (const KeyHelp& key : Keys()) {
    EXPECT_EQ(example.at(key.key).above, "# " + key.help) << key.key;
  }
}

TEST(ExampleTest, TheManualSaysFormDefaultAndHelpOfEveryKeyAndNoOther) {
  const std::string manual = ReadAll(kManual);
  size_t items = 0;
  for (size_t at = 0; (at = manual.find(".It Ic ", at)) != std::string::npos; ++at) ++items;
  EXPECT_EQ(items, Keys().size());
  for (const KeyHelp& key : Keys()) {
    const std::string item = "\n.It Ic " + key.key + "\n(" + key.type + "; " +
                             (key.required ? "required" : "default " + key.default_value) +
                             ")\n.br\n" + key.help + "\n";
    EXPECT_NE(manual.find(item), std::string::npos) << item;
  }
}

// The example with every commented key made live, and its paths of secrets those of this directory.
class LiveExampleTest : public testing::Test {
 protected:
  void Write(bool comments_live) {
    std::istringstream stream(ReadAll(kExample));
    std::ofstream file(temp_.Path("latchkey.toml"));
    for (std::string line; std::getline(stream, line);) {
      if (comments_live && line.starts_with('#') && !line.starts_with("# ") && line != "#") {
        line.erase(0, 1);
      }
      const size_t secret = line.find("\"/etc/latchkey/");
      if (secret != std::string::npos && line.find(".secret\"") != std::string::npos) {
        const std::string_view old = "/etc/latchkey";
        const size_t name = secret + 1 + old.size() + 1;
        Secret(line.substr(name, line.find('"', name) - name));
        line.replace(secret + 1, old.size(), temp_.path());
      }
      file << line << "\n";
    }
  }
  void Secret(const std::string& name) {
    std::ofstream(temp_.Path(name)) << std::string(40, 's') << "\n";
    std::filesystem::permissions(temp_.Path(name), std::filesystem::perms(0640));
  }
  void ExpectGood() {
    const std::string path = temp_.Path("latchkey.toml");
    const auto web = LoadWeb(path);
    const auto mailer = LoadMailer(path);
    const auto supervisor = LoadSupervisor(path);
    const auto admin = LoadAdmin(path);
    ASSERT_TRUE(web.ok()) << web.error().message;
    ASSERT_TRUE(mailer.ok()) << mailer.error().message;
    ASSERT_TRUE(supervisor.ok()) << supervisor.error().message;
    ASSERT_TRUE(admin.ok()) << admin.error().message;
    EXPECT_EQ(web->part.threads, 8);
    EXPECT_EQ(web->part.database.password.size_bytes(), 40u);
    EXPECT_EQ(mailer->part.relay_port, 25);
  }
  TempDir temp_;
};

TEST_F(LiveExampleTest, WillDoOnceItsSecretsAreMade) {
  Write(/*comments_live=*/false);
  ExpectGood();
}

TEST_F(LiveExampleTest, WillDoWithEveryDefaultWritten) {
  Write(/*comments_live=*/true);
  ExpectGood();
}

}  // namespace
}  // namespace latchkey::config
