// Every preset that is shipped is one that a site can be made of: its SQL reads, its schemes are
// there.

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>

#include "accounts/sql.h"
#include "config/config.h"
#include "password/hashing.h"

namespace latchkey {
namespace {

constexpr char kDirectory[] = "etc/sites";

std::set<std::string> Names() {
  std::set<std::string> names;
  for (const auto& entry : std::filesystem::directory_iterator(kDirectory)) {
    names.insert(entry.path().stem().string());
  }
  return names;
}

// The versions where something changes, one before all and one after all.
const std::vector<std::string> kVersions = {"", "0.1", "3.0", "3.1", "3.3", "6.8", "10.1", "99"};

Result<password::Hashing> HashingOf(const config::Site& site) {
  return password::Hashing::Make({site.reads, site.scheme, site.prepare, Secret()});
}

// Of the rows whose first cell is of names: "| `drupal7`, `drupal` | Drupal 7; 8 and later | ...".
std::set<std::string> NamesInReadme() {
  std::ifstream stream("README.md");
  EXPECT_TRUE(stream.is_open()) << "run the tests in the top directory";
  std::set<std::string> names;
  for (std::string line; std::getline(stream, line);) {
    if (!line.starts_with("| `") || line.starts_with("| `preset`")) continue;
    const std::string cell = line.substr(0, line.find(" |", 2));
    for (size_t begin = cell.find('`'); begin != std::string::npos;) {
      const size_t end = cell.find('`', begin + 1);
      names.insert(cell.substr(begin + 1, end - begin - 1));
      begin = cell.find('`', end + 1);
    }
  }
  return names;
}

TEST(PresetsTest, AreThoseThatTheReadmeNames) { EXPECT_EQ(Names(), NamesInReadme()); }

TEST(PresetsTest, HaveSqlAndSchemesThatAreKnownWhateverTheVersion) {
  for (const std::string& name : Names()) {
    for (const std::string& version : kVersions) {
      SCOPED_TRACE(name + " " + version);
      auto site = config::LoadPreset(name, version, kDirectory);
      ASSERT_TRUE(site.ok()) << site.error().message;
      site->schema = "site";
      const auto mapping = accounts::ReadMapping(*site);
      EXPECT_TRUE(mapping.ok()) << mapping.error().message;
      const auto hashing = HashingOf(*site);
      EXPECT_TRUE(hashing.ok()) << hashing.error().message;
    }
  }
}

// "What is written is the best hash that that version verifies": the applications' sources, as the
// comments in the files say.
TEST(PresetsTest, WriteWhatTheVersionVerifies) {
  const auto written = [](const char* name, const char* version) {
    return config::LoadPreset(name, version, kDirectory)->scheme;
  };
  EXPECT_EQ(written("wordpress", "6.7.2"), "phpass");
  EXPECT_EQ(written("wordpress", "6.8"), "wordpress-bcrypt");
  EXPECT_EQ(written("drupal", "9.5"), "drupal");
  EXPECT_EQ(written("drupal", "11"), "bcrypt");
  EXPECT_EQ(written("phpbb", "3.0.14"), "phpbb-phpass");
  EXPECT_EQ(written("phpbb", "3.2"), "bcrypt");
  EXPECT_EQ(written("phpbb", "3.3"), "argon2id");
}

// An account that its application lets nobody in to is nobody's here.
TEST(PresetsTest, TakeNoMarkOfADisabledAccountForAHash) {
  for (const std::string& name : Names()) {
    const auto hashing = HashingOf(*config::LoadPreset(name, "", kDirectory));
    ASSERT_TRUE(hashing.ok());
    for (const char* stored : {"", "*", "!", "!!", "*0", "*1", "x", "*LK*", "!abcdefghijklmnopqrst",
                               "{PLAIN}secret", "not cached", "NULL", "0"}) {
      EXPECT_EQ(hashing->Recognise(stored), nullptr) << name << ": " << stored;
    }
  }
}

}  // namespace
}  // namespace latchkey
