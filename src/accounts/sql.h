// sql.h -- SQL about the site's tables as an administrator or a preset writes it
//
//   "{user_status} = 0"
//   "DELETE FROM {usermeta} WHERE {user_id} = :id AND {meta_key} = 'session_tokens'"
//
// Names stand in braces: {column} or {table.column}, of [A-Za-z0-9_$], tables without the site's
// prefix. Binds are named, and each name has one type. Beside them only a white list of tokens
// passes: numbers, plain texts in quotes, operators, some words. So what comes out holds quoted
// names and "?", one statement and no comment, and what it needs of each table is known: the GRANTs
// follow from it. Pure.

#pragma once

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"

namespace latchkey::accounts {

// The values that may stand in the site's SQL.
enum class Value { kId, kLogin, kHash, kAddress, kNow, kTimestamp14, kRandom32Hex };

// What a statement does to a table.
struct Rights {
  std::set<std::string> reads;   // columns
  std::set<std::string> writes;  // columns
  bool deletes = false;          // rows
};
// By the table's whole name.
using RightsByTable = std::map<std::string, Rights, std::less<>>;
// Adds what is in `more`.
void Merge(const RightsByTable& more, RightsByTable& rights);

struct Sql {
  std::string text;
  std::vector<Value> binds;  // one for each "?", in their order
  RightsByTable rights;
};

// Errors are kFixSetup and say what in the text will not do; they begin with no key.

// A condition on the site's accounts.
Result<Sql> ParseCondition(const config::Site& site, std::string_view text);
// "{column} = value", of site.table.
Result<Sql> ParseAssignment(const config::Site& site, std::string_view text);
// "{table} ON condition"; what comes out begins with "JOIN".
Result<Sql> ParseJoin(const config::Site& site, std::string_view text);
// DELETE FROM {table} WHERE ... or UPDATE {table} SET ... WHERE ...; a column without a table is
// one of that table. Both need a WHERE.
Result<Sql> ParseStatement(const config::Site& site, std::string_view text);
// "column" of site.table, or "table.column", as site.address has them.
Result<Sql> ParseColumn(const config::Site& site, std::string_view text);

// The mapping as statements, with the rights that each program needs. Errors begin with the key:
// "site.active: ...".
struct Mapping {
  std::string from;           // "`users` JOIN ..."
  Sql id, hash, salt, login;  // salt, login: empty text where there is none
  std::vector<Sql> addresses;
  std::vector<Sql> active, set, sessions;
  RightsByTable reading;  // to find an account
  RightsByTable writing;  // besides, to set a password and end sessions
};
Result<Mapping> ReadMapping(const config::Site& site);

// With `procedure`, session statement i is a stored procedure of ours. Its name, without the
// schema:
std::string ProcedureName(size_t index);
// The distinct values that it takes, in the order of its parameters;
std::vector<Value> Parameters(const Sql& statement);
// how a parameter is named and typed, "latchkey_id BIGINT UNSIGNED";
std::string Declaration(Value value);
// and its body: the statement with parameters in the place of "?".
std::string Body(const Sql& statement);

}  // namespace latchkey::accounts
