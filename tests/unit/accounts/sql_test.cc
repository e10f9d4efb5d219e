// SQL that an administrator writes: what passes, what comes out, and what it asks for.

#include "accounts/sql.h"

#include <gtest/gtest.h>

namespace latchkey::accounts {
namespace {

config::Site Blog() {
  return {.schema = "blog",
          .prefix = "wp_",
          .table = "wp_users",
          .id = "ID",
          .addresses = {"user_email"},
          .hash = "user_pass"};
}

std::string Problem(const Result<Sql>& parsed) {
  return parsed.ok() ? "none" : parsed.error().message;
}

std::string Text(const Result<Sql>& parsed) {
  return parsed.ok() ? parsed->text : parsed.error().message;
}

TEST(SqlTest, NamesAreQuotedAndTablesGetThePrefix) {
  EXPECT_EQ(Text(ParseCondition(Blog(), "{user_status} = 0")), "`wp_users`.`user_status` = 0");
  EXPECT_EQ(Text(ParseCondition(Blog(), "{blogs.deleted} = 0 or {blogs.spam} is null")),
            "`wp_blogs`.`deleted` = 0 OR `wp_blogs`.`spam` IS NULL");
  EXPECT_EQ(Text(ParseAssignment(Blog(), "{user_activation_key} = ''")),
            "`wp_users`.`user_activation_key` = ''");
  EXPECT_EQ(Text(ParseJoin(Blog(), "{mails} ON {mails.user} = {ID}")),
            "JOIN `blog`.`wp_mails` ON `wp_mails`.`user` = `wp_users`.`ID`");
}

TEST(SqlTest, AStatementsColumnsAreThoseOfItsTable) {
  const auto deleted = ParseStatement(
      Blog(), "DELETE FROM {usermeta} WHERE {user_id} = :id AND {meta_key} = 'session_tokens'");
  EXPECT_EQ(Text(deleted),
            "DELETE FROM `blog`.`wp_usermeta` WHERE `wp_usermeta`.`user_id` = ? AND "
            "`wp_usermeta`.`meta_key` = 'session_tokens'");
  EXPECT_EQ(deleted->binds, std::vector<Value>{Value::kId});
  const auto updated = ParseStatement(Blog(),
                                      "UPDATE {keys} SET {token} = :random32hex, {at} = "
                                      "unix_timestamp() + 1 WHERE {name} IN (:login, 'a')");
  EXPECT_EQ(
      Text(updated),
      "UPDATE `blog`.`wp_keys` SET `wp_keys`.`token` = ? , `wp_keys`.`at` = UNIX_TIMESTAMP( ) + 1 "
      "WHERE `wp_keys`.`name` IN ( ? , 'a' )");
  EXPECT_EQ(updated->binds, (std::vector<Value>{Value::kRandom32Hex, Value::kLogin}));
}

TEST(SqlTest, KnowsTheRightsThatAStatementTakes) {
  const auto deleted = ParseStatement(Blog(), "DELETE FROM {usermeta} WHERE {user_id} = :id");
  EXPECT_TRUE(deleted->rights.at("wp_usermeta").deletes);
  EXPECT_EQ(deleted->rights.at("wp_usermeta").reads, std::set<std::string>{"user_id"});
  EXPECT_TRUE(deleted->rights.at("wp_usermeta").writes.empty());
  const auto updated =
      ParseStatement(Blog(), "UPDATE {keys} SET {a} = {b} + 1, {c} = 0 WHERE {d} = :id");
  EXPECT_FALSE(updated->rights.at("wp_keys").deletes);
  EXPECT_EQ(updated->rights.at("wp_keys").writes, (std::set<std::string>{"a", "c"}));
  EXPECT_EQ(updated->rights.at("wp_keys").reads, (std::set<std::string>{"b", "d"}));
}

TEST(SqlTest, NothingButTheWhiteListPasses) {
  for (const char* text : {"{a} = 0; DROP TABLE users",
                           "{a} = 0 -- x",
                           "{a} = 0 # x",
                           "{a} = 0 /* x */",
                           "{a} = @@version",
                           "{a} = \"text\"",
                           "{a} = 'it''s'",
                           "{a} = 'a\\'",
                           "{a} = '?'",
                           "{a} = `b`",
                           "{a} = 0x41",
                           "{a`b} = 0",
                           "{a b} = 0",
                           "{} = 0",
                           "{a.b.c} = 0",
                           "{a = 0",
                           "a = 0",
                           "{a} = SLEEP(5)",
                           "{a} = LOAD_FILE('x')",
                           "{a} IN (SELECT 1)",
                           "{a} = 'open",
                           "{a} = :password",
                           "{a} = :",
                           "{a} = (1",
                           "{a} = 1)",
                           "{a} = UNIX_TIMESTAMP(",
                           "",
                           "   ",
                           "{a} = 1 WHERE {b} = 2",
                           "{a} = ?",
                           "{a} = 1 UNION ALL"}) {
    EXPECT_FALSE(ParseCondition(Blog(), text).ok()) << text;
  }
  const std::string long_name(65, 'n');
  EXPECT_FALSE(ParseCondition(Blog(), "{" + long_name + "} = 0").ok());
}

TEST(SqlTest, AStatementIsADeleteOrAnUpdateOfSomeRows) {
  for (const char* text :
       {"DELETE FROM {sessions}", "UPDATE {sessions} SET {a} = 1", "DELETE FROM {sessions} WHERE",
        "INSERT INTO {sessions} VALUES (1)", "TRUNCATE {sessions}",
        "SELECT {a} FROM {sessions} WHERE {a} = 1", "DELETE FROM sessions WHERE {uid} = :id",
        "UPDATE {sessions} SET {a} WHERE {b} = 1",
        "DELETE FROM {sessions} WHERE {uid} = :id WHERE {uid} = 1"}) {
    EXPECT_FALSE(ParseStatement(Blog(), text).ok()) << text;
  }
}

TEST(SqlTest, SaysWhatWillNotDo) {
  EXPECT_EQ(Problem(ParseCondition(Blog(), "user_status = 0")),
            "\"user_status\" may not stand there; names stand in braces");
  EXPECT_EQ(Problem(ParseStatement(Blog(), "DELETE FROM {usermeta} WHERE {user_id} = :uid")),
            "knows no value :uid");
  EXPECT_EQ(Problem(ParseStatement(Blog(), "DELETE FROM {usermeta}")),
            "needs WHERE before \"the end\"");
  config::Site site = Blog();
  site.sessions = {"DELETE FROM {a} WHERE {b} = :id", "DELETE {a}"};
  EXPECT_EQ(ReadMapping(site).error().message,
            "site.sessions: in \"DELETE {a}\": needs FROM before \"a\"");
}

TEST(SqlTest, ConditionsAreAskedBeforeAnybodyIsKnown) {
  config::Site site = Blog();
  site.active = {"{expires} > :now"};
  EXPECT_TRUE(ReadMapping(site).ok());
  site.active = {"{owner} = :login"};
  EXPECT_EQ(ReadMapping(site).error().message,
            "site.active: in \"{owner} = :login\": only :now and :timestamp14 may stand there");
}

TEST(SqlTest, WebMayWriteWhatAResetSetsAndTheMailerNothing) {
  config::Site site = Blog();
  site.salt = "user_salt";
  site.login = "user_login";
  site.active = {"{user_status} = 0"};
  site.set = {"{user_activation_key} = ''"};
  site.sessions = {"DELETE FROM {usermeta} WHERE {user_id} = :id"};
  const auto mapping = ReadMapping(site);
  ASSERT_TRUE(mapping.ok()) << mapping.error().message;
  EXPECT_EQ(mapping->reading.size(), 1u);
  EXPECT_EQ(mapping->reading.at("wp_users").reads,
            (std::set<std::string>{"ID", "user_email", "user_pass", "user_salt", "user_login",
                                   "user_status"}));
  EXPECT_TRUE(mapping->reading.at("wp_users").writes.empty());
  EXPECT_EQ(mapping->writing.at("wp_users").writes,
            (std::set<std::string>{"user_pass", "user_salt", "user_activation_key"}));
  EXPECT_TRUE(mapping->writing.at("wp_usermeta").deletes);
}

TEST(SqlTest, AProcedureTakesEachValueOnceAndLeavesNoRightBehind) {
  config::Site site = Blog();
  site.procedure = true;
  site.sessions = {
      "UPDATE {k} SET {a} = :random32hex WHERE {b} = :id OR {c} = CONCAT(:id, :login)"};
  const auto mapping = ReadMapping(site);
  ASSERT_TRUE(mapping.ok()) << mapping.error().message;
  EXPECT_FALSE(mapping->writing.contains("wp_k"));
  const Sql& sql = mapping->sessions[0];
  EXPECT_EQ(Parameters(sql), (std::vector<Value>{Value::kRandom32Hex, Value::kId, Value::kLogin}));
  EXPECT_EQ(Declaration(Value::kId), "latchkey_id BIGINT UNSIGNED");
  EXPECT_EQ(Body(sql),
            "UPDATE `blog`.`wp_k` SET `wp_k`.`a` = latchkey_random32hex WHERE `wp_k`.`b` = "
            "latchkey_id OR "
            "`wp_k`.`c` = CONCAT( latchkey_id , latchkey_login )");
}

}  // namespace
}  // namespace latchkey::accounts
