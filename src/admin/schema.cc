#include "admin/schema.h"

#include <ostream>
#include <set>
#include <string_view>

#include "admin/commands.h"

namespace latchkey::admin {
namespace {

// Names are of letters, digits, _ and $, which the configuration sees to; users also of - and dots.
std::string Quote(std::string_view name) { return "`" + std::string(name) + "`"; }

constexpr std::string_view kOutboxColumns = R"( (
  note_id BINARY(16) NOT NULL PRIMARY KEY,
  kind VARCHAR(16) CHARACTER SET ascii NOT NULL,
  address VARBINARY(320) NOT NULL,
  account_id VARBINARY(64) NOT NULL,
  peer VARBINARY(45) NOT NULL,
  muted TINYINT NOT NULL DEFAULT 0,
  state VARCHAR(16) CHARACTER SET ascii NOT NULL DEFAULT 'waiting',
  tries INT UNSIGNED NOT NULL DEFAULT 0,
  dropped_at DATETIME(6) NOT NULL,
  due_at DATETIME(6) NOT NULL,
  lease_owner BINARY(16) NULL,
  lease_until DATETIME(6) NULL,
  reason VARBINARY(250) NOT NULL DEFAULT '',
  languages VARBINARY(200) NOT NULL DEFAULT '',
  KEY due (state, due_at),
  KEY owned (lease_owner)
) ENGINE=InnoDB;
)";

constexpr std::string_view kEndsColumns = R"( (
  name VARCHAR(16) CHARACTER SET ascii NOT NULL PRIMARY KEY,
  count BIGINT UNSIGNED NOT NULL DEFAULT 0
) ENGINE=InnoDB;
)";

std::string User(std::string_view name, const config::Admin& settings) {
  const bool here = settings.database_host == "localhost";
  return Quote(name) + "@" + (here ? "'localhost'" : "'%'");
}

// Quoted for SQL; what is quoted holds no backslash.
std::string Literal(std::string_view text) {
  std::string literal = "'";
  for (const char c : text) literal += c == '\'' ? "''" : std::string(1, c);
  return literal + "'";
}

// Runs a statement unless the catalogue has a row for it: neither MySQL nor every MariaDB that we
// serve has ADD COLUMN IF NOT EXISTS.
std::string Unless(const std::string& present, const std::string& statement) {
  return "SET @latchkey = IF(EXISTS(SELECT 1 FROM information_schema." + present + "),\n  'DO 0', " +
         Literal(statement) + ");\n" +
         "PREPARE latchkey FROM @latchkey; EXECUTE latchkey; DEALLOCATE PREPARE latchkey;\n";
}

// One line of a table's definition: "name TYPE ..." or "KEY name (...)", without its comma.
std::string AddMissing(const std::string& schema, std::string_view table, std::string_view line) {
  constexpr std::string_view kKey = "KEY ";
  const bool is_key = line.starts_with(kKey);
  const std::string_view rest = is_key ? line.substr(kKey.size()) : line;
  const std::string name(rest.substr(0, rest.find(' ')));
  const std::string where = " WHERE table_schema = " + Literal(schema) +
                            " AND table_name = " + Literal(table) + " AND ";
  const std::string alter = "ALTER TABLE " + Quote(schema) + "." + Quote(table) + " ADD ";
  if (is_key) {
    return Unless("statistics" + where + "index_name = " + Literal(name), alter + std::string(line));
  }
  return Unless("columns" + where + "column_name = " + Literal(name),
                alter + "COLUMN " + std::string(line));
}

// What a table of an earlier version lacks. A table without its primary key is none of ours.
std::string Complete(const std::string& schema, std::string_view table, std::string_view definition) {
  std::string sql;
  while (!definition.empty()) {
    const size_t end = definition.find('\n');
    std::string_view line = definition.substr(0, end);
    definition.remove_prefix(end + 1);
    if (!line.starts_with("  ") || line.find("PRIMARY KEY") != std::string_view::npos) continue;
    line.remove_prefix(2);
    if (line.ends_with(',')) line.remove_suffix(1);
    sql += AddMissing(schema, table, line);
  }
  return sql;
}

std::string Tables(const std::string& schema) {
  return "CREATE DATABASE IF NOT EXISTS " + schema + ";\n\n" +
         "-- Mail waiting to be sent; times are UTC. state: waiting, failed, abandoned,\n-- no_account, muted; what has ended did so at due_at.\n" +
         "CREATE TABLE IF NOT EXISTS " + schema + ".`outbox`" + std::string(kOutboxColumns) +
         "\n-- How many notes ended, by how.\n" + "CREATE TABLE IF NOT EXISTS " + schema +
         ".`outbox_ends`" + std::string(kEndsColumns);
}

std::string Columns(const config::Site& site) {
  // Two of them may be one column; a list with a name twice is an error.
  std::string columns;
  std::set<std::string> seen;
  for (const std::string& column : {site.id, site.address, site.hash, site.login}) {
    if (column.empty() || !seen.insert(column).second) continue;
    columns += (columns.empty() ? "" : ", ") + Quote(column);
  }
  return "(" + columns + ")";
}

std::string MakeUsers(const std::string& web, const std::string& mailer) {
  return "-- A user that is made here is locked until you choose its password and write the same\n"
         "-- into the file that the configuration names:\n"
         "--   ALTER USER " + web + " IDENTIFIED BY '...' ACCOUNT UNLOCK;\n"
         "--   ALTER USER " + mailer + " IDENTIFIED BY '...' ACCOUNT UNLOCK;\n"
         "CREATE USER IF NOT EXISTS " + web + " ACCOUNT LOCK;\n"
         "CREATE USER IF NOT EXISTS " + mailer + " ACCOUNT LOCK;\n";
}

std::string RightsSql(const config::Admin& settings) {
  const std::string schema = Quote(settings.outbox_schema);
  const std::string table = Quote(settings.site.schema) + "." + Quote(settings.site.table);
  const std::string columns = Columns(settings.site);
  const std::string web = User(settings.web_login, settings);
  const std::string mailer = User(settings.mailer_login, settings);
  return MakeUsers(web, mailer) +
         "\n-- latchkey-web: finds an account, replaces its hash, drops a note, counts notes.\n"
         "GRANT SELECT " + columns + ", UPDATE (" + Quote(settings.site.hash) + ") ON " + table +
         " TO " + web + ";\n"
         "GRANT INSERT, SELECT (`state`, `dropped_at`) ON " + schema + ".`outbox` TO " + web + ";\n"
         "GRANT SELECT ON " + schema + ".`outbox_ends` TO " + web + ";\n"
         "\n-- latchkey-mailer: finds an account, works the outbox; writes no account.\n"
         "GRANT SELECT " + columns + " ON " + table + " TO " + mailer + ";\n"
         "GRANT SELECT, UPDATE, DELETE ON " + schema + ".`outbox` TO " + mailer + ";\n"
         "GRANT SELECT, INSERT, UPDATE ON " + schema + ".`outbox_ends` TO " + mailer + ";\n";
}

}  // namespace

std::string SchemaSql(const config::Admin& settings) {
  return "-- Printed by `latchkey schema`; every statement may be repeated.\n\n" +
         Tables(Quote(settings.outbox_schema)) + "\n" + RightsSql(settings);
}

std::string UpgradeSql(const config::Admin& settings) {
  const std::string& schema = settings.outbox_schema;
  return "-- Printed by `latchkey schema --upgrade`; every statement may be repeated.\n\n" +
         Tables(Quote(schema)) + "\n-- What tables of an earlier version lack.\n" +
         Complete(schema, "outbox", kOutboxColumns) +
         Complete(schema, "outbox_ends", kEndsColumns) + "\n" + RightsSql(settings);
}

int PrintSchema(const Options& options, Io io) {
  const auto settings = config::LoadAdmin(ConfigPath(options));
  if (!settings.ok()) {
    io.err << settings.error().message << "\n";
    return kNo;
  }
  const bool upgrade = options.contains("--upgrade");
  io.out << (upgrade ? UpgradeSql(settings->part) : SchemaSql(settings->part));
  return kYes;
}

}  // namespace latchkey::admin
