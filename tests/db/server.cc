#include "db/server.h"

#include <stdlib.h>
#include <unistd.h>

namespace latchkey {
namespace {

constexpr const char* kPassword = "correct horse";

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  for (size_t at = text.find(from); at != std::string::npos; at = text.find(from, at + to.size())) {
    text.replace(at, from.size(), to);
  }
  return text;
}

}  // namespace

void ServerTest::SetUp() {
  const char* const socket = getenv("LATCHKEY_TEST_MYSQL");
  ASSERT_NE(socket, nullptr) << "LATCHKEY_TEST_MYSQL must name the socket of a private server";
  socket_ = socket;
  db::InitialiseLibrary();
  site_ = "lk_site_" + std::to_string(getpid());
  outbox_ = "lk_outbox_" + std::to_string(getpid());
  db::Settings settings = As("root", "");
  settings.schema = "";
  root_ = std::make_unique<db::Session>(std::move(settings));
  TearDown();
  Sql("CREATE DATABASE $site DEFAULT CHARACTER SET utf8mb4");
  Sql("CREATE DATABASE $outbox DEFAULT CHARACTER SET utf8mb4");
  Sql("CREATE TABLE $outbox.outbox (note_id BINARY(16) PRIMARY KEY, "
      "kind VARCHAR(16) CHARACTER SET ascii NOT NULL, address VARBINARY(320) NOT NULL, "
      "account_id VARBINARY(64) NOT NULL, peer VARBINARY(45) NOT NULL, muted TINYINT NOT NULL, "
      "state VARCHAR(16) CHARACTER SET ascii NOT NULL, tries INT UNSIGNED NOT NULL, "
      "dropped_at DATETIME(6) NOT NULL, due_at DATETIME(6) NOT NULL, lease_owner BINARY(16), "
      "lease_until DATETIME(6), reason VARBINARY(250) NOT NULL, "
      "languages VARBINARY(200) NOT NULL DEFAULT '', KEY (state, due_at)) "
      "ENGINE=InnoDB");
  Sql("CREATE TABLE $outbox.outbox_ends (name VARCHAR(16) CHARACTER SET ascii PRIMARY KEY, "
      "count BIGINT UNSIGNED NOT NULL) ENGINE=InnoDB");
  Sql("CREATE TABLE $outbox.account_state (account_id VARBINARY(64) PRIMARY KEY, "
      "not_before BIGINT NOT NULL, mute_until DATETIME(6) NOT NULL) ENGINE=InnoDB");
  for (const std::string user : {"'$site_web'@'localhost'", "'$site_mailer'@'localhost'"}) {
    Sql("CREATE USER " + user + " IDENTIFIED BY '" + kPassword + "'");
  }
  Sql("GRANT INSERT, SELECT (state, dropped_at) ON $outbox.outbox TO '$site_web'@'localhost'");
  Sql("GRANT SELECT ON $outbox.outbox_ends TO '$site_web'@'localhost'");
  Sql("GRANT SELECT, INSERT, UPDATE ON $outbox.account_state TO '$site_web'@'localhost'");
  Sql("GRANT SELECT ON $outbox.account_state TO '$site_mailer'@'localhost'");
  Sql("GRANT SELECT, UPDATE, DELETE ON $outbox.outbox TO '$site_mailer'@'localhost'");
  Sql("GRANT SELECT, INSERT, UPDATE ON $outbox.outbox_ends TO '$site_mailer'@'localhost'");
}

void ServerTest::TearDown() {
  if (!root_) return;
  Sql("DROP DATABASE IF EXISTS $site");
  Sql("DROP DATABASE IF EXISTS $outbox");
  Sql("DROP USER IF EXISTS '$site_web'@'localhost'");
  Sql("DROP USER IF EXISTS '$site_mailer'@'localhost'");
}

db::Settings ServerTest::As(const std::string& user, const std::string& password) const {
  db::Settings settings;
  settings.socket = socket_;
  settings.user = user;
  settings.password = Secret(std::string(password));
  settings.schema = site_;
  return settings;
}

std::unique_ptr<db::Session> ServerTest::Web() const {
  return std::make_unique<db::Session>(As(site_ + "_web", kPassword));
}
std::unique_ptr<db::Session> ServerTest::Mailer() const {
  return std::make_unique<db::Session>(As(site_ + "_mailer", kPassword));
}
std::unique_ptr<db::Session> ServerTest::Root() const {
  return std::make_unique<db::Session>(As("root", ""));
}

std::string ServerTest::Expand(const std::string& sql) const {
  return Replaced(Replaced(sql, "$site", site_), "$outbox", outbox_);
}

uint64_t ServerTest::Sql(const std::string& sql, const db::Binds& binds) {
  const Result<uint64_t> affected = root_->Execute(Expand(sql), binds);
  EXPECT_TRUE(affected.ok()) << sql << "\n" << affected.error().message;
  return affected.ok() ? *affected : 0;
}

std::vector<db::Row> ServerTest::Rows(const std::string& sql, const db::Binds& binds) {
  Result<std::vector<db::Row>> rows = root_->Query(Expand(sql), binds);
  EXPECT_TRUE(rows.ok()) << sql << "\n" << rows.error().message;
  return rows.ok() ? *std::move(rows) : std::vector<db::Row>{};
}

std::string ServerTest::One(const std::string& sql, const db::Binds& binds) {
  const std::vector<db::Row> rows = Rows(sql, binds);
  if (rows.size() != 1 || rows[0].size() != 1) return "(" + std::to_string(rows.size()) + " rows)";
  return rows[0][0].value_or("(NULL)");
}

void ServerTest::MakeUsers(const std::string& id, const std::string& email, const std::string& hash,
                           const std::string& options) {
  Sql("CREATE TABLE $site.users (id " + id + ", email " + email + ", password_hash " + hash + ") " +
      options);
  Sql("GRANT SELECT (id, email, password_hash), UPDATE (password_hash) ON $site.users "
      "TO '$site_web'@'localhost'");
  Sql("GRANT SELECT (id, email, password_hash) ON $site.users TO '$site_mailer'@'localhost'");
}

void ServerTest::AddUser(const std::string& email, const std::string& hash) {
  Sql("INSERT INTO $site.users (email, password_hash) VALUES (?, ?)", {email, hash});
}

config::Site ServerTest::SiteOfUsers() const {
  return {
      .schema = site_, .table = "users", .id = "id", .addresses = {"email"}, .hash = "password_hash"};
}

std::string ServerTest::ConnectionId(db::Session& session) {
  const Result<std::vector<db::Row>> rows = session.Query("SELECT CONNECTION_ID()");
  EXPECT_TRUE(rows.ok());
  return rows.ok() ? rows->front()[0].value_or("") : "0";
}

void ServerTest::Cut(const std::string& connection_id) { Sql("KILL " + connection_id); }

}  // namespace latchkey
