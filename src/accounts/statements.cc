#include "accounts/statements.h"

namespace latchkey::accounts {
namespace {

std::string Join(const std::vector<Sql>& parts, std::string_view separator) {
  std::string joined;
  for (const Sql& part : parts)
    joined += (joined.empty() ? "" : std::string(separator)) + part.text;
  return joined;
}

std::vector<Value> BindsOf(const std::vector<Sql>& parts) {
  std::vector<Value> binds;
  for (const Sql& part : parts) binds.insert(binds.end(), part.binds.begin(), part.binds.end());
  return binds;
}

std::string TextOr(const Sql& column) { return column.text.empty() ? "''" : column.text; }

std::string Select(const Mapping& mapping) {
  std::string columns = mapping.id.text + ", " + mapping.hash.text + ", " + TextOr(mapping.salt) +
                        ", " + TextOr(mapping.login);
  return "SELECT " + columns + ", " + Join(mapping.addresses, ", ") + " FROM " + mapping.from;
}

// " WHERE (condition) AND (active) ..."
std::string Where(const Mapping& mapping, const std::string& condition) {
  std::string where = " WHERE (" + condition + ")";
  for (const Sql& active : mapping.active) where += " AND (" + active.text + ")";
  return where;
}

// One of the columns is what was typed, or its lower case.
std::string IsTyped(const std::vector<Sql>& columns) {
  std::string condition;
  for (const Sql& column : columns) {
    if (!condition.empty()) condition += " OR ";
    condition += column.text + " = ? OR " + column.text + " = ?";
  }
  return condition;
}

std::string Swap(const Mapping& mapping, bool with_set, bool all_rows) {
  const bool has_salt = !mapping.salt.text.empty();
  std::string sql = "UPDATE " + mapping.from + " SET " + mapping.hash.text + " = ?";
  if (has_salt) sql += ", " + mapping.salt.text + " = ?";
  if (with_set && !mapping.set.empty()) sql += ", " + Join(mapping.set, ", ");
  std::string condition =
      mapping.id.text + " = ? AND CAST(" + mapping.hash.text + " AS BINARY) = ?";
  if (has_salt) condition += " AND CAST(COALESCE(" + mapping.salt.text + ", '') AS BINARY) = ?";
  return sql + (all_rows ? " WHERE " + condition : Where(mapping, condition));
}

std::string Call(const std::string& own_schema, size_t index, size_t parameters) {
  std::string call = "CALL `" + own_schema + "`.`" + ProcedureName(index) + "`(";
  for (size_t i = 0; i < parameters; ++i) call += i == 0 ? "?" : ", ?";
  return call + ")";
}

void ComposeSessions(const config::Site& site, const Mapping& mapping,
                     const std::string& own_schema, Statements& statements) {
  for (size_t i = 0; i < mapping.sessions.size(); ++i) {
    const Sql& one = mapping.sessions[i];
    const std::vector<Value> values = site.procedure ? Parameters(one) : one.binds;
    statements.sessions.push_back(site.procedure ? Call(own_schema, i, values.size()) : one.text);
    statements.session_values.push_back(values);
  }
}

}  // namespace

Statements Compose(const config::Site& site, const Mapping& mapping, const std::string& own_schema,
                   int most_rows) {
  const std::string select = Select(mapping);
  const std::string limit = " LIMIT " + std::to_string(most_rows);
  Statements statements;
  statements.addresses = mapping.addresses.size();
  statements.has_salt = !mapping.salt.text.empty();
  statements.joined = !site.joins.empty();
  statements.all_rows = site.all_rows;
  statements.find_by_address = select + Where(mapping, IsTyped(mapping.addresses)) + limit;
  if (!mapping.login.text.empty()) {
    statements.find_by_login = select + Where(mapping, IsTyped({mapping.login})) + limit;
  }
  statements.find_by_id = select + Where(mapping, mapping.id.text + " = ?") + limit;
  statements.find_rows = select + " WHERE " + mapping.id.text + " = ?";
  statements.swap_for_reset = Swap(mapping, /*with_set=*/true, site.all_rows);
  statements.swap_for_rehash = Swap(mapping, /*with_set=*/false, site.all_rows);
  statements.set = BindsOf(mapping.set);
  statements.active = BindsOf(mapping.active);
  ComposeSessions(site, mapping, own_schema, statements);
  return statements;
}

}  // namespace latchkey::accounts
