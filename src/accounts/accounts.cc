#include "accounts/accounts.h"

#include <algorithm>

#include "base/check.h"
#include "base/clock.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"

namespace latchkey::accounts {
namespace {

constexpr size_t kMaxTypedBytes = 320;
constexpr size_t kMaxIdBytes = 64;
constexpr size_t kMaxLoginBytes = 100;

Error SetupError(std::string_view key, const std::string& problem) {
  return {Next::kFixSetup, std::string(key) + ": " + problem};
}

Error NotUnique() {
  return SetupError("site.id", "several accounts have one id; a unique column is needed");
}

// "hash:salt", or the hash alone where its salt is empty: sites keep hashes of an earlier time, without
// a salt, beside the others.
std::string JoinSalt(const std::string& hash, const std::string& salt) {
  return salt.empty() ? hash : hash + ":" + salt;
}

std::pair<std::string, std::string> SplitSalt(std::string_view stored, bool has_salt) {
  const size_t colon = has_salt ? stored.find(':') : std::string_view::npos;
  if (colon == std::string_view::npos) return {std::string(stored), ""};
  return {std::string(stored.substr(0, colon)), std::string(stored.substr(colon + 1))};
}

// "20261124065500", in UTC.
std::string Timestamp14(std::chrono::sys_seconds time) {
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  char text[32];
  snprintf(text, sizeof text, "%04d%02u%02u%02d%02d%02d", static_cast<int>(date.year()),
           static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
           static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
           static_cast<int>(clock.seconds().count()));
  return text;
}

void AddAddress(Account& account, const std::string& address) {
  std::vector<std::string>& all = account.addresses;
  if (address.empty() || std::find(all.begin(), all.end(), address) != all.end()) return;
  all.push_back(address);
  if (account.address.empty()) account.address = address;
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

Result<SqlAccounts> SqlAccounts::Open(db::Session& session, const config::Site& site,
                                      const Needs& needs) {
  const Result<Mapping> mapping = ReadMapping(site);
  if (!mapping.ok()) return mapping.error();
  Statements statements = Compose(site, *mapping, needs.own_schema, kMaxCandidates);
  const Status catalogue =
      CheckCatalogue(session, site, *mapping, needs.write, needs.hash_bytes, statements);
  if (!catalogue.ok()) return catalogue.error();
  SqlAccounts accounts(session, std::move(statements));
  const Status rights = accounts.CheckRights(needs.write);
  if (!rights.ok()) return rights.error();
  return accounts;
}

Status SqlAccounts::CheckRights(bool needs_write) {
  const auto check = [this](std::string_view key, const std::string& sql) -> Status {
    if (sql.empty()) return Ok();
    const Status prepared = session_.CanPrepare(sql);
    if (prepared.ok()) return Ok();
    return Error{prepared.error().next, std::string(key) + ": " + prepared.error().message};
  };
  std::vector<std::pair<std::string_view, const std::string*>> all = {
      {"site.table", &statements_.find_by_address},
      {"site.login", &statements_.find_by_login},
      {"site.table", &statements_.find_by_id}};
  if (needs_write) {
    all.push_back({"site.hash", &statements_.swap_for_rehash});
    all.push_back({"site.set", &statements_.swap_for_reset});
    for (const std::string& sql : statements_.sessions) all.push_back({"site.sessions", &sql});
  }
  for (const auto& [key, sql] : all) {
    if (auto checked = check(key, *sql); !checked.ok()) return checked;
  }
  return Ok();
}

std::optional<Account> SqlAccounts::AccountOf(const db::Row& row) const {
  std::string id = row[kIdColumn].value_or("");
  if (statements_.id_type == IdType::kInteger) {
    // ZEROFILL columns come with leading zeros.
    const std::optional<uint64_t> number = ParseUnsigned(id);
    if (!number || *number == 0) return std::nullopt;
    id = std::to_string(*number);
  }
  if (!IsTextId(id)) return std::nullopt;
  Account account{std::move(id), "", row[kHashColumn].value_or(""), row[kLoginColumn].value_or("")};
  if (statements_.has_salt && !account.hash.empty()) {
    account.hash = JoinSalt(account.hash, row[kSaltColumn].value_or(""));
  }
  for (size_t i = 0; i < statements_.addresses; ++i) {
    AddAddress(account, row[kFirstAddressColumn + i].value_or(""));
  }
  return account;
}

std::optional<db::Bind> SqlAccounts::KeyOf(std::string_view id) const {
  if (statements_.id_type == IdType::kText) {
    return IsTextId(id) ? std::optional<db::Bind>(std::string(id)) : std::nullopt;
  }
  const std::optional<uint64_t> number = ParseIntegerId(id);
  if (!number) return std::nullopt;
  return db::Bind(*number);
}

Result<std::vector<Account>> SqlAccounts::AccountsOf(const std::vector<db::Row>& rows) const {
  std::vector<Account> accounts;
  for (const db::Row& row : rows) {
    std::optional<Account> account = AccountOf(row);
    if (!account) continue;
    const auto same = std::find_if(accounts.begin(), accounts.end(),
                                   [&](const Account& known) { return known.id == account->id; });
    if (same == accounts.end()) {
      accounts.push_back(std::move(*account));
      continue;
    }
    if (!statements_.all_rows && !statements_.joined) return NotUnique();
    // Rows that differ in it are no one account's; without a hash it is nobody's to take.
    if (same->hash != account->hash) {
      log::Warning("account_rows_differ", {{"account", account->id}});
      same->hash.clear();
    }
    for (const std::string& address : account->addresses) AddAddress(*same, address);
  }
  return accounts;
}

Result<std::vector<Account>> SqlAccounts::Find(const std::string& sql, db::Binds binds) const {
  AddValues(statements_.active, nullptr, binds);
  const Result<std::vector<db::Row>> rows = session_.Query(sql, binds);
  if (rows.ok()) return AccountsOf(*rows);
  // What the column's type or character set cannot hold is nobody's.
  if (rows.error().next == Next::kFixInput) return std::vector<Account>();
  return rows.error();
}

Result<std::vector<Account>> SqlAccounts::WithAllAddresses(std::vector<Account> accounts) {
  if (!statements_.joined) return accounts;
  for (Account& account : accounts) {
    const Result<std::vector<Account>> whole = FindById(account.id);
    if (!whole.ok()) return whole.error();
    if (whole->size() == 1) account.addresses = whole->front().addresses;
  }
  return accounts;
}

Result<std::vector<Account>> SqlAccounts::FindByAddress(std::string_view typed, size_t most) {
  std::vector<Account> found;
  if (typed.empty() || typed.size() > kMaxTypedBytes || HasControls(typed) || !IsValidUtf8(typed)) {
    return found;
  }
  db::Binds binds;
  for (size_t i = 0; i < statements_.addresses; ++i) {
    binds.emplace_back(std::string(typed));
    binds.emplace_back(AsciiLower(typed));
  }
  Result<std::vector<Account>> candidates = Find(statements_.find_by_address, std::move(binds));
  if (!candidates.ok()) return candidates;
  for (Account& account : *candidates) {
    const auto stored = std::find_if(
        account.addresses.begin(), account.addresses.end(),
        [typed](const std::string& one) { return EqualsIgnoringAsciiCase(one, typed); });
    if (stored == account.addresses.end()) continue;
    account.address = *stored;
    found.push_back(std::move(account));
    if (found.size() > most) break;
  }
  return WithAllAddresses(std::move(found));
}

Result<std::vector<Account>> SqlAccounts::FindByLogin(std::string_view typed) {
  std::vector<Account> exact, similar;
  if (statements_.find_by_login.empty() || !IsLogin(typed)) return exact;
  Result<std::vector<Account>> candidates =
      Find(statements_.find_by_login, {std::string(typed), AsciiLower(typed)});
  if (!candidates.ok()) return candidates;
  for (Account& account : *candidates) {
    if (!EqualsIgnoringAsciiCase(account.login, typed)) continue;
    (account.login == typed ? exact : similar).push_back(std::move(account));
  }
  std::vector<Account>& found = exact.empty() ? similar : exact;
  if (found.size() > 1) found.clear();
  return WithAllAddresses(std::move(found));
}

Result<std::vector<Account>> SqlAccounts::FindById(std::string_view id) {
  const std::optional<db::Bind> key = KeyOf(id);
  if (!key) return std::vector<Account>();
  Result<std::vector<Account>> found = Find(statements_.find_by_id, {*key});
  if (!found.ok()) return found;
  // To a collation other ids may be this one.
  std::erase_if(*found, [id](const Account& account) { return account.id != id; });
  return found;
}

void SqlAccounts::AddValues(const std::vector<Value>& values, const Change* change,
                            db::Binds& binds) const {
  const std::chrono::sys_seconds now = SystemClock().Now();
  for (const Value value : values) {
    switch (value) {
      case Value::kNow:
        binds.emplace_back(int64_t{now.time_since_epoch().count()});
        continue;
      case Value::kTimestamp14:
        binds.emplace_back(Timestamp14(now));
        continue;
      case Value::kRandom32Hex:
        binds.emplace_back(crypto::EncodeHex(crypto::RandomBytes(16)));
        continue;
      default:
        break;
    }
    CHECK(change != nullptr);
    switch (value) {
      case Value::kId:
        binds.push_back(*KeyOf(change->account.id));
        break;
      case Value::kLogin:
        binds.emplace_back(change->account.login);
        break;
      case Value::kHash:
        binds.emplace_back(change->hash);
        break;
      default:
        binds.emplace_back(change->account.address);
        break;
    }
  }
}

Result<uint64_t> SqlAccounts::WriteHash(const Change& change) {
  const bool is_reset = change.reason == Reason::kReset;
  const auto [old_hash, old_salt] = SplitSalt(change.account.hash, statements_.has_salt);
  db::Binds binds = {change.hash};
  if (statements_.has_salt) binds.emplace_back(change.salt);
  if (is_reset) AddValues(statements_.set, &change, binds);
  binds.push_back(*KeyOf(change.account.id));
  binds.emplace_back(old_hash);
  if (statements_.has_salt) binds.emplace_back(old_salt);
  if (!statements_.all_rows) AddValues(statements_.active, &change, binds);
  return session_.Execute(is_reset ? statements_.swap_for_reset : statements_.swap_for_rehash,
                          binds);
}

Status SqlAccounts::EndSessions(const Change& change) {
  if (change.reason != Reason::kReset) return Ok();
  for (size_t i = 0; i < statements_.sessions.size(); ++i) {
    db::Binds binds;
    AddValues(statements_.session_values[i], &change, binds);
    const Result<uint64_t> ended = session_.Execute(statements_.sessions[i], binds);
    if (!ended.ok()) return ended.error();
  }
  return Ok();
}

Status SqlAccounts::CheckStored(const Change& change) {
  const Result<std::vector<Account>> stored = FindById(change.account.id);
  // Without transactions the hash is replaced already.
  if (!stored.ok()) return Error{Next::kFindOut, stored.error().message};
  const std::string wanted = JoinSalt(change.hash, change.salt);
  const bool is_ours = stored->size() == 1 && stored->front().hash == wanted;
  if (is_ours && !statements_.all_rows) return Ok();
  if (is_ours) return CheckAllRows(change.account.id, wanted);
  return SetupError("site.hash", "what the column returns is not what was written to it");
}

Status SqlAccounts::CheckAllRows(const std::string& id, const std::string& wanted) {
  const Result<std::vector<db::Row>> rows = session_.Query(statements_.find_rows, {*KeyOf(id)});
  if (!rows.ok()) return Error{Next::kFindOut, rows.error().message};
  for (const db::Row& row : *rows) {
    const std::optional<Account> one = AccountOf(row);
    if (one && (one->id != id || one->hash == wanted)) continue;
    return SetupError("site.rows", "the rows of account " + id + " had different hashes");
  }
  return Ok();
}

Status SqlAccounts::SwapInTransaction(const Change& change, bool repeated, bool* lost) {
  *lost = false;
  // First, so that where the tables have no transactions a failure of it leaves the hash alone.
  if (auto done = change.also(); !done.ok()) return done;
  if (!statements_.transactions) {
    if (auto ended = EndSessions(change); !ended.ok()) return ended;
  }
  const Result<uint64_t> changed = WriteHash(change);
  if (!changed.ok()) return changed.error();
  if (*changed > 1 && !statements_.all_rows) return NotUnique();
  if (*changed == 0 && !repeated) {
    *lost = true;
    return Error{Next::kFixInput, "the stored hash is another already"};
  }
  if (*changed == 0) {
    // Somebody was faster, unless it was our first attempt, whose end nobody saw.
    const Status stored = CheckStored(change);
    *lost = !stored.ok() && stored.error().next == Next::kFixSetup;
    if (!stored.ok()) return stored;
  }
  // Afterwards too: where there are no transactions, one may have begun meanwhile.
  if (auto ended = EndSessions(change); !ended.ok()) {
    if (statements_.transactions) return ended;
    return Error{Next::kFindOut, ended.error().message};
  }
  return CheckStored(change);
}

Result<Swap> SqlAccounts::SwapHash(const Account& account, std::string_view hash, Reason reason,
                                   const std::function<Status()>& also) {
  const auto [new_hash, new_salt] = SplitSalt(hash, statements_.has_salt);
  if (account.hash.empty() || hash.empty() || hash == account.hash || !KeyOf(account.id)) {
    return Swap::kLost;
  }
  const Change change{account, new_hash, new_salt, reason, also};
  // When the outcome is unknown the whole is tried once more: the swap waits for what may still be
  // committing, and finds either the old hash or ours.
  for (bool repeated : {false, true}) {
    bool lost = false;
    const Status status =
        session_.Transaction([&] { return SwapInTransaction(change, repeated, &lost); });
    if (status.ok()) return Swap::kDone;
    if (lost) return Swap::kLost;
    // The first may have taken effect, whatever the second says.
    if (repeated) return Error{Next::kFindOut, status.error().message};
    if (status.error().next != Next::kFindOut) return status.error();
    log::Warning("hash_swap_unknown", {{"account", account.id}});
  }
  return Error{Next::kFindOut, "the hash may have been replaced"};
}

}  // namespace latchkey::accounts
