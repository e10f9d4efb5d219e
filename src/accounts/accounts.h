// accounts.h -- the site's users table through a mapping
//
// The only module that knows the site's SQL. An account is found by its id or by what a person typed;
// a hash is replaced only by compare-and-swap, which makes a link work once however many browsers race
// for it, on any storage engine. The address that counts is the stored one: the database's collation
// finds candidates, C++ decides (bytes equal, ASCII case apart).

#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/config.h"
#include "db/db.h"

namespace latchkey::accounts {

struct Account {
  std::string id;       // as text, of the table's key
  std::string address;  // as stored; may be anything the site let in
  std::string hash;     // as stored; empty if NULL
};

enum class Swap {
  kDone,
  kLost,  // the stored hash is no longer the old one: somebody was faster. Nothing was changed.
};

// An interface so that the domain is tested without a database.
class Accounts {
 public:
  virtual ~Accounts() = default;

  // Those whose stored address is `typed` (ASCII case apart), at most `most` + 1 of them. `typed` is
  // trimmed already.
  virtual Result<std::vector<Account>> FindByAddress(std::string_view typed, size_t most) = 0;
  // None, or one. An id that is not in the form of the table's key is none, not an error.
  virtual Result<std::vector<Account>> FindById(std::string_view id) = 0;
  // Replaces account.hash by `hash` if it is still the stored one, runs `also` in the same transaction
  // (where the table's engine has them), reads the hash back and compares. `also` may run more than
  // once. When it fails, so does the swap.
  virtual Result<Swap> SwapHash(const Account& account, std::string_view hash,
                                const std::function<Status()>& also) = 0;
};

class SqlAccounts final : public Accounts {
 public:
  // Looks the columns up in the database. kFixSetup says which configured name is wrong
  // ("site.hash: no column ..."). needs_write: the hash column must be ours to write and hold
  // hash_bytes characters. The session outlives this.
  static Result<SqlAccounts> Open(db::Session& session, const config::Site& site, bool needs_write,
                                  size_t hash_bytes);

  Result<std::vector<Account>> FindByAddress(std::string_view typed, size_t most) override;
  Result<std::vector<Account>> FindById(std::string_view id) override;
  Result<Swap> SwapHash(const Account& account, std::string_view hash,
                        const std::function<Status()>& also) override;

 private:
  SqlAccounts(db::Session& session, bool id_is_integer);
  db::Session& session_;
  bool id_is_integer_;
  std::string find_by_address_, find_by_id_, swap_;
};

}  // namespace latchkey::accounts
