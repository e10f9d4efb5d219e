#include <ostream>
#include <utility>

#include "accounts/accounts.h"
#include "admin/commands.h"
#include "base/text.h"

namespace latchkey::admin {
namespace {

// At a reload the old and the new are there.
constexpr uint64_t kGenerations = 2;

struct Need {
  uint64_t web = 0;
  uint64_t mailer = 0;
};

Need NeedOf(const config::Supervisor& settings) {
  const config::Threads threads = config::Share(settings.threads);
  const int of_worker = threads.answering + threads.storing;
  return {.web = kGenerations * static_cast<uint64_t>(settings.workers * of_worker),
          .mailer = kGenerations * static_cast<uint64_t>(settings.mailer_threads)};
}

// Of the server as a whole, and of this user; 0: no limit.
struct Allowed {
  uint64_t all = 0;
  uint64_t user = 0;
};

Result<Allowed> Ask(const config::Database& database) {
  db::Session session(accounts::SessionSettings(database));
  const auto rows =
      session.Query("SELECT @@GLOBAL.max_connections, @@SESSION.max_user_connections");
  if (!rows.ok()) return rows.error();
  const auto number = [&](size_t column) {
    return ParseUnsigned(rows->at(0)[column].value_or("")).value_or(0);
  };
  return Allowed{.all = number(0), .user = number(1)};
}

std::string Complaint(const std::string& whose, uint64_t allowed, uint64_t needed) {
  return whose + " is " + std::to_string(allowed) + ", but up to " + std::to_string(needed) +
         " connections may be open; raise it, or lower web.workers, web.threads or "
         "relay.connections";
}

// Empty: there are enough.
std::string Compare(const std::string& user, const Allowed& allowed, uint64_t own, uint64_t all) {
  if (allowed.all < all) return Complaint("the database's max_connections", allowed.all, all);
  if (allowed.user == 0 || allowed.user >= own) return "";
  return Complaint("the database's max_user_connections for " + user, allowed.user, own);
}

}  // namespace

bool CheckConnections(const std::string& path, const config::Supervisor& settings, Io io) {
  const Need need = NeedOf(settings);
  const uint64_t all = need.web + need.mailer;
  io.out << "connections: up to " << all << " to the database, " << need.web << " of "
         << settings.workers << " workers with " << settings.threads << " threads and "
         << need.mailer << " of the mailer, since at a reload both old and new are there\n";
  const auto web = config::LoadWeb(path);
  const auto mailer = config::LoadMailer(path);
  if (!web.ok() || !mailer.ok()) return true;
  db::InitialiseLibrary();
  const std::pair<const config::Database&, uint64_t> users[] = {
      {web->part.database, need.web}, {mailer->part.database, need.mailer}};
  for (const auto& [database, own] : users) {
    const auto allowed = Ask(database);
    const std::string wrong =
        allowed.ok() ? Compare(database.user, *allowed, own, all) : allowed.error().message;
    if (wrong.empty()) continue;
    io.err << web->positions.Blame("web.threads", wrong).message << "\n";
    return false;
  }
  return true;
}

}  // namespace latchkey::admin
