#include "fcgi/head.h"

#include <algorithm>
#include <array>

#include "base/text.h"
#include "http/forwarded.h"

namespace latchkey::fcgi {
namespace {

// The parameters that are taken. Of one that is there twice the first counts.
struct Taken {
  std::optional<std::string_view> method, target, remote, remote_user, origin, fetch_site, cookie,
      languages, content_type, content_length;
};
struct Row {
  std::string_view name;
  std::optional<std::string_view> Taken::* field;
};
constexpr std::array<Row, 10> kRows = {{
    {"REQUEST_METHOD", &Taken::method},
    {"REQUEST_URI", &Taken::target},
    {"REMOTE_ADDR", &Taken::remote},
    {"REMOTE_USER", &Taken::remote_user},
    {"HTTP_ORIGIN", &Taken::origin},
    {"HTTP_SEC_FETCH_SITE", &Taken::fetch_site},
    {"HTTP_COOKIE", &Taken::cookie},
    {"HTTP_ACCEPT_LANGUAGE", &Taken::languages},
    {"CONTENT_TYPE", &Taken::content_type},
    {"CONTENT_LENGTH", &Taken::content_length},
}};

// nginx sends a header that came twice as two: joined in their order, empty ones left out.
void AddToList(std::string& list, std::string_view value) {
  if (!list.empty() && !value.empty()) list += ", ";
  list += value;
}

void Take(std::string_view name, std::string_view value, Taken& taken, http::Request& request) {
  if (name == "HTTP_X_FORWARDED_FOR") return AddToList(request.x_forwarded_for, value);
  if (name == "HTTP_FORWARDED") return AddToList(request.forwarded, value);
  for (const Row& row : kRows) {
    if (row.name == name && !(taken.*row.field)) taken.*row.field = value;
  }
}

http::Method ParseMethod(std::string_view method) {
  if (method == "GET") return http::Method::kGet;
  if (method == "HEAD") return http::Method::kHead;
  if (method == "POST") return http::Method::kPost;
  return http::Method::kOther;
}

}  // namespace

std::optional<http::Request> ReadHead(const Exchange& exchange) {
  Taken taken;
  http::Request request;
  for (const char* const* pair = exchange.parameters(); *pair != nullptr; ++pair) {
    const std::string_view text = *pair;
    const size_t equals = std::min(text.find('='), text.size());
    Take(text.substr(0, equals), text.substr(std::min(equals + 1, text.size())), taken, request);
  }
  const std::optional<http::Hop> remote = http::ParseHop(taken.remote.value_or(""));
  if (!taken.method || !taken.target || !remote) return std::nullopt;

  request.method = ParseMethod(*taken.method);
  const http::Target parts = http::ParseTarget(*taken.target);
  request.path = parts.path;
  request.query = parts.query;
  request.remote = remote->address;
  request.remote_user = taken.remote_user.value_or("");
  request.origin = taken.origin.value_or("");
  request.fetch_site = taken.fetch_site.value_or("");
  request.cookie_header = taken.cookie.value_or("");
  request.languages = http::CleanLanguages(taken.languages.value_or(""));
  request.content_type = taken.content_type.value_or("");
  request.content_length = ParseUnsigned(taken.content_length.value_or(""));
  return request;
}

}  // namespace latchkey::fcgi
