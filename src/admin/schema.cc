#include "admin/schema.h"

#include <algorithm>
#include <ostream>
#include <set>
#include <string_view>
#include <vector>

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

constexpr std::string_view kStateColumns = R"( (
  account_id VARBINARY(64) NOT NULL PRIMARY KEY,
  not_before BIGINT NOT NULL DEFAULT 0,
  mute_until DATETIME(6) NOT NULL DEFAULT '1970-01-01'
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
         ".`outbox_ends`" + std::string(kEndsColumns) +
         "\n-- Accounts whose links were revoked: those issued until not_before (seconds since 1970).\n" +
         "CREATE TABLE IF NOT EXISTS " + schema + ".`account_state`" + std::string(kStateColumns);
}

// "(`id`, `email`)" in the order of `first`, then the others.
std::string Columns(const std::set<std::string>& columns, const std::vector<std::string>& first) {
  std::vector<std::string> ordered;
  for (const std::string& name : first) {
    const bool is_new = std::find(ordered.begin(), ordered.end(), name) == ordered.end();
    if (columns.contains(name) && is_new) ordered.push_back(name);
  }
  for (const std::string& name : columns) {
    if (std::find(ordered.begin(), ordered.end(), name) == ordered.end()) ordered.push_back(name);
  }
  std::string list;
  for (const std::string& name : ordered) list += (list.empty() ? "" : ", ") + Quote(name);
  return "(" + list + ")";
}

// "GRANT SELECT (...), UPDATE (...), DELETE ON ... TO ...;" for each table.
std::string Grants(const config::Site& site, const accounts::RightsByTable& rights,
                   const std::string& user) {
  std::vector<std::string> first = {site.id};
  first.insert(first.end(), site.addresses.begin(), site.addresses.end());
  first.insert(first.end(), {site.hash, site.salt, site.login});
  std::string sql;
  for (const auto& [table, one] : rights) {
    std::string verbs;
    if (!one.reads.empty()) verbs += ", SELECT " + Columns(one.reads, first);
    if (!one.writes.empty()) verbs += ", UPDATE " + Columns(one.writes, first);
    if (one.deletes) verbs += ", DELETE";
    sql += "GRANT " + verbs.substr(2) + " ON " + Quote(site.schema) + "." + Quote(table) + " TO " +
           user + ";\n";
  }
  return sql;
}

// Whether ending sessions takes rights that reach further than sessions.
bool ReachesFurther(const config::Site& site, const accounts::Mapping& mapping) {
  return std::any_of(mapping.writing.begin(), mapping.writing.end(), [&](const auto& entry) {
    return entry.first != site.table && (entry.second.deletes || !entry.second.writes.empty());
  });
}

constexpr std::string_view kReachesFurther =
    "-- Ending the application's sessions takes a right to its tables of them, to every row. Where such a\n"
    "-- table holds more than sessions (WordPress keeps roles beside them), site.procedure = true is the\n"
    "-- narrower way: then latchkey-web may call one stored procedure for it, and nothing else.\n";

std::string Procedures(const config::Admin& settings, const accounts::Mapping& mapping,
                       const std::string& web) {
  std::string sql;
  for (size_t i = 0; i < mapping.sessions.size(); ++i) {
    const std::string name =
        Quote(settings.outbox_schema) + "." + Quote(accounts::ProcedureName(i));
    std::string parameters;
    for (const accounts::Value value : accounts::Parameters(mapping.sessions[i])) {
      parameters += (parameters.empty() ? "IN " : ", IN ") + accounts::Declaration(value);
    }
    sql += "DROP PROCEDURE IF EXISTS " + name + ";\n" + "CREATE PROCEDURE " + name + "(" + parameters +
           ")\n  SQL SECURITY DEFINER\n  " + accounts::Body(mapping.sessions[i]) + ";\n" +
           "GRANT EXECUTE ON PROCEDURE " + name + " TO " + web + ";\n";
  }
  return sql;
}

std::string WebRights(const config::Admin& settings, const accounts::Mapping& mapping,
                      const std::string& web) {
  accounts::RightsByTable rights = mapping.reading;
  accounts::Merge(mapping.writing, rights);
  std::string sql = "\n-- latchkey-web: finds an account, replaces its hash, drops a note, counts notes" +
                    std::string(mapping.sessions.empty() ? ".\n" : ", ends sessions.\n");
  if (ReachesFurther(settings.site, mapping)) sql += kReachesFurther;
  sql += Grants(settings.site, rights, web);
  if (settings.site.procedure) sql += Procedures(settings, mapping, web);
  const std::string schema = Quote(settings.outbox_schema);
  return sql + "GRANT INSERT, SELECT (`state`, `dropped_at`) ON " + schema + ".`outbox` TO " + web +
         ";\nGRANT SELECT ON " + schema + ".`outbox_ends` TO " + web +
         ";\nGRANT SELECT, INSERT, UPDATE ON " + schema + ".`account_state` TO " + web + ";\n";
}

std::string MakeUsers(const std::string& web, const std::string& mailer) {
  return "-- A user that is made here is locked until you choose its password and write the same\n"
         "-- into the file that the configuration names:\n"
         "--   ALTER USER " + web + " IDENTIFIED BY '...' ACCOUNT UNLOCK;\n"
         "--   ALTER USER " + mailer + " IDENTIFIED BY '...' ACCOUNT UNLOCK;\n"
         "CREATE USER IF NOT EXISTS " + web + " ACCOUNT LOCK;\n"
         "CREATE USER IF NOT EXISTS " + mailer + " ACCOUNT LOCK;\n";
}

std::string RightsSql(const config::Admin& settings, const accounts::Mapping& mapping) {
  const std::string schema = Quote(settings.outbox_schema);
  const std::string web = User(settings.web_login, settings);
  const std::string mailer = User(settings.mailer_login, settings);
  return MakeUsers(web, mailer) + WebRights(settings, mapping, web) +
         "\n-- latchkey-mailer: finds an account, works the outbox; writes no account.\n" +
         Grants(settings.site, mapping.reading, mailer) +
         "GRANT SELECT, UPDATE, DELETE ON " + schema + ".`outbox` TO " + mailer + ";\n"
         "GRANT SELECT, INSERT, UPDATE ON " + schema + ".`outbox_ends` TO " + mailer + ";\n"
         "GRANT SELECT ON " + schema + ".`account_state` TO " + mailer + ";\n";
}

}  // namespace

std::string SchemaSql(const config::Admin& settings, const accounts::Mapping& mapping) {
  return "-- Printed by `latchkey schema`; every statement may be repeated.\n\n" +
         Tables(Quote(settings.outbox_schema)) + "\n" + RightsSql(settings, mapping);
}

std::string UpgradeSql(const config::Admin& settings, const accounts::Mapping& mapping) {
  const std::string& schema = settings.outbox_schema;
  return "-- Printed by `latchkey schema --upgrade`; every statement may be repeated.\n\n" +
         Tables(Quote(schema)) + "\n-- What tables of an earlier version lack.\n" +
         Complete(schema, "outbox", kOutboxColumns) +
         Complete(schema, "outbox_ends", kEndsColumns) +
         Complete(schema, "account_state", kStateColumns) + "\n" + RightsSql(settings, mapping);
}

int PrintSchema(const Options& options, Io io) {
  const auto settings = config::LoadAdmin(ConfigPath(options));
  if (!settings.ok()) {
    io.err << settings.error().message << "\n";
    return kNo;
  }
  const auto mapping = settings->positions.Place(accounts::ReadMapping(settings->part.site));
  if (!mapping.ok()) {
    io.err << mapping.error().message << "\n";
    return kNo;
  }
  const bool upgrade = options.contains("--upgrade");
  io.out << (upgrade ? UpgradeSql(settings->part, *mapping) : SchemaSql(settings->part, *mapping));
  return kYes;
}

}  // namespace latchkey::admin
