// accounts.h -- the site's users table through a mapping
//
// The only module that knows the site's SQL. An account is found by its id or by what a person typed;
// a hash is replaced only by compare-and-swap, which makes a link work once however many browsers race
// for it, on any storage engine. The address that counts is the stored one: the database's collation
// finds candidates, C++ decides (bytes equal, ASCII case apart).
//
// Limits: of more than kMaxCandidates rows that are one address to the collation, some go unseen.
// Hashes are ASCII, and their column's character set holds ASCII as single bytes.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "accounts/state.h"
#include "accounts/statements.h"
#include "base/result.h"
#include "config/config.h"
#include "db/db.h"

namespace latchkey::accounts {

struct Account {
  std::string id;       // as text, of the table's key
  // As stored; may be anything the site let in. Where the site has several columns of them: the one
  // that was typed, else the first that holds something.
  std::string address;
  // As stored; empty if NULL. Where the site has a column of salts and it is not empty:
  // hash, ":", salt.
  std::string hash;
  std::string login = {};                   // empty: none
  std::vector<std::string> addresses = {};  // all that the columns hold, each once
};

// Why a hash is replaced.
enum class Reason {
  kReset,   // a new password: sessions end, and what site.set names is set
  kRehash,  // the same password under a better hash: nothing but the hash changes
};

enum class Swap {
  kDone,
  kLost,  // the stored hash is no longer the old one: somebody was faster. Nothing was changed.
};

// An interface so that the domain is tested without a database.
class Accounts {
 public:
  virtual ~Accounts() = default;

  // Only accounts that are active by the site's conditions are ever found.

  // Those whose stored address is `typed` (ASCII case apart), at most `most` + 1 of them. `typed` is
  // trimmed already.
  virtual Result<std::vector<Account>> FindByAddress(std::string_view typed, size_t most) = 0;
  // The one whose login is `typed`: exactly, else ASCII case apart. None where several are, and where
  // the site has no logins. `typed` is trimmed already.
  virtual Result<std::vector<Account>> FindByLogin(std::string_view) {
    return std::vector<Account>();
  }
  // None, or one. An id that is not in the form of the table's key is none, not an error.
  virtual Result<std::vector<Account>> FindById(std::string_view id) = 0;
  // Replaces account.hash by `hash` (with its salt) if it is still the stored one, ends the account's
  // sessions on kReset, runs `also` in the same transaction (where the tables' engines have them; else
  // sessions end before and after), reads the hash back and compares. `also` may run more than once,
  // and also when the swap is then lost (and rolled back). When it fails, so does the swap. An account
  // without a hash is never swapped (kLost). kFindOut: whether it took effect is unknown.
  virtual Result<Swap> SwapHash(const Account& account, std::string_view hash, Reason reason,
                                const std::function<Status()>& also) = 0;

  // What we remember of an account; see state.h.
  virtual Result<State> StateOf(std::string_view) { return State(); }
  virtual Status Revoke(std::string_view, std::chrono::sys_seconds, std::chrono::seconds) {
    return Error{Next::kGiveUp, "these accounts have no state"};
  }
};

class SqlAccounts final : public Accounts {
 public:
  static constexpr int kMaxCandidates = 200;

  struct Needs {
    // Passwords are set: the columns must be ours to write, and hold `hash_bytes` (salt included).
    bool write = false;
    size_t hash_bytes = 0;
    // Our own schema, with the procedures where site.procedure says so.
    std::string own_schema = {};
  };
  // Looks the columns up in the database and has every statement prepared there. kFixSetup says which
  // configured name is wrong, its key first ("site.hash: no column ..."). The session outlives this.
  static Result<SqlAccounts> Open(db::Session& session, const config::Site& site,
                                  const Needs& needs);

  Result<std::vector<Account>> FindByAddress(std::string_view typed, size_t most) override;
  Result<std::vector<Account>> FindByLogin(std::string_view typed) override;
  Result<std::vector<Account>> FindById(std::string_view id) override;
  Result<Swap> SwapHash(const Account& account, std::string_view hash, Reason reason,
                        const std::function<Status()>& also) override;

 private:
  // What a change of one account's hash needs to know.
  struct Change {
    const Account& account;
    std::string hash, salt;  // the new ones
    Reason reason;
    const std::function<Status()>& also;
  };

  SqlAccounts(db::Session& session, Statements statements)
      : session_(session), statements_(std::move(statements)) {}
  Status CheckRights(bool needs_write);

  // The row's account; none for a row that nobody can be: an id that a token cannot name.
  std::optional<Account> AccountOf(const db::Row& row) const;
  std::optional<db::Bind> KeyOf(std::string_view id) const;
  // Rows of one id as one account; kFixSetup: there are several where there should be one.
  Result<std::vector<Account>> AccountsOf(const std::vector<db::Row>& rows) const;
  Result<std::vector<Account>> Find(const std::string& sql, db::Binds binds) const;
  // With all addresses, where the query may have seen some of them only.
  Result<std::vector<Account>> WithAllAddresses(std::vector<Account> accounts);
  // The values for "?" in the site's own SQL. change: nullptr where there is nobody yet.
  void AddValues(const std::vector<Value>& values, const Change* change, db::Binds& binds) const;

  Result<uint64_t> WriteHash(const Change& change);
  Status EndSessions(const Change& change);
  // repeated: an earlier attempt may have taken effect.
  Status SwapInTransaction(const Change& change, bool repeated, bool* lost);
  Status CheckStored(const Change& change);
  Status CheckAllRows(const std::string& id, const std::string& wanted);

  db::Session& session_;
  Statements statements_;
};

// By address, or, if `typed` is nobody's, by login: so a login that is made to look like somebody's
// address takes nothing from them. The same queries whatever is found.
Result<std::vector<Account>> FindByTyped(Accounts& accounts, std::string_view typed, size_t most);

// What a login may be: 1 to 100 bytes of UTF-8 without controls, not only blanks.
bool IsLogin(std::string_view text);

// How this program's login reaches the site's tables.
db::Settings SessionSettings(const config::Database& database);

// An id in the form of an integer key: a positive decimal number without sign, blanks or leading
// zeros. nullopt otherwise.
std::optional<uint64_t> ParseIntegerId(std::string_view id);
// What a token can name: 1 to 64 bytes of UTF-8 without controls.
bool IsTextId(std::string_view id);

}  // namespace latchkey::accounts
