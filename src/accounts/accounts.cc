#include "accounts/accounts.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/text.h"

namespace latchkey::accounts {
namespace {

constexpr size_t kMaxTypedBytes = 320;
constexpr size_t kMaxIdBytes = 64;
constexpr size_t kMaxLoginBytes = 100;

constexpr std::array<std::string_view, 5> kIntegerTypes = {"tinyint", "smallint", "mediumint",
                                                           "int", "bigint"};
constexpr std::array<std::string_view, 10> kTextTypes = {
    "char", "varchar", "tinytext", "text",     "mediumtext",
    "longtext", "binary",  "varbinary", "tinyblob", "blob"};

template <size_t count>
bool IsOneOf(std::string_view name, const std::array<std::string_view, count>& names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

Error SetupError(std::string_view key, const std::string& problem) {
  return {Next::kFixSetup, std::string(key) + ": " + problem};
}

Error NotUnique() {
  return SetupError("site.id", "several accounts have one id; a unique column is needed");
}

struct Column {
  std::string name;
  std::string type;
  uint64_t capacity = 0;  // in characters
};

// The columns of the table that this user may see.
class Columns {
 public:
  static Result<Columns> Read(db::Session& session, const config::Site& site) {
    const Result<std::vector<db::Row>> rows = session.Query(
        "SELECT COLUMN_NAME, DATA_TYPE, CHARACTER_MAXIMUM_LENGTH FROM information_schema.COLUMNS"
        " WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?", {site.schema, site.table});
    if (!rows.ok()) return Error{rows.error().next, "database: " + rows.error().message};
    Columns columns;
    columns.table_ = "`" + site.schema + "`.`" + site.table + "`";
    for (const db::Row& row : *rows) {
      columns.columns_.push_back({row[0].value_or(""), AsciiLower(row[1].value_or("")),
                                  ParseUnsigned(row[2].value_or("")).value_or(0)});
    }
    if (columns.columns_.empty()) {
      return SetupError(
          "site.table",
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

struct Names {
  std::string table, id, address, hash;
  std::string login;  // empty: none
};

Result<Names> Quote(const config::Site& site) {
  const std::array<std::pair<std::string_view, const std::string*>, 5> parts = {{
      {"database.schema", &site.schema}, {"site.table", &site.table}, {"site.id", &site.id},
      {"site.address", &site.address}, {"site.hash", &site.hash}}};
  std::vector<std::string> quoted;
  for (const auto& [key, name] : parts) {
    Result<std::string> one = db::QuoteIdentifier(*name);
    if (!one.ok()) return SetupError(key, one.error().message);
    quoted.push_back(*std::move(one));
  }
  std::string login;
  if (!site.login.empty()) {
    Result<std::string> one = db::QuoteIdentifier(site.login);
    if (!one.ok()) return SetupError("site.login", one.error().message);
    login = *std::move(one);
  }
  return Names{quoted[0] + "." + quoted[1], quoted[2], quoted[3], quoted[4], login};
}

Status CheckHash(const Columns& columns, const config::Site& site, bool needs_write,
                 size_t hash_bytes) {
  const Result<Column> hash = columns.FindText("site.hash", site.hash);
  if (!hash.ok()) return hash.error();
  if (!needs_write || hash->capacity >= hash_bytes) return Ok();
  return SetupError("site.hash",
                    "column `" + site.hash + "` holds " + std::to_string(hash->capacity) +
                        " characters and the scheme's hash needs " + std::to_string(hash_bytes) +
                        "; make the column wider or choose another site.scheme");
}

}  // namespace

std::optional<uint64_t> ParseIntegerId(std::string_view id) {
  if (id.empty() || id.front() == '0') return std::nullopt;
  return ParseUnsigned(id);
}

bool IsTextId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxIdBytes && !HasControls(id) && IsValidUtf8(id);
}

bool IsLogin(std::string_view text) {
  return !TrimBlanks(text).empty() && text.size() <= kMaxLoginBytes && !HasControls(text) &&
         IsValidUtf8(text);
}

Result<std::vector<Account>> FindByTyped(Accounts& accounts, std::string_view typed, size_t most) {
  Result<std::vector<Account>> by_address = accounts.FindByAddress(typed, most);
  if (!by_address.ok()) return by_address;
  Result<std::vector<Account>> by_login = accounts.FindByLogin(typed);
  if (!by_login.ok()) return by_login;
  return by_address->empty() ? by_login : by_address;
}

db::Settings SessionSettings(const config::Database& database) {
  db::Settings settings;
  settings.socket = database.socket;
  settings.host = database.host;
  settings.port = database.port;
  settings.tls_ca = database.tls_ca;
  settings.user = database.user;
  settings.password = database.password.Copy();
  settings.schema = database.schema;
  return settings;
}

SqlAccounts::SqlAccounts(db::Session& session, IdType id_type)
    : session_(session), id_type_(id_type) {}

Result<SqlAccounts> SqlAccounts::Open(db::Session& session, const config::Site& site,
                                      bool needs_write, size_t hash_bytes) {
  const Result<Names> names = Quote(site);
  if (!names.ok()) return names.error();
  const Result<Columns> columns = Columns::Read(session, site);
  if (!columns.ok()) return columns.error();
  const Result<Column> id = columns->Find("site.id", site.id);
  if (!id.ok()) return id.error();
  const bool is_integer = IsOneOf(id->type, kIntegerTypes);
  if (!is_integer && !IsOneOf(id->type, kTextTypes)) {
    return SetupError("site.id", "column `" + site.id + "` is of type " + id->type +
                                     "; an integer or a text column is needed");
  }
  const Result<Column> address = columns->FindText("site.address", site.address);
  if (!address.ok()) return address.error();
  if (!site.login.empty()) {
    const Result<Column> login = columns->FindText("site.login", site.login);
    if (!login.ok()) return login.error();
  }
  const Status hash = CheckHash(*columns, site, needs_write, hash_bytes);
  if (!hash.ok()) return hash.error();

  SqlAccounts accounts(session, is_integer ? IdType::kInteger : IdType::kText);
  const std::string select =
      "SELECT " + names->id + ", " + names->address + ", " + names->hash + " FROM " + names->table;
  accounts.find_by_address_ = select + " WHERE " + names->address + " = ? OR " + names->address +
                              " = ? LIMIT " + std::to_string(kMaxCandidates);
  if (!names->login.empty()) {
    accounts.find_by_login_ = "SELECT " + names->id + ", " + names->address + ", " + names->hash + ", " +
                              names->login + " FROM " + names->table + " WHERE " + names->login +
                              " = ? OR " + names->login + " = ? LIMIT " +
                              std::to_string(kMaxCandidates);
  }
  accounts.find_by_id_ = select + " WHERE " + names->id + " = ? LIMIT 10";
  accounts.swap_ = "UPDATE " + names->table + " SET " + names->hash + " = ? WHERE " + names->id +
                   " = ? AND CAST(" + names->hash + " AS BINARY) = ?";
  const Status rights = accounts.CheckRights(needs_write);
  if (!rights.ok()) return rights.error();
  return accounts;
}

Status SqlAccounts::CheckRights(bool needs_write) {
  const Status reads = session_.CanPrepare(find_by_address_);
  if (!reads.ok()) return Error{reads.error().next, "site.table: " + reads.error().message};
  if (!find_by_login_.empty()) {
    const Status logins = session_.CanPrepare(find_by_login_);
    if (!logins.ok()) return Error{logins.error().next, "site.login: " + logins.error().message};
  }
  if (!needs_write) return Ok();
  const Status writes = session_.CanPrepare(swap_);
  if (!writes.ok()) return Error{writes.error().next, "site.hash: " + writes.error().message};
  return Ok();
}

std::optional<Account> SqlAccounts::AccountOf(const db::Row& row) const {
  std::string id = row[0].value_or("");
  if (id_type_ == IdType::kInteger) {
    // ZEROFILL columns come with leading zeros.
    const std::optional<uint64_t> number = ParseUnsigned(id);
    if (!number || *number == 0) return std::nullopt;
    id = std::to_string(*number);
  }
  if (!IsTextId(id)) return std::nullopt;
  return Account{std::move(id), row[1].value_or(""), row[2].value_or("")};
}

std::optional<db::Bind> SqlAccounts::KeyOf(std::string_view id) const {
  if (id_type_ == IdType::kText) {
    return IsTextId(id) ? std::optional<db::Bind>(std::string(id)) : std::nullopt;
  }
  const std::optional<uint64_t> number = ParseIntegerId(id);
  if (!number) return std::nullopt;
  return db::Bind(*number);
}

Result<std::vector<Account>> SqlAccounts::FindByAddress(std::string_view typed, size_t most) {
  std::vector<Account> found;
  if (typed.empty() || typed.size() > kMaxTypedBytes || HasControls(typed) || !IsValidUtf8(typed)) {
    return found;
  }
  const Result<std::vector<db::Row>> rows =
      session_.Query(find_by_address_, {std::string(typed), AsciiLower(typed)});
  if (!rows.ok()) {
    // What the column's character set cannot hold is nobody's address.
    if (rows.error().next == Next::kFixInput) return found;
    return rows.error();
  }
  for (const db::Row& row : *rows) {
    std::optional<Account> account = AccountOf(row);
    if (!account || !EqualsIgnoringAsciiCase(account->address, typed)) continue;
    found.push_back(std::move(*account));
    if (found.size() > most) break;
  }
  return found;
}

Result<std::vector<Account>> SqlAccounts::FindByLogin(std::string_view typed) {
  std::vector<Account> exact, similar;
  if (find_by_login_.empty() || !IsLogin(typed)) return exact;
  const Result<std::vector<db::Row>> rows =
      session_.Query(find_by_login_, {std::string(typed), AsciiLower(typed)});
  if (!rows.ok()) {
    if (rows.error().next == Next::kFixInput) return exact;
    return rows.error();
  }
  for (const db::Row& row : *rows) {
    std::optional<Account> account = AccountOf(row);
    const std::string login = row[3].value_or("");
    if (!account || !EqualsIgnoringAsciiCase(login, typed)) continue;
    (login == typed ? exact : similar).push_back(std::move(*account));
  }
  std::vector<Account>& found = exact.empty() ? similar : exact;
  if (found.size() > 1) found.clear();
  return std::move(found);
}

Result<std::vector<Account>> SqlAccounts::FindById(std::string_view id) {
  std::vector<Account> found;
  const std::optional<db::Bind> key = KeyOf(id);
  if (!key) return found;
  const Result<std::vector<db::Row>> rows = session_.Query(find_by_id_, {*key});
  if (!rows.ok()) {
    if (rows.error().next == Next::kFixInput) return found;
    return rows.error();
  }
  for (const db::Row& row : *rows) {
    std::optional<Account> account = AccountOf(row);
    if (account && account->id == id) found.push_back(std::move(*account));
  }
  if (found.size() > 1) return NotUnique();
  return found;
}

Status SqlAccounts::SwapInTransaction(const Account& account, const std::string& hash,
                                      const std::function<Status()>& also, bool* lost) {
  *lost = false;
  // First, so that where the users table has no transactions a failure of it leaves the hash alone.
  const Status done = also();
  if (!done.ok()) return done;

  const Result<uint64_t> changed =
      session_.Execute(swap_, {hash, *KeyOf(account.id), account.hash});
  if (!changed.ok()) return changed.error();
  if (*changed > 1) return NotUnique();
  if (*changed == 0) {
    *lost = true;
    return Error{Next::kFixInput, "the stored hash is another already"};
  }
  const Result<std::vector<Account>> stored = FindById(account.id);
  // Without transactions the hash is replaced already.
  if (!stored.ok()) return Error{Next::kFindOut, stored.error().message};
  if (stored->size() != 1 || stored->front().hash != hash) {
    return SetupError("site.hash", "what the column returns is not what was written to it");
  }
  return Ok();
}

Result<Swap> SqlAccounts::SwapHash(const Account& account, std::string_view hash,
                                   const std::function<Status()>& also) {
  const std::string wanted(hash);
  if (account.hash.empty() || wanted.empty() || wanted == account.hash || !KeyOf(account.id)) {
    return Swap::kLost;
  }
  // When the outcome is unknown the whole is tried once more: the swap waits for what may still be
  // committing, and finds either the old hash or ours.
  for (int attempt = 0;; ++attempt) {
    bool lost = false;
    const Status status = session_.Transaction(
        [&] { return SwapInTransaction(account, wanted, also, &lost); });
    if (status.ok()) return Swap::kDone;
    if (lost && attempt == 0) return Swap::kLost;
    if (lost) break;
    // The first may have taken effect, whatever the second says.
    if (attempt == 1) return Error{Next::kFindOut, status.error().message};
    if (status.error().next != Next::kFindOut) return status.error();
    log::Warning("hash_swap_unknown", {{"account", account.id}});
  }
  const Result<std::vector<Account>> stored = FindById(account.id);
  if (!stored.ok()) return Error{Next::kFindOut, stored.error().message};
  const bool is_ours = stored->size() == 1 && stored->front().hash == wanted;
  return is_ours ? Swap::kDone : Swap::kLost;
}

}  // namespace latchkey::accounts
