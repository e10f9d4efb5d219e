#include "accounts/accounts.h"

#include <gtest/gtest.h>

namespace latchkey::accounts {
namespace {

// Joomla CVE-2008-3681, Devise CVE-2013-0233: what is no id never reaches the database.
TEST(IntegerIdTest, OnlyThePlainNumberIsTaken) {
  EXPECT_EQ(ParseIntegerId("1"), 1u);
  EXPECT_EQ(ParseIntegerId("10"), 10u);
  EXPECT_EQ(ParseIntegerId("18446744073709551615"), UINT64_MAX);
  for (const std::string id : {"", "0", "00", "01", "+1", "-1", " 1", "1 ", "1a", "0x1", "1.0",
                               "1e3", "null", "'", "18446744073709551616", "\xd9\xa1"}) {
    EXPECT_FALSE(ParseIntegerId(id)) << id;
  }
  EXPECT_FALSE(ParseIntegerId(std::string("1\0", 2)));
  EXPECT_FALSE(ParseIntegerId(std::string(10'000, '1')));
}

TEST(TextIdTest, IsWhatATokenCanName) {
  EXPECT_TRUE(IsTextId("ann"));
  EXPECT_TRUE(IsTextId("\xc3\xa4nn"));
  EXPECT_TRUE(IsTextId(std::string(64, 'a')));
  EXPECT_FALSE(IsTextId(""));
  EXPECT_FALSE(IsTextId(std::string(65, 'a')));
  EXPECT_FALSE(IsTextId("a\nb"));
  EXPECT_FALSE(IsTextId(std::string("a\0", 2)));
  EXPECT_FALSE(IsTextId("\xff"));
}

}  // namespace
}  // namespace latchkey::accounts
