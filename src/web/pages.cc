#include "web/pages.h"

#include <algorithm>
#include <array>

namespace latchkey::web {
namespace {

struct NoticeName {
  Notice notice;
  std::string_view payload;  // in the cookie
  std::string_view section;  // in the template
};
constexpr std::array<NoticeName, 7> kNotices = {{
    {Notice::kCheckMail, "check-mail", "N_CHECK_MAIL"},
    {Notice::kLinkBad, "link-bad", "N_LINK_BAD"},
    {Notice::kLinkExpired, "link-expired", "N_LINK_EXPIRED"},
    {Notice::kPasswordChanged, "password-changed", "N_PASSWORD_CHANGED"},
    {Notice::kSignedOut, "signed-out", "N_SIGNED_OUT"},
    {Notice::kAlreadySignedIn, "signed-in", "N_SIGNED_IN"},
    {Notice::kNotMe, "not-me", "N_NOT_ME"},
}};

// Long enough for a slow redirect; a notice of yesterday is nobody's.
constexpr std::chrono::seconds kNoticeLife{300};
constexpr std::string_view kHtml = "text/html; charset=utf-8";

http::HeaderLines PageHeaders(const Shared& shared) {
  http::HeaderLines lines;
  lines.Add("Cache-Control", "no-store");
  lines.Add("Content-Security-Policy", shared.content_security_policy);
  lines.Add("X-Content-Type-Options", "nosniff");
  lines.Add("Referrer-Policy", "same-origin");
  lines.Add("Cross-Origin-Opener-Policy", "same-origin");
  lines.Add("Cross-Origin-Resource-Policy", "same-origin");
  return lines;
}

view::Values CommonValues(const Shared& shared) {
  view::Values values;
  values.Set("BASE", shared.base.path);
  values.Set("SITE_NAME", shared.site_name);
  values.Set("HOME_URL", shared.login ? shared.base.path + "/" : shared.home_url);
  values.Show(shared.logins ? "BY_LOGIN" : "BY_ADDRESS");
  if (shared.login) values.Show("HAS_LOGIN");
  return values;
}

std::map<Notice, std::string> StampNotices(const token::Stamp& stamp) {
  std::map<Notice, std::string> stamps;
  for (const NoticeName& name : kNotices) stamps[name.notice] = stamp.Issue(name.payload).stamped;
  return stamps;
}

}  // namespace

Visit::Visit(const Shared& shared, const http::Request& from)
    : request(from),
      address(http::PeerOf(from, shared.proxies)),
      guard(shared.form_stamp, from.Cookie(shared.cookies.form)) {}

std::chrono::seconds RoundUp(std::chrono::milliseconds left) {
  return std::max(std::chrono::ceil<std::chrono::seconds>(left), std::chrono::seconds(1));
}

Pages::Pages(const Shared& shared)
    : shared_(shared),
      page_headers_(PageHeaders(shared)),
      notice_stamps_(StampNotices(shared.flash_stamp)),
      press_(shared.templates, CommonValues(shared)) {}

http::Response Pages::Render(Visit& visit, int status, std::string_view page,
                             view::Values& values) const {
  const bool noticed = ShowNotice(visit.request, values);
  http::Response response(status);
  response.SetBody(kHtml, press_.Render(page, values));
  response.AddHeaders(page_headers_);
  if (noticed) ClearCookie(response, shared_.cookies.flash);
  if (visit.guard.new_cookie()) {
    SetCookie(response, shared_.cookies.form, *visit.guard.new_cookie(), std::nullopt);
  }
  return response;
}

http::Response Pages::Plain(std::string_view content_type, const std::string& text) const {
  http::Response response(200);
  response.SetBody(content_type, text);
  response.AddHeaders(page_headers_);
  return response;
}

http::Response Pages::Problem(Visit& visit, int status, std::chrono::seconds wait) const {
  view::Values values;
  view::Values& section = values.Show("S_" + std::to_string(status));
  if (wait.count() > 0) view::ShowWait(section, wait);
  return Render(visit, status, "error", values);
}

void Pages::AddLimitHeaders(http::Response& response, const ratelimit::Refusal& refusal) const {
  const std::string left = std::to_string(RoundUp(refusal.window_left).count());
  response.AddHeader("Retry-After", left);
  if (refusal.verdict == ratelimit::Verdict::kOverCeiling) return;
  const std::string name = "\"" + refusal.policy + "\"";
  const auto window = std::chrono::ceil<std::chrono::seconds>(refusal.limit.window).count();
  response.AddHeader("RateLimit-Policy", name + ";q=" + std::to_string(refusal.limit.count) +
                                             ";w=" + std::to_string(window));
  response.AddHeader("RateLimit", name + ";r=0;t=" + left);
}

void Pages::ShowTrouble(view::Values& values, Trouble trouble, std::chrono::seconds wait) {
  switch (trouble) {
    case Trouble::kNone: return;
    case Trouble::kBusy:
    case Trouble::kUnavailable: values.Show("T_UNAVAILABLE"); return;
    case Trouble::kFormExpired: values.Show("T_FORM_EXPIRED"); return;
    case Trouble::kTooMany: break;
  }
  view::ShowWait(values.Show("T_TOO_MANY"), wait);
}

http::Response Pages::To(std::string_view path_below_base) const {
  http::Response response = http::SeeOther(shared_.base.path + std::string(path_below_base));
  response.AddHeaders(page_headers_);
  return response;
}

http::Response Pages::ToSignIn(Notice notice) const {
  http::Response response = To(shared_.login ? "/login" : "/outcome");
  SetNotice(response, notice);
  return response;
}

http::Response Pages::ToHome(std::optional<Notice> notice) const {
  // The site's own page would not show the notice, and some later page of ours would.
  if (!shared_.login) notice.reset();
  http::Response response = To("/");
  if (notice) SetNotice(response, *notice);
  return response;
}

void Pages::SetNotice(http::Response& response, Notice notice) const {
  SetCookie(response, shared_.cookies.flash, notice_stamps_.at(notice), kNoticeLife);
}

bool Pages::ShowNotice(const http::Request& request, view::Values& values) const {
  const std::string_view cookie = request.Cookie(shared_.cookies.flash);
  // The page in answer to a POST speaks of that POST.
  if (cookie.empty() || request.method == http::Method::kPost) return false;
  const std::optional<token::Stamp::Verified> stamp = shared_.flash_stamp.Verify(cookie);
  if (!stamp) return true;  // not ours: away with it
  for (const NoticeName& name : kNotices) {
    if (name.payload == stamp->payload) values.Show("NOTICE").Show(name.section);
  }
  return true;
}

void Pages::SetCookie(http::Response& response, const std::string& name, std::string_view value,
                      std::optional<std::chrono::seconds> max_age) const {
  response.SetCookie(name, value, {.secure = shared_.base.https, .max_age = max_age});
}

void Pages::ClearCookie(http::Response& response, const std::string& name) const {
  SetCookie(response, name, "", std::chrono::seconds(0));
}

}  // namespace latchkey::web
