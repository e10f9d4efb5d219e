#include "fcgi/head.h"

#include "base/text.h"
#include "http/forwarded.h"

namespace latchkey::fcgi {
namespace {

std::string_view OrEmpty(const char* text) { return text == nullptr ? std::string_view() : text; }

http::Method ParseMethod(std::string_view method) {
  if (method == "GET") return http::Method::kGet;
  if (method == "HEAD") return http::Method::kHead;
  if (method == "POST") return http::Method::kPost;
  return http::Method::kOther;
}

}  // namespace

std::optional<http::Request> ReadHead(const Exchange& exchange) {
  const char* method = exchange.Parameter("REQUEST_METHOD");
  const char* target = exchange.Parameter("REQUEST_URI");
  const std::optional<http::Hop> remote = http::ParseHop(OrEmpty(exchange.Parameter("REMOTE_ADDR")));
  if (method == nullptr || target == nullptr || !remote) return std::nullopt;

  http::Request request;
  request.method = ParseMethod(method);
  const http::Target parts = http::ParseTarget(target);
  request.path = parts.path;
  request.query = parts.query;
  request.remote = remote->address;
  request.x_forwarded_for = exchange.AllParameters("HTTP_X_FORWARDED_FOR");
  request.forwarded = exchange.AllParameters("HTTP_FORWARDED");
  request.remote_user = OrEmpty(exchange.Parameter("REMOTE_USER"));
  request.origin = OrEmpty(exchange.Parameter("HTTP_ORIGIN"));
  request.fetch_site = OrEmpty(exchange.Parameter("HTTP_SEC_FETCH_SITE"));
  request.cookie_header = OrEmpty(exchange.Parameter("HTTP_COOKIE"));
  request.languages = http::CleanLanguages(OrEmpty(exchange.Parameter("HTTP_ACCEPT_LANGUAGE")));
  request.content_type = OrEmpty(exchange.Parameter("CONTENT_TYPE"));
  request.content_length = ParseUnsigned(OrEmpty(exchange.Parameter("CONTENT_LENGTH")));
  return request;
}

}  // namespace latchkey::fcgi
