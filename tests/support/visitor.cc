#include "support/visitor.h"

#include <regex>

#include "base/check.h"
#include "base/text.h"

namespace latchkey {

Visitor::Visitor(web::App& app, std::string peer) : app_(app), peer_(std::move(peer)) {}

http::Request Visitor::Head(http::Method method, std::string_view path) const {
  http::Request request;
  request.method = method;
  const http::Target target = http::ParseTarget(path);
  request.path = target.path;
  request.query = target.query;
  request.remote = IpAddress::Parse(peer_);
  request.x_forwarded_for = x_forwarded_for;
  request.remote_user = remote_user;
  for (const auto& [name, value] : cookies) {
    request.cookie_header += (request.cookie_header.empty() ? "" : "; ") + name + "=" + value;
  }
  if (method == http::Method::kPost) {
    request.content_type = "application/x-www-form-urlencoded";
    request.content_length = 100;
    request.origin = origin;
    request.fetch_site = fetch_site;
  }
  return request;
}

void Visitor::Keep(const http::Response& response) {
  for (const std::string_view header : response.Headers("Set-Cookie")) {
    const std::string_view pair = header.substr(0, header.find(';'));
    const size_t equals = pair.find('=');
    const std::string name(pair.substr(0, equals));
    if (header.find("; Max-Age=0") != std::string_view::npos) {
      cookies.erase(name);
    } else {
      cookies[name] = pair.substr(equals + 1);
    }
  }
}

http::Response Visitor::Answer(web::App::Ticket ticket, http::PostedForm form) {
  web::App::Reply reply = app_.Answer(std::move(ticket), std::move(form));
  if (auto* response = std::get_if<http::Response>(&reply)) return std::move(*response);
  std::vector<web::App::Asked> alone;
  alone.push_back(std::get<web::App::Asked>(std::move(reply)));
  return std::move(app_.Store(std::move(alone)).front());
}

const http::Response& Visitor::Send(http::Request request, http::PostedForm form) {
  web::App::Ticket ticket = app_.Look(request);
  response_ = ticket.refusal ? std::move(*ticket.refusal) : Answer(std::move(ticket), std::move(form));
  Keep(response_);
  return response_;
}

const http::Response& Visitor::Open(std::string_view path) {
  path_ = path;
  return Send(Head(http::Method::kGet, path), http::Form());
}

const http::Response& Visitor::Post(std::string_view path, const Fields& fields) {
  http::Form form;
  for (const auto& [name, value] : fields) CHECK(form.Add(name, value));
  return Send(Head(http::Method::kPost, path), std::move(form));
}

const http::Response& Visitor::Submit(const Fields& fields) {
  static const std::regex kAction("<form[^>]*action=\"([^\"]*)\"");
  static const std::regex kHidden("<input[^>]*type=\"hidden\"[^>]*name=\"([^\"]*)\"[^>]*value=\"([^\"]*)\"");
  const std::string page = response_.body();
  std::smatch action;
  CHECK(std::regex_search(page, action, kAction));
  std::map<std::string, std::string> all;
  for (std::sregex_iterator i(page.begin(), page.end(), kHidden), end; i != end; ++i) {
    all[(*i)[1]] = (*i)[2];
  }
  for (const auto& [name, value] : fields) all[name] = value;
  return Post(action[1].str(), Fields(all.begin(), all.end()));
}

const http::Response& Visitor::Follow() {
  const std::string target(location());
  return Open(target);
}

std::string Visitor::Field(std::string_view name) const {
  const std::regex field("name=\"" + std::string(name) + "\"[^>]*value=\"([^\"]*)\"");
  std::smatch found;
  const std::string& text = page();
  return std::regex_search(text, found, field) ? found[1].str() : std::string();
}

}  // namespace latchkey
