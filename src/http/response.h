// response.h -- one reply as a value
//
// The only way to put a header or a cookie on the wire: CR, LF and NUL in a name or value are a
// CHECK, for nothing that came from outside may get that far unchecked (SafeHeaderValue).

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace latchkey::http {

// Visible ASCII and blanks only.
bool SafeHeaderValue(std::string_view value);

struct CookieOptions {
  bool secure = false;
  // Absent: until the browser closes. 0: deleted now.
  std::optional<std::chrono::seconds> max_age;
};

class Response {
 public:
  explicit Response(int status = 200) : status_(status) {}

  int status() const { return status_; }
  const std::vector<std::pair<std::string, std::string>>& headers() const { return headers_; }
  const std::string& body() const { return body_; }
  // Empty if there is no such header; names compare without ASCII case.
  std::string_view Header(std::string_view name) const;

  // Adds; a second header of the same name stands beside the first (Set-Cookie).
  // REQUIRES: SafeHeaderValue(value)
  void AddHeader(std::string_view name, std::string_view value);
  // Path=/, HttpOnly, SameSite=Lax. REQUIRES: name and value of cookie characters (RFC 6265).
  void SetCookie(std::string_view name, std::string_view value, const CookieOptions& options);
  void SetBody(std::string_view content_type, std::string body);
  // Sends no body (HEAD), but its length.
  void DropBody();

  // "Status: 200 OK\r\n ... \r\n\r\n" and the body, as a CGI responder writes it.
  std::string Serialise() const;

 private:
  int status_;
  std::vector<std::pair<std::string, std::string>> headers_;
  std::string body_;
  bool send_body_ = true;
};

// 303 See Other. REQUIRES: SafeHeaderValue(location)
Response SeeOther(std::string_view location);

// "Not Found" for 404; CHECKs that the status is one we send.
std::string_view ReasonPhrase(int status);

}  // namespace latchkey::http
