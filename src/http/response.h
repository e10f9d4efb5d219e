// response.h -- one reply as a value
//
// The only way to put a header or a cookie on the wire. A control character in one is a CHECK:
// nothing that came from outside gets that far unchecked (SafeHeaderValue).

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::http {

// Visible ASCII and blanks only.
bool SafeHeaderValue(std::string_view value);
// The characters of a cookie's value (RFC 6265 section 4.1.1), quotes apart.
bool SafeCookieValue(std::string_view value);

struct CookieOptions {
  bool secure = false;
  // Absent: until the browser closes. 0: deleted now.
  std::optional<std::chrono::seconds> max_age;
};

// Lines "Name: value\r\n", in order.
class HeaderLines {
 public:
  // REQUIRES: SafeHeaderValue(value)
  void Add(std::string_view name, std::string_view value);
  void Add(const HeaderLines& lines) { text_ += lines.text_; }
  // The values of that name, compared without ASCII case.
  std::vector<std::string_view> All(std::string_view name) const;
  void Reserve(size_t bytes) { text_.reserve(bytes); }
  const std::string& text() const { return text_; }

 private:
  std::string text_;
};

class Response {
 public:
  explicit Response(int status = 200) : status_(status) { headers_.Reserve(1024); }

  int status() const { return status_; }
  void set_status(int status) { status_ = status; }
  const std::string& body() const { return body_; }
  // The first header of that name, compared without ASCII case; empty if there is none.
  std::string_view Header(std::string_view name) const;
  // All of them, in order: for Set-Cookie.
  std::vector<std::string_view> Headers(std::string_view name) const { return headers_.All(name); }

  // A second header of the same name stands beside the first. REQUIRES: SafeHeaderValue(value)
  void AddHeader(std::string_view name, std::string_view value) { headers_.Add(name, value); }
  void AddHeaders(const HeaderLines& lines) { headers_.Add(lines); }
  // Path=/, HttpOnly, SameSite=Lax. REQUIRES: SafeCookieValue(value), a name of the same characters.
  void SetCookie(std::string_view name, std::string_view value, const CookieOptions& options);
  void SetBody(std::string_view content_type, std::string body);
  // HEAD: the length is told, the body is not sent.
  void WithholdBody() { send_body_ = false; }

  // "Status: 200 OK\r\n...\r\n\r\n" and the body, as a CGI responder writes it (RFC 3875).
  std::string Serialise() const;

 private:
  int status_;
  HeaderLines headers_;
  std::string body_;
  bool send_body_ = true;
};

// 303 See Other. REQUIRES: SafeHeaderValue(location)
Response SeeOther(std::string_view location);

// "Not Found" for 404. REQUIRES: a status that we send.
std::string_view ReasonPhrase(int status);

}  // namespace latchkey::http
