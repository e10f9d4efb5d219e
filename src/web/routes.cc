#include "web/routes.h"

#include <array>

namespace latchkey::web {
namespace {

constexpr std::string_view kLinkPrefix = "/reset_password/";

constexpr std::array<RouteInfo, 9> kRoutes = {{
    {Route::kHome, "/", true, false, Counted::kNot, false},
    {Route::kLogin, "/login", true, true, Counted::kLogin, true},
    {Route::kLogout, "/logout", false, true, Counted::kNot, true},
    {Route::kRequest, "/reset_password_request", true, true, Counted::kRequest, false},
    {Route::kReset, "/reset_password", true, true, Counted::kReset, false},
    // The same counter as the form without a token: two URLs are not two chances.
    {Route::kLink, kLinkPrefix, true, true, Counted::kReset, false},
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
    if (info.route == Route::kLink && path.size() > kLinkPrefix.size() &&
        path.starts_with(kLinkPrefix)) {
      return Match{&info, path.substr(kLinkPrefix.size())};
    }
    if (info.route != Route::kLink && path == info.path) return Match{&info, {}};
  }
  return std::nullopt;
}

}  // namespace latchkey::web
