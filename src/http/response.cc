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

constexpr std::array<bool, 256> CookieBytes() {
  std::array<bool, 256> bytes{};
  for (int c = 0x21; c < 0x7f; ++c) bytes[c] = c != '"' && c != ',' && c != ';' && c != '\\';
  return bytes;
}
constexpr std::array<bool, 256> kCookieBytes = CookieBytes();

}  // namespace

bool SafeHeaderValue(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

bool SafeCookieValue(std::string_view value) {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return kCookieBytes[static_cast<unsigned char>(c)]; });
}

void HeaderLines::Add(std::string_view name, std::string_view value) {
  CHECK(!name.empty() && SafeCookieValue(name) && name.find(':') == std::string_view::npos);
  CHECK(SafeHeaderValue(value));
  text_ += name;
  text_ += ": ";
  text_ += value;
  text_ += "\r\n";
}

std::vector<std::string_view> HeaderLines::All(std::string_view name) const {
  std::vector<std::string_view> values;
  for (std::string_view rest = text_; !rest.empty();) {
    const size_t colon = rest.find(": ");
    const size_t end = rest.find("\r\n");
    if (EqualsIgnoringAsciiCase(rest.substr(0, colon), name)) {
      values.push_back(rest.substr(colon + 2, end - colon - 2));
    }
    rest.remove_prefix(end + 2);
  }
  return values;
}

std::string_view Response::Header(std::string_view name) const {
  const std::vector<std::string_view> all = Headers(name);
  return all.empty() ? std::string_view() : all.front();
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
  wire.reserve(headers_.text().size() + body_.size() + 128);
  wire += "Status: ";
  wire += std::to_string(status_);
  wire += ' ';
  wire += ReasonPhrase(status_);
  wire += "\r\n";
  wire += headers_.text();
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
