// pages.h -- from values to a reply: templates, headers, the notice that is shown once

#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "http/request.h"
#include "http/response.h"
#include "view/press.h"
#include "view/view.h"
#include "web/form_guard.h"
#include "web/shared.h"

namespace latchkey::web {

// What the next page says after a redirect; its sentence is in templates/_notice.tpl.
enum class Notice {
  kCheckMail,
  kLinkBad,
  kLinkExpired,
  kPasswordChanged,
  kSignedOut,
  kAlreadySignedIn,
  kNotMe,
};

// What went wrong with a form that is shown again as a whole; beside it a form's own errors.
enum class Trouble { kNone, kTooMany, kUnavailable, kBusy, kFormExpired };

// One request on its way to a reply.
struct Visit {
  Visit(const Shared& shared, const http::Request& from);
  std::string Peer() const { return address.ToString(); }

  const http::Request& request;
  IpAddress address;
  FormGuard guard;
};

class Pages {
 public:
  explicit Pages(const Shared& shared);  // outlives this object

  // A page in the site's look, with every header that a page has and the pending notice, if any.
  http::Response Render(Visit& visit, int status, std::string_view page, view::Values& values) const;
  // What is no page: text for a program.
  http::Response Plain(std::string_view content_type, const std::string& text) const;
  // The page "error" with the section of that status: what happened, and what to do now. wait: how
  // long until it makes sense, where that is known.
  http::Response Problem(Visit& visit, int status, std::chrono::seconds wait = {}) const;
  // Retry-After, and for a peer's own limit the fields of draft-ietf-httpapi-ratelimit-headers.
  void AddLimitHeaders(http::Response& response, const ratelimit::Refusal& refusal) const;

  // Shows the section of this trouble on a form. wait: for kTooMany.
  static void ShowTrouble(view::Values& values, Trouble trouble, std::chrono::seconds wait);

  // 303 to the sign-in page, or to the page that stands in for it.
  http::Response ToSignIn(Notice notice) const;
  http::Response ToHome(std::optional<Notice> notice) const;
  http::Response To(std::string_view path_below_base) const;

  void SetCookie(http::Response& response, const std::string& name, std::string_view value,
                 std::optional<std::chrono::seconds> max_age) const;
  void ClearCookie(http::Response& response, const std::string& name) const;

 private:
  void SetNotice(http::Response& response, Notice notice) const;
  bool ShowNotice(const http::Request& request, view::Values& values) const;

  const Shared& shared_;
  const http::HeaderLines page_headers_;  // that every answer of ours has
  const std::map<Notice, std::string> notice_stamps_;
  const view::Press press_;
};

// "1" to "59" seconds, rounded up; at least one.
std::chrono::seconds RoundUp(std::chrono::milliseconds left);

}  // namespace latchkey::web
