#include "db/db.h"

#include <cppconn/connection.h>
#include <cppconn/exception.h>
#include <cppconn/prepared_statement.h>
#include <cppconn/resultset.h>
#include <cppconn/resultset_metadata.h>
#include <cppconn/statement.h>
#include <mysql_driver.h>

#include <algorithm>
#include <atomic>
#include <map>

#include "base/check.h"
#include "base/lead.h"
#include "db/errors.h"

namespace latchkey::db {
namespace {

using SteadyClock = std::chrono::steady_clock;

// A connection unused for longer is replaced, and not asked whether it lives: of a server that hangs a
// new one tells within the connect timeout, an old one within the read timeout, which slow statements
// need to be long. That costs under a millisecond, and only who has time for it.
constexpr std::chrono::seconds kTrustedIdle{1};
constexpr int kMaxRepeats = 2;
// What fails after longer, and not because of a lock, is a server that hangs: asked again it would
// hang again.
constexpr std::chrono::seconds kPatience{1};

sql::mysql::MySQL_Driver* g_driver = nullptr;

// While the server hangs one thread of the program waits for it and the others say so at once: else
// all would wait, and nobody would be left for what needs no database.
class Turn {
 public:
  explicit Turn(bool is_free)
      : waits_(!is_free && g_hangs), refused_(waits_ && g_is_awaited.exchange(true)) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    if (waits_ && !refused_) g_is_awaited = false;
  }

  bool refused() const { return refused_; }

  static void Succeeded() { g_hangs = false; }
  // Whether that was since the server did not answer in time.
  static bool Failed(int code, SteadyClock::time_point began) {
    const bool hung = MeaningOf(code).fate != Fate::kRefused && IsOverdue(began);
    g_hangs = hung;
    return hung;
  }
  static bool IsOverdue(SteadyClock::time_point began) {
    return SteadyClock::now() - began > kPatience;
  }
  static bool IsAwaited() { return g_hangs && g_is_awaited; }
  static Error Refusal() { return {Next::kTryLater, "the database does not answer"}; }

 private:
  static inline std::atomic<bool> g_hangs = false;
  static inline std::atomic<bool> g_is_awaited = false;
  bool waits_;
  bool refused_;
};

sql::SQLString ToSql(std::string_view text) { return sql::SQLString(text.data(), text.size()); }

std::string HostUrl(const Settings& settings) {
  if (!settings.socket.empty()) return "unix://" + settings.socket;
  const bool is_v6 = settings.host.find(':') != std::string::npos;
  const std::string host = is_v6 ? "[" + settings.host + "]" : settings.host;
  return "tcp://" + host + ":" + std::to_string(settings.port);
}

sql::ConnectOptionsMap Options(const Settings& settings) {
  sql::ConnectOptionsMap options;
  options["hostName"] = ToSql(HostUrl(settings));
  options["userName"] = ToSql(settings.user);
  options["password"] = ToSql(settings.password.Reveal());
  options["schema"] = ToSql(settings.schema);
  options["OPT_CHARSET_NAME"] = sql::SQLString("utf8mb4");
  options["OPT_CONNECT_TIMEOUT"] = static_cast<int>(settings.connect_timeout.count());
  options["OPT_READ_TIMEOUT"] = static_cast<int>(settings.io_timeout.count());
  options["OPT_WRITE_TIMEOUT"] = static_cast<int>(settings.io_timeout.count());
  options["OPT_LOCAL_INFILE"] = 0;  // a server must not be able to ask for our files
  if (settings.tls_ca.empty()) return options;
  // sslEnforce alone still goes plaintext; verifying against a CA refuses.
  options["sslCA"] = ToSql(settings.tls_ca);
  options["sslVerify"] = true;
  return options;
}

// The server's own defaults may be lax, chained or slow to give up.
std::string SessionSetup() {
  const std::string wait = std::to_string(kLockWait.count());
  return "SET SESSION sql_mode = 'STRICT_ALL_TABLES,NO_ENGINE_SUBSTITUTION', autocommit = 1, "
         "completion_type = 0, innodb_lock_wait_timeout = " +
         wait + ", lock_wait_timeout = " + wait;
}

// The library keeps a parameter's type (and its unsigned flag) once it was bound: one statement per
// combination of types.
std::string CacheKey(const std::string& sql, const Binds& binds) {
  std::string key;
  for (const Bind& bind : binds) key += static_cast<char>('0' + bind.index());
  return key + ' ' + sql;
}

void BindAll(sql::PreparedStatement& statement, const Binds& binds) {
  unsigned index = 0;
  for (const Bind& bind : binds) {
    ++index;
    if (const auto* text = std::get_if<std::string>(&bind)) {
      statement.setString(index, ToSql(*text));
    } else if (const auto* number = std::get_if<int64_t>(&bind)) {
      statement.setInt64(index, *number);
    } else if (const auto* positive = std::get_if<uint64_t>(&bind)) {
      statement.setUInt64(index, *positive);
    } else {
      statement.setNull(index, sql::DataType::VARCHAR);
    }
  }
}

void ReadRows(sql::ResultSet& result, std::vector<Row>* rows) {
  const unsigned columns = result.getMetaData()->getColumnCount();
  while (result.next()) {
    Row row;
    for (unsigned column = 1; column <= columns; ++column) {
      const sql::SQLString bytes = result.getString(column);
      if (result.wasNull()) {
        row.emplace_back(std::nullopt);
      } else {
        row.emplace_back(std::string(bytes.c_str(), bytes.length()));
      }
    }
    rows->push_back(std::move(row));
  }
}

}  // namespace

struct Session::Failure {
  int code;
  std::string text;
};

struct Session::Connection {
  std::unique_ptr<sql::Connection> link;  // before the statements, so that it ends after them
  std::map<std::string, std::unique_ptr<sql::PreparedStatement>> statements;
  SteadyClock::time_point used;

  void RunPlain(const std::string& sql) {
    std::unique_ptr<sql::Statement> statement(link->createStatement());
    statement->execute(ToSql(sql));
  }
};

namespace {

// Runs `call`; what the library throws comes back as code and text.
template <typename Failure, typename Call>
std::optional<Failure> Try(const Call& call) {
  try {
    call();
    return std::nullopt;
  } catch (const sql::SQLException& error) {
    return Failure{error.getErrorCode(), error.what()};
  } catch (const std::exception& error) {
    return Failure{0, error.what()};
  }
}

}  // namespace

Settings Settings::Copy() const {
  Settings copy;
  copy.socket = socket;
  copy.host = host;
  copy.port = port;
  copy.tls_ca = tls_ca;
  copy.user = user;
  copy.password = password.Copy();
  copy.schema = schema;
  copy.connect_timeout = connect_timeout;
  copy.io_timeout = io_timeout;
  return copy;
}

Result<std::string> QuoteIdentifier(std::string_view name) {
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '$';
  };
  if (name.empty() || name.size() > 64 || !std::all_of(name.begin(), name.end(), allowed)) {
    return Error{Next::kFixSetup,
                 "a name of a schema, table or column has 1 to 64 of A-Z a-z 0-9 _ $"};
  }
  return "`" + std::string(name) + "`";
}

void InitialiseLibrary() {
  if (g_driver == nullptr) g_driver = sql::mysql::get_mysql_driver_instance();
}

Session::Session(Settings settings) : settings_(std::move(settings)) {
  CHECK(g_driver != nullptr);
}

Session::~Session() = default;

bool Session::IsAwaited() { return Turn::IsAwaited(); }

void Session::Connect() {
  auto fresh = std::make_unique<Connection>();
  sql::ConnectOptionsMap options = Options(settings_);
  fresh->link.reset(g_driver->connect(options));
  fresh->RunPlain("SET NAMES utf8mb4");
  fresh->RunPlain(SessionSetup());
  if (!settings_.tls_ca.empty()) {
    std::unique_ptr<sql::Statement> statement(fresh->link->createStatement());
    std::unique_ptr<sql::ResultSet> result(
        statement->executeQuery("SHOW SESSION STATUS LIKE 'Ssl_cipher'"));
    if (!result->next() || result->getString(2).length() == 0) {
      throw sql::SQLException("the connection is not encrypted", "HY000", 2026);
    }
  }
  fresh->used = SteadyClock::now();
  connection_ = std::move(fresh);
}

void Session::ConnectIfNeeded() {
  if (connection_ && !in_transaction_ && SteadyClock::now() - connection_->used > kTrustedIdle) {
    connection_.reset();
  }
  if (!connection_) Connect();
}

uint64_t Session::RunOnce(const std::string& sql, const Binds& binds, std::vector<Row>* rows,
                          Stage* stage) {
  *stage = Stage::kConnect;
  ConnectIfNeeded();
  *stage = Stage::kPrepare;
  std::unique_ptr<sql::PreparedStatement>& statement =
      connection_->statements[CacheKey(sql, binds)];
  if (!statement) statement.reset(connection_->link->prepareStatement(ToSql(sql)));
  *stage = Stage::kRun;
  BindAll(*statement, binds);
  uint64_t affected = 0;
  if (rows == nullptr) {
    affected = static_cast<uint64_t>(statement->executeUpdate());
  } else {
    rows->clear();
    std::unique_ptr<sql::ResultSet> result(statement->executeQuery());
    ReadRows(*result, rows);
  }
  connection_->used = SteadyClock::now();
  return affected;
}

bool Session::MayRepeat(const Failure& failure, Stage stage, bool reads, int repeats,
                        bool overdue) const {
  if (in_transaction_ || stage == Stage::kConnect) return false;
  if (IsDeadlock(failure.code)) return repeats < kMaxRepeats;
  if (repeats > 0 || overdue) return false;
  const Fate fate = MeaningOf(failure.code).fate;
  if (fate == Fate::kNotRun) return true;
  return fate == Fate::kUnknown && (reads || stage == Stage::kPrepare);
}

Error Session::Report(const Failure& failure, Stage stage, bool reads) {
  Error error = ErrorOf(failure.code, failure.text);
  const Fate fate = MeaningOf(failure.code).fate;
  const bool changed_nothing = stage != Stage::kRun || reads;
  if (fate == Fate::kUnknown && changed_nothing) error.next = Next::kTryLater;
  // What the server refused as bad data leaves a transaction as it was; all else may have ended it.
  if (in_transaction_ && error.next != Next::kFixInput) broken_ = error;
  return error;
}

Result<uint64_t> Session::Run(const std::string& sql, const Binds& binds, std::vector<Row>* rows) {
  if (broken_) return *broken_;
  Lead::GiveUp();
  const Turn turn(/*is_free=*/in_transaction_);
  if (turn.refused()) return Turn::Refusal();
  for (int repeats = 0;; ++repeats) {
    const auto began = SteadyClock::now();
    Stage stage = Stage::kConnect;
    uint64_t affected = 0;
    const auto failure = Try<Failure>([&] { affected = RunOnce(sql, binds, rows, &stage); });
    if (!failure) {
      Turn::Succeeded();
      hung_ = false;
      return affected;
    }

    last_code_ = failure->code;
    hung_ = Turn::Failed(failure->code, began);
    if (MeaningOf(failure->code).fate != Fate::kRefused) {
      connection_.reset();
    } else if (connection_) {
      connection_->statements.erase(CacheKey(sql, binds));
    }
    const bool reads = rows != nullptr;
    const bool overdue = Turn::IsOverdue(began);
    if (!MayRepeat(*failure, stage, reads, repeats, overdue)) return Report(*failure, stage, reads);
  }
}

Result<std::vector<Row>> Session::Query(const std::string& sql, const Binds& binds) {
  std::vector<Row> rows;
  const Result<uint64_t> ran = Run(sql, binds, &rows);
  if (!ran.ok()) return ran.error();
  return rows;
}

Result<uint64_t> Session::Execute(const std::string& sql, const Binds& binds) {
  return Run(sql, binds, nullptr);
}

Status Session::RunPlain(const char* sql) {
  const auto failure = Try<Failure>([&] { connection_->RunPlain(sql); });
  if (!failure) return Ok();
  last_code_ = failure->code;
  connection_.reset();
  return ErrorOf(failure->code, failure->text);
}

Status Session::Begin() {
  last_code_ = 0;
  Lead::GiveUp();
  const Turn turn(/*is_free=*/false);
  if (turn.refused()) return Turn::Refusal();
  for (int repeats = 0;; ++repeats) {
    const auto began = SteadyClock::now();
    const auto failure = Try<Failure>([this] { ConnectIfNeeded(); });
    if (failure) {
      connection_.reset();
      Turn::Failed(failure->code, began);
      return Report(*failure, Stage::kConnect, /*reads=*/false);
    }
    Status started = RunPlain("START TRANSACTION");
    if (started.ok()) return started;
    Turn::Failed(last_code_, began);
    if (repeats == 1 || Turn::IsOverdue(began)) {
      return Error{Next::kTryLater, started.error().message};
    }
  }
}

Status Session::RunTransactionOnce(const std::function<Status()>& work) {
  const Status started = Begin();
  if (!started.ok()) return started;

  in_transaction_ = true;
  Status status = work();
  in_transaction_ = false;
  if (status.ok() && broken_) status = *broken_;
  broken_.reset();
  if (!status.ok()) {
    const int code = last_code_;
    // A failed ROLLBACK drops the connection, which rolls back too.
    if (connection_) static_cast<void>(RunPlain("ROLLBACK"));
    last_code_ = code;
    return status;
  }
  status = RunPlain("COMMIT");
  if (status.ok() || WasUndone(last_code_)) return status;
  return Error{Next::kFindOut, "COMMIT: " + status.error().message};
}

Status Session::Transaction(const std::function<Status()>& work) {
  CHECK(!in_transaction_);
  for (int repeats = 0;; ++repeats) {
    Status status = RunTransactionOnce(work);
    if (status.ok() || !IsDeadlock(last_code_) || repeats == kMaxRepeats) return status;
  }
}

Status Session::CanPrepare(const std::string& sql) {
  CHECK(!in_transaction_);
  Lead::GiveUp();
  const auto failure = Try<Failure>([&] {
    ConnectIfNeeded();
    std::unique_ptr<sql::PreparedStatement> statement(
        connection_->link->prepareStatement(ToSql(sql)));
  });
  if (!failure) return Ok();
  if (MeaningOf(failure->code).fate != Fate::kRefused) connection_.reset();
  return Report(*failure, Stage::kPrepare, /*reads=*/true);
}

}  // namespace latchkey::db
