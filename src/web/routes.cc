#include "web/routes.h"

#include <array>

namespace latchkey::web {
namespace {

using ratelimit::Rule;

constexpr std::array<RouteInfo, 12> kRoutes = {{
    {Route::kHome, "/", true, false, std::nullopt, false},
    {Route::kLogin, "/login", true, true, Rule::kLogin, true},
    {Route::kLogout, "/logout", false, true, std::nullopt, true},
    {Route::kRequest, "/reset_password_request", true, true, Rule::kResetRequest, false},
    {Route::kReset, "/reset_password", true, true, Rule::kResetPassword, false},
    // Below the path of links, which no log holds.
    {Route::kNotMeLink, "/reset_password/not_me/", true, false, std::nullopt, false},
    {Route::kNotMe, "/not_me", true, true, Rule::kResetPassword, false},
    // The same counter as the form without a token: two URLs are not two chances.
    {Route::kLink, "/reset_password/", true, true, Rule::kResetPassword, false},
    {Route::kOutcome, "/outcome", true, false, std::nullopt, false},
    {Route::kChangePassword, "/.well-known/change-password", true, false, std::nullopt, false},
    {Route::kMetrics, "/metrics", true, false, std::nullopt, false},
    {Route::kHealth, "/healthz", true, false, std::nullopt, false},
}};

}  // namespace

std::optional<Match> FindRoute(std::string_view base_path, std::string_view path) {
  if (!path.starts_with(base_path)) return std::nullopt;
  path.remove_prefix(base_path.size());
  if (path.empty()) path = "/";
  for (const RouteInfo& info : kRoutes) {
    const bool is_prefix = info.path.size() > 1 && info.path.ends_with('/');
    if (is_prefix && path.size() > info.path.size() && path.starts_with(info.path)) {
      return Match{&info, path.substr(info.path.size())};
    }
    if (!is_prefix && path == info.path) return Match{&info, {}};
  }
  return std::nullopt;
}

}  // namespace latchkey::web
