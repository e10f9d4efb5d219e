#include "web/routes.h"

#include <array>

namespace latchkey::web {
namespace {

constexpr std::array<RouteInfo, 11> kRoutes = {{
    {Route::kHome, "/", true, false, Counted::kNot, false},
    {Route::kLogin, "/login", true, true, Counted::kLogin, true},
    {Route::kLogout, "/logout", false, true, Counted::kNot, true},
    {Route::kRequest, "/reset_password_request", true, true, Counted::kRequest, false},
    {Route::kReset, "/reset_password", true, true, Counted::kReset, false},
    // Below the path of links, which no log holds.
    {Route::kNotMeLink, "/reset_password/not_me/", true, false, Counted::kNot, false},
    {Route::kNotMe, "/not_me", true, true, Counted::kReset, false},
    // The same counter as the form without a token: two URLs are not two chances.
    {Route::kLink, "/reset_password/", true, true, Counted::kReset, false},
    {Route::kOutcome, "/outcome", true, false, Counted::kNot, false},
    {Route::kChangePassword, "/.well-known/change-password", true, false, Counted::kNot, false},
    {Route::kMetrics, "/metrics", true, false, Counted::kNot, false},
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
