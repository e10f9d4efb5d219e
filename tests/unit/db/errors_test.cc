// What each code means is in the manuals of MySQL 8.0 and MariaDB ("Server Error Message Reference").

#include "db/errors.h"

#include <gtest/gtest.h>

#include "db/db.h"

namespace latchkey::db {
namespace {

Next NextOf(int code) { return MeaningOf(code).next; }

TEST(ErrorsTest, AServerThatIsAwayOrBusyIsForLater) {
  for (const int code : {2002, 2003, 2006, 1040, 1203, 1205, 1213, 1290, 1836, 1114, 4031}) {
    EXPECT_EQ(NextOf(code), Next::kTryLater) << code;
  }
}

TEST(ErrorsTest, WhatTheAdministratorMustMendIsSetup) {
  for (const int code : {1044, 1045, 1049, 1054, 1142, 1143, 1146, 1064, 1698, 2026, 2059}) {
    EXPECT_EQ(NextOf(code), Next::kFixSetup) << code;
  }
}

TEST(ErrorsTest, DataThatDoesNotFitIsInput) {
  for (const int code : {1048, 1062, 1264, 1267, 1292, 1366, 1406}) {
    EXPECT_EQ(NextOf(code), Next::kFixInput) << code;
    EXPECT_EQ(MeaningOf(code).fate, Fate::kRefused) << code;
  }
}

TEST(ErrorsTest, AConnectionLostMeanwhileLeavesTheOutcomeUnknown) {
  for (const int code : {2013, 2055, 1317, 1927, 1053, 0}) {
    EXPECT_EQ(NextOf(code), Next::kFindOut) << code;
    EXPECT_EQ(MeaningOf(code).fate, Fate::kUnknown) << code;
  }
}

TEST(ErrorsTest, ALostStatementDidNotRun) {
  for (const int code : {2006, 1243, 1615, 4031})
    EXPECT_EQ(MeaningOf(code).fate, Fate::kNotRun) << code;
}

TEST(ErrorsTest, AMessageHoldsCodeAndText) {
  EXPECT_EQ(ErrorOf(1146, "Table 'site.users' doesn't exist").message,
            "MySQL error 1146: Table 'site.users' doesn't exist");
}

TEST(ErrorsTest, AMessageNeverQuotesAValue) {
  EXPECT_EQ(ErrorOf(1062, "Duplicate entry 'ann@example.org' for key 'email'").message,
            "MySQL error 1062");
  EXPECT_EQ(ErrorOf(1366, "Incorrect string value: 'ann' for column 'x'").message,
            "MySQL error 1366");
  EXPECT_EQ(ErrorOf(1292, "Truncated incorrect DOUBLE value: 'ann'").message, "MySQL error 1292");
  // SIGNAL in a site's trigger may say anything.
  EXPECT_EQ(ErrorOf(1644, "no ann@example.org").message, "MySQL error 1644");
}

TEST(ErrorsTest, AMessageIsOneLine) {
  EXPECT_EQ(ErrorOf(1064, "near 'a\nb'").message, "MySQL error 1064: near 'a\\x0ab'");
}

TEST(ErrorsTest, OnlyADuplicateIsOne) {
  EXPECT_TRUE(IsDuplicate(ErrorOf(1062, "Duplicate entry")));
  EXPECT_FALSE(IsDuplicate(ErrorOf(1406, "Data too long")));
  EXPECT_FALSE(IsDuplicate(ErrorOf(1064, "1062")));
}

TEST(QuoteIdentifierTest, TakesPlainNamesAndNothingElse) {
  EXPECT_EQ(*QuoteIdentifier("wp_users$1"), "`wp_users$1`");
  for (const std::string name : {"", "a`b", "a b", "a.b", "a-b", "\xc3\xa4", "a;", "a'"}) {
    EXPECT_FALSE(QuoteIdentifier(name).ok()) << name;
  }
  EXPECT_FALSE(QuoteIdentifier(std::string("a\0", 2)).ok());
  EXPECT_TRUE(QuoteIdentifier(std::string(64, 'a')).ok());
  EXPECT_FALSE(QuoteIdentifier(std::string(65, 'a')).ok());
}

}  // namespace
}  // namespace latchkey::db
