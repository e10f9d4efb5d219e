// statements.h -- the SQL that a site's mapping comes to
//
// A row of a find_... query is: id, hash, salt, login, then the addresses; '' for what the site has
// not. Each "?" that is not of the site's own SQL is the caller's: the order stands beside it.

#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "accounts/sql.h"
#include "base/result.h"
#include "config/config.h"
#include "db/db.h"

namespace latchkey::accounts {

enum class IdType { kInteger, kText };

enum RowColumn : size_t { kIdColumn, kHashColumn, kSaltColumn, kLoginColumn, kFirstAddressColumn };

struct Statements {
  std::string find_by_address;  // for each address: typed, lower case; then `active`
  std::string find_by_login;    // typed, lower case; then `active`. Empty: none
  std::string find_by_id;       // id; then `active`
  std::string find_rows;        // id: all its rows, active or not
  // hash, salt if has_salt; `set`; id, old hash, old salt; `active` unless all_rows
  std::string swap_for_reset;
  std::string swap_for_rehash;  // the same without `set`
  std::vector<Value> set, active;
  std::vector<std::string> sessions;  // only what `session_values` of the same index says
  std::vector<std::vector<Value>> session_values;

  size_t addresses = 1;
  IdType id_type = IdType::kInteger;
  bool has_salt = false;
  bool joined = false;  // an id may come in several rows that differ in an address
  // An id has several rows, which change together, whichever of them `active` is true of.
  bool all_rows = false;
  bool transactions = false;  // every table that a reset writes to has them
};

// most_rows: of a query by address or login. own_schema: where the procedures are.
Statements Compose(const config::Site& site, const Mapping& mapping, const std::string& own_schema,
                   int most_rows);

// Looks tables and columns up in the database and fills in what only it can say (id_type,
// transactions). Errors begin with the key. hash_bytes: what the columns of hash and salt must hold
// together where write is set.
Status CheckCatalogue(db::Session& session, const config::Site& site, const Mapping& mapping,
                      bool write, size_t hash_bytes, Statements& statements);

}  // namespace latchkey::accounts
