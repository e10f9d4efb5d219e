#include "admin/schema.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>

namespace latchkey::admin {
namespace {

config::Admin Example() {
  const auto settings = config::LoadAdmin("etc/latchkey.toml");
  EXPECT_TRUE(settings.ok()) << "run the tests in the top directory";
  return settings->part;
}

std::string Sql(const config::Admin& settings) {
  const auto mapping = accounts::ReadMapping(settings.site);
  EXPECT_TRUE(mapping.ok()) << mapping.error().message;
  return SchemaSql(settings, *mapping);
}

bool Has(const std::string& sql, const std::string& text) {
  return sql.find(text) != std::string::npos;
}

TEST(SchemaTest, TheFileIsWhatTheExampleGives) {
  std::ifstream stream("etc/schema.sql");
  const std::string file{std::istreambuf_iterator<char>(stream), {}};
  EXPECT_EQ(Sql(Example()), file);
}

TEST(SchemaTest, WebMayWriteNothingButTheHashAndNotes) {
  const std::string sql = Sql(Example());
  EXPECT_TRUE(Has(sql,
                  "GRANT SELECT (`id`, `email`, `password_hash`), UPDATE (`password_hash`) ON "
                  "`site`.`users` TO `latchkey_web`@'localhost';\n"));
  EXPECT_TRUE(Has(sql, "GRANT INSERT, SELECT (`state`, `dropped_at`) ON `latchkey`.`outbox` TO "
                  "`latchkey_web`@'localhost';\n"));
  size_t grants = 0;
  for (size_t at = 0; (at = sql.find(" TO `latchkey_web`@", at)) != std::string::npos; ++at)
    ++grants;
  EXPECT_TRUE(Has(sql, "GRANT SELECT ON `latchkey`.`outbox_ends` TO `latchkey_web`@'localhost';\n"));
  EXPECT_EQ(grants, 4u);
}

TEST(SchemaTest, BothMayReadTheLoginWhereThereIsOne) {
  config::Admin settings = Example();
  settings.site.login = "nick";
  const std::string sql = Sql(settings);
  EXPECT_TRUE(Has(sql, "GRANT SELECT (`id`, `email`, `password_hash`, `nick`), UPDATE (`password_hash`) ON "));
  EXPECT_TRUE(Has(sql, "GRANT SELECT (`id`, `email`, `password_hash`, `nick`) ON `site`.`users` TO "
                       "`latchkey_mailer`@"));
}

TEST(SchemaTest, NamesComeFromTheConfiguration) {
  config::Admin settings = Example();
  settings.outbox_schema = "mail_queue";
  settings.web_login = "w-1";
  settings.site = {.schema = "shop",
                   .table = "ps_customer",
                   .id = "id_customer",
                   .addresses = {"email"},
                   .hash = "passwd"};
  const std::string sql = Sql(settings);
  EXPECT_TRUE(Has(sql, "CREATE DATABASE IF NOT EXISTS `mail_queue`;"));
  EXPECT_TRUE(Has(sql, "CREATE TABLE IF NOT EXISTS `mail_queue`.`outbox` ("));
  EXPECT_TRUE(Has(sql,
                  "GRANT SELECT (`id_customer`, `email`, `passwd`), UPDATE (`passwd`) ON "
                  "`shop`.`ps_customer` TO `w-1`@'localhost';"));
  EXPECT_FALSE(Has(sql, "`latchkey`.")) << sql;
}

TEST(SchemaTest, UsersOfAnotherMachineComeFromAnywhere) {
  config::Admin settings = Example();
  settings.database_host = "192.0.2.7";
  const std::string sql = Sql(settings);
  EXPECT_TRUE(Has(sql, "CREATE USER IF NOT EXISTS `latchkey_mailer`@'%' ACCOUNT LOCK;"));
  EXPECT_FALSE(Has(sql, "localhost"));
}

TEST(SchemaTest, AColumnOfTwoUsesIsNamedOnce) {
  config::Admin settings = Example();
  settings.site.id = settings.site.addresses[0];
  EXPECT_TRUE(Has(Sql(settings), "GRANT SELECT (`email`, `password_hash`), UPDATE"));
}

}  // namespace
}  // namespace latchkey::admin
