// server.h -- a real MySQL or MariaDB for a test, and the few sentences to talk to it
//
// LATCHKEY_TEST_MYSQL is the socket of a private server whose root (without a password, or by socket)
// these tests are. Each test has its own pair of schemas, a web and a mailer login with the rights of
// the product and nothing more; all end with the test. Without the variable every test fails.

#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "config/config.h"
#include "db/db.h"

namespace latchkey {

class ServerTest : public ::testing::Test {
 protected:
  void SetUp() override;
  void TearDown() override;

  db::Settings As(const std::string& user, const std::string& password) const;
  std::unique_ptr<db::Session> Web() const;
  std::unique_ptr<db::Session> Mailer() const;
  std::unique_ptr<db::Session> Root() const;

  // As root; fails the test on an error. "$site" and "$outbox" stand for the schemas.
  uint64_t Sql(const std::string& sql, const db::Binds& binds = {});
  std::vector<db::Row> Rows(const std::string& sql, const db::Binds& binds = {});
  std::string One(const std::string& sql, const db::Binds& binds = {});

  // users(id, email, password_hash) with these columns' definitions, and the logins' rights on it.
  void MakeUsers(const std::string& id = "INT AUTO_INCREMENT PRIMARY KEY",
                 const std::string& email = "VARCHAR(255) UNIQUE",
                 const std::string& hash = "VARCHAR(255)",
                 const std::string& options = "ENGINE=InnoDB DEFAULT CHARSET=utf8mb4");
  void AddUser(const std::string& email, const std::string& hash);
  config::Site SiteOfUsers() const;

  // The connection of this session ends as if the network had.
  void Cut(const std::string& connection_id);
  static std::string ConnectionId(db::Session& session);

  std::string site_;
  std::string outbox_;

 private:
  std::string Expand(const std::string& sql) const;
  std::string socket_;
  std::unique_ptr<db::Session> root_;
};

}  // namespace latchkey
