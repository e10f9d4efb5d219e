// db.h -- connections to MySQL or MariaDB, typed binders, and what an error means
//
// One Session a thread, kept; statements are prepared once a connection and kept with it. A connection
// that was lost, or unused for a second, is replaced by a new one, never silently in the middle of a transaction (Connector/C++'s
// own reconnect is off). Every call may block up to the configured timeouts; while the server hangs one
// thread does, and the others' calls fail at once. Connector/C++ throws; nothing leaves this module
// but Result.
//
// Transactions are statements (START TRANSACTION, COMMIT): the library's commit() does not report
// failure. Each session is strict (over-long data is an error, never cut) and waits at most
// kLockWait for a lock, so that a busy table says so before the connection times out.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace latchkey::db {

inline constexpr std::chrono::seconds kLockWait{3};

struct Settings {
  std::string socket;  // path of a unix socket; empty: use host and port
  std::string host;
  int port = 3306;
  std::string tls_ca;  // file of the CA that must have signed the server's certificate; empty: no TLS
  std::string user;
  Secret password;
  std::string schema;  // the default schema: the one with the site's tables
  std::chrono::seconds connect_timeout{2};
  std::chrono::seconds io_timeout{5};

  Settings Copy() const;
};

// A value with its type, for "?" in a statement. Text compares as text and never as a number: an
// integer column is asked with an integer.
using Bind = std::variant<std::nullptr_t, int64_t, uint64_t, std::string>;
using Binds = std::vector<Bind>;

// A row's columns in the order of the SELECT. NULL is nullopt, not "". Bytes as the server sent them
// (the connection speaks utf8mb4).
using Row = std::vector<std::optional<std::string>>;

// "`name`" for a white-listed identifier ([A-Za-z0-9_$]{1,64}); kFixSetup otherwise.
Result<std::string> QuoteIdentifier(std::string_view name);

// Once, in main, before threads: Connector/C++'s driver instance races otherwise.
void InitialiseLibrary();

class Session {
 public:
  // Does not connect: the first statement does. One thread uses a Session.
  explicit Session(Settings settings);
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;
  ~Session();

  // Errors: kTryLater: the server is away, busy, said deadlock (1213), or a lock was not had in time
  // (1205); nothing was changed.
  // kFindOut: the connection went while the statement ran. kFixSetup: access denied, unknown column or
  // table. kFixInput: the data does not fit (1406, 1366, 1062 duplicate key: see IsDuplicate).
  // Outside a transaction a connection found dead before the statement was sent is replaced and the
  // statement sent once more; a SELECT also when the connection went meanwhile; any on deadlock.
  // Inside one, after an error that may have ended it, every further statement fails with that error.

  // Rows of a SELECT.
  Result<std::vector<Row>> Query(const std::string& sql, const Binds& binds = {});
  // Affected rows of INSERT, UPDATE, DELETE (rows matched but left as they were do not count).
  Result<uint64_t> Execute(const std::string& sql, const Binds& binds = {});

  // Runs `work` between START TRANSACTION and COMMIT; ROLLBACK when it fails. kFindOut when COMMIT
  // itself failed, or the connection went inside a statement (engines without transactions keep what
  // was done). Repeats the whole up to twice on deadlock, so `work` must bear repetition. Not nested.
  Status Transaction(const std::function<Status()>& work);

  // Whether the last that was heard of the server, by any session of this program, is that it hangs, and
  // one waits already to see that this is over: others are refused at once.
  static bool IsAwaited();

  // Whether the last statement failed because the server did not answer in time. Another would wait as
  // long.
  bool hung() const { return hung_; }

  // For start-up checks: true if the statement can be prepared as this user.
  Status CanPrepare(const std::string& sql);

 private:
  struct Connection;
  struct Failure;
  enum class Stage { kConnect, kPrepare, kRun };

  // Rows go to `rows` unless it is null; then the answer is the affected rows.
  Result<uint64_t> Run(const std::string& sql, const Binds& binds, std::vector<Row>* rows);
  uint64_t RunOnce(const std::string& sql, const Binds& binds, std::vector<Row>* rows, Stage* stage);
  bool MayRepeat(const Failure& failure, Stage stage, bool reads, int repeats, bool overdue) const;
  Error Report(const Failure& failure, Stage stage, bool reads);
  Status RunPlain(const char* sql);
  Status Begin();
  Status RunTransactionOnce(const std::function<Status()>& work);
  void Connect();
  void ConnectIfNeeded();

  Settings settings_;
  std::unique_ptr<Connection> connection_;
  bool in_transaction_ = false;
  std::optional<Error> broken_;   // why this transaction can only be rolled back
  bool hung_ = false;
  int last_code_ = 0;             // of the last statement that failed
};

// The statement met a unique key that is taken (1062).
bool IsDuplicate(const Error& error);

}  // namespace latchkey::db
