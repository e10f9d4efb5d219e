#include "http/response.h"

#include <algorithm>
#include <array>

#include "base/check.h"
#include "base/text.h"

namespace latchkey::http {
namespace {

constexpr std::array<std::pair<int, std::string_view>, 16> kReasons = {{
    {200, "OK"},
    {302, "Found"},
    {303, "See Other"},
    {400, "Bad Request"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {411, "Length Required"},
    {413, "Content Too Large"},
    {415, "Unsupported Media Type"},
    {422, "Unprocessable Content"},
    {429, "Too Many Requests"},
    {500, "Internal Server Error"},
    {503, "Service Unavailable"},
}};

}  // namespace

bool SafeHeaderValue(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool SafeCookieValue(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return c > 0x20 && c < 0x7f && c != '"' && c != ',' && c != ';' && c != '\\';
  });
}

std::string_view Response::Header(std::string_view name) const {
  const std::vector<std::string_view> all = Headers(name);
  return all.empty() ? std::string_view() : all.front();
}

std::vector<std::string_view> Response::Headers(std::string_view name) const {
  std::vector<std::string_view> values;
  for (const auto& [header, value] : headers_) {
    if (EqualsIgnoringAsciiCase(header, name)) values.push_back(value);
  }
  return values;
}

void Response::AddHeader(std::string_view name, std::string_view value) {
  CHECK(!name.empty() && SafeCookieValue(name) && name.find(':') == std::string_view::npos);
  CHECK(SafeHeaderValue(value));
  headers_.emplace_back(name, value);
}

void Response::SetCookie(std::string_view name, std::string_view value,
                         const CookieOptions& options) {
  CHECK(!name.empty() && SafeCookieValue(name) && SafeCookieValue(value));
  std::string cookie(name);
  cookie += '=';
  cookie += value;
  cookie += "; Path=/; HttpOnly; SameSite=Lax";
  if (options.secure) cookie += "; Secure";
  if (options.max_age) cookie += "; Max-Age=" + std::to_string(options.max_age->count());
  AddHeader("Set-Cookie", cookie);
}

void Response::SetBody(std::string_view content_type, std::string body) {
  AddHeader("Content-Type", content_type);
  body_ = std::move(body);
}

std::string Response::Serialise() const {
  std::string wire;
  wire.reserve(body_.size() + 1024);
  wire += "Status: ";
  wire += std::to_string(status_);
  wire += ' ';
  wire += ReasonPhrase(status_);
  wire += "\r\n";
  for (const auto& [name, value] : headers_) {
    wire += name;
    wire += ": ";
    wire += value;
    wire += "\r\n";
  }
  wire += "Content-Length: ";
  wire += std::to_string(body_.size());
  wire += "\r\n\r\n";
  if (send_body_) wire += body_;
  return wire;
}

Response SeeOther(std::string_view location) {
  Response response(303);
  response.AddHeader("Location", location);
  return response;
}

std::string_view ReasonPhrase(int status) {
  const auto row = std::find_if(kReasons.begin(), kReasons.end(),
                                [&](const auto& reason) { return reason.first == status; });
  CHECK(row != kReasons.end());
  return row->second;
}

}  // namespace latchkey::http
