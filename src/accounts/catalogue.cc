// What the database itself says of the site's tables.

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

#include "accounts/statements.h"
#include "base/text.h"

namespace latchkey::accounts {
namespace {

constexpr std::array<std::string_view, 5> kIntegerTypes = {"tinyint", "smallint", "mediumint",
                                                           "int", "bigint"};
constexpr std::array<std::string_view, 10> kTextTypes = {
    "char",     "varchar", "tinytext",  "text",     "mediumtext",
    "longtext", "binary",  "varbinary", "tinyblob", "blob"};

template <size_t count>
bool IsOneOf(std::string_view name, const std::array<std::string_view, count>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error SetupError(std::string_view key, const std::string& problem) {
  return {Next::kFixSetup, std::string(key) + ": " + problem};
}

struct Column {
  std::string name;
  std::string type;
  uint64_t capacity = 0;  // in characters
};

// The columns of one table that this user may see.
class Columns {
 public:
  static Result<Columns> Read(db::Session& session, const std::string& schema,
                              const std::string& table, std::string_view key) {
    const Result<std::vector<db::Row>> rows = session.Query(
        "SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH FROM information_schema.COLUMNS"
        " WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?",
        {schema, table});
    if (!rows.ok()) return Error{rows.error().next, "database: " + rows.error().message};
    Columns columns;
    columns.table_ = "`" + schema + "`.`" + table + "`";
    for (const db::Row& row : *rows) {
      columns.columns_.push_back({row[0].value_or(""), AsciiLower(row[1].value_or("")),
                                  ParseUnsigned(row[2].value_or("")).value_or(0)});
    }
    if (columns.columns_.empty()) {
      return SetupError(
          key,
          "no table " + columns.table_ +
              ", or no right to read it; correct the name or run the GRANTs of `latchkey schema`");
    }
    return columns;
  }

  Result<Column> Find(std::string_view key, const std::string& name) const {
    for (const Column& column : columns_) {
      if (EqualsIgnoringAsciiCase(column.name, name)) return column;
    }
    return SetupError(
        key,
        "no column `" + name + "` in " + table_ +
            ", or no right to read it; correct the name or run the GRANTs of `latchkey schema`");
  }

  Result<Column> FindText(std::string_view key, const std::string& name) const {
    Result<Column> column = Find(key, name);
    if (!column.ok() || IsOneOf(column->type, kTextTypes)) return column;
    return SetupError(key, "column `" + name + "` of " + table_ + " is of type " + column->type +
                               "; a text column is needed");
  }

 private:
  std::string table_;
  std::vector<Column> columns_;
};

// The columns of all tables that accounts are read from.
class Catalogue {
 public:
  static Result<Catalogue> Read(db::Session& session, const config::Site& site,
                                const Mapping& mapping) {
    Catalogue catalogue(site);
    for (const auto& [table, rights] : mapping.reading) {
      const bool own = table == site.table;
      Result<Columns> columns =
          Columns::Read(session, site.schema, table, own ? "site.table" : "site.joins");
      if (!columns.ok()) return columns.error();
      catalogue.tables_.emplace(table, std::move(*columns));
    }
    return catalogue;
  }

  // name: "column" or "table.column".
  Result<Column> FindText(std::string_view key, const std::string& name) const {
    const size_t dot = name.find('.');
    if (dot == std::string::npos) return tables_.at(site_.table).FindText(key, name);
    return tables_.at(site_.prefix + name.substr(0, dot)).FindText(key, name.substr(dot + 1));
  }

  Result<IdType> FindId() const {
    const Result<Column> id = tables_.at(site_.table).Find("site.id", site_.id);
    if (!id.ok()) return id.error();
    if (IsOneOf(id->type, kIntegerTypes)) return IdType::kInteger;
    if (IsOneOf(id->type, kTextTypes)) return IdType::kText;
    return SetupError("site.id", "column `" + site_.id + "` is of type " + id->type +
                                     "; an integer or a text column is needed");
  }

 private:
  explicit Catalogue(const config::Site& site) : site_(site) {}
  const config::Site& site_;
  std::map<std::string, Columns, std::less<>> tables_;
};

Status CheckNames(const Catalogue& catalogue, const config::Site& site) {
  for (const std::string& name : site.addresses) {
    const Result<Column> address = catalogue.FindText("site.address", name);
    if (!address.ok()) return address.error();
  }
  if (site.login.empty()) return Ok();
  const Result<Column> login = catalogue.FindText("site.login", site.login);
  return login.ok() ? Ok() : Status(login.error());
}

Status CheckHash(const Catalogue& catalogue, const config::Site& site, bool write,
                 size_t hash_bytes) {
  const Result<Column> hash = catalogue.FindText("site.hash", site.hash);
  if (!hash.ok()) return hash.error();
  size_t capacity = hash->capacity;
  if (!site.salt.empty()) {
    const Result<Column> salt = catalogue.FindText("site.salt", site.salt);
    if (!salt.ok()) return salt.error();
    capacity += 1 + salt->capacity;
  }
  if (!write || capacity >= hash_bytes) return Ok();
  return SetupError("site.hash", "column `" + site.hash + "` holds " + std::to_string(capacity) +
                                     " characters and the scheme's hash needs " +
                                     std::to_string(hash_bytes) +
                                     "; make the column wider or choose another site.scheme");
}

// An id of the procedures is a number.
Status CheckProcedure(const config::Site& site, const Mapping& mapping, IdType id_type) {
  if (!site.procedure || id_type == IdType::kInteger) return Ok();
  for (const Sql& sql : mapping.sessions) {
    if (std::find(sql.binds.begin(), sql.binds.end(), Value::kId) == sql.binds.end()) continue;
    return SetupError("site.procedure", "needs a key column of integers; set it to false");
  }
  return Ok();
}

// A table that this user cannot see counts as one without.
Result<bool> HaveTransactions(db::Session& session, const config::Site& site,
                              const Mapping& mapping) {
  std::set<std::string> tables = {site.table};
  for (const Sql& sql : mapping.sessions) {
    for (const auto& [table, rights] : sql.rights) tables.insert(table);
  }
  for (const std::string& table : tables) {
    const Result<std::vector<db::Row>> rows = session.Query(
        "SELECT 1 FROM information_schema.TABLES t JOIN information_schema.ENGINES e"
        " ON e.ENGINE = t.ENGINE WHERE t.TABLE_SCHEMA = ? AND t.TABLE_NAME = ?"
        " AND e.TRANSACTIONS = 'YES'",
        {site.schema, table});
    if (!rows.ok()) return Error{rows.error().next, "database: " + rows.error().message};
    if (rows->empty()) return false;
  }
  return true;
}

}  // namespace

Status CheckCatalogue(db::Session& session, const config::Site& site, const Mapping& mapping,
                      bool write, size_t hash_bytes, Statements& statements) {
  const Result<Catalogue> catalogue = Catalogue::Read(session, site, mapping);
  if (!catalogue.ok()) return catalogue.error();
  const Result<IdType> id_type = catalogue->FindId();
  if (!id_type.ok()) return id_type.error();
  if (auto names = CheckNames(*catalogue, site); !names.ok()) return names;
  if (auto hash = CheckHash(*catalogue, site, write, hash_bytes); !hash.ok()) return hash;
  if (auto checked = CheckProcedure(site, mapping, *id_type); !checked.ok()) return checked;
  const Result<bool> transactions = HaveTransactions(session, site, mapping);
  if (!transactions.ok()) return transactions.error();
  statements.id_type = *id_type;
  statements.transactions = *transactions;
  return Ok();
}

}  // namespace latchkey::accounts
