// routes.h -- which path means what
//
// One table: path below the base URL, methods, and the limit that its POSTs count against.

#pragma once

#include <optional>
#include <string_view>

#include "ratelimit/store.h"

namespace latchkey::web {

enum class Route {
  kHome,            // /
  kLogin,           // /login
  kLogout,          // /logout
  kRequest,         // /reset_password_request
  kLink,            // /reset_password/<token>
  kReset,           // /reset_password
  kOutcome,         // /outcome
  kChangePassword,  // /.well-known/change-password
  kMetrics,         // /metrics
  kHealth,          // /healthz
  kNotMeLink,       // /reset_password/not_me/<token>
  kNotMe,           // /not_me
};

struct RouteInfo {
  Route route;
  std::string_view path;
  bool get;  // and HEAD
  bool post;
  std::optional<ratelimit::Rule> rule;  // that its POSTs count against
  bool only_with_login;  // there only while the built-in sign-in page is on
};

struct Match {
  const RouteInfo* info = nullptr;
  std::string_view token;  // of a route whose path ends with a slash: what follows it
};

// nullopt: no such path. base_path: "" or "/account".
std::optional<Match> FindRoute(std::string_view base_path, std::string_view path);

}  // namespace latchkey::web
