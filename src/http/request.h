// request.h -- one request as a value; no socket, no environment
//
// Filled by fcgi/ from the web server's parameters: the path has its query cut off and is not
// percent-decoded (no route of ours needs it), header values may hold anything.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip.h"

namespace latchkey::http {

enum class Method { kGet, kHead, kPost, kOther };

struct Request {
  Method method = Method::kGet;
  std::string path;   // "/account/login": from the origin's root, starts with "/"
  std::string query;  // without "?"; empty if none
  // Who holds the other end of the web server's connection: the visitor or a proxy (REMOTE_ADDR). None:
  // it is a unix socket. Who the peer is forwarded.h says.
  std::optional<IpAddress> remote;
  // Headers X-Forwarded-For and Forwarded, all lines of it in their order, joined by commas.
  std::string x_forwarded_for;
  std::string forwarded;
  std::string remote_user;    // of the web server's own authentication; empty if none
  std::string origin;         // header Origin; empty if absent
  std::string fetch_site;     // header Sec-Fetch-Site; empty if absent
  std::string cookie_header;  // header Cookie
  std::string content_type;   // header Content-Type
  std::string languages;      // header Accept-Language, as CleanLanguages leaves it
  // Of the header Content-Length: digits only; nullopt if it is absent or anything else.
  std::optional<uint64_t> content_length;

  // The value of the first cookie of that name; empty if absent. Cookies that we issue hold no
  // character that needs decoding.
  std::string_view Cookie(std::string_view name) const;
  // application/x-www-form-urlencoded, whatever its parameters.
  bool HasFormBody() const;
};

// An Accept-Language header (RFC 9110 section 12.5.4) of at most 200 bytes, as it is; "" for one that
// is longer or has characters that do not belong there.
std::string CleanLanguages(std::string_view header);

// The path and query of a request line's target. An absolute target ("http://host/path", RFC 9112
// section 3.2.2) is reduced to its path: links never come from it. Empty path: neither form.
struct Target {
  std::string_view path;
  std::string_view query;
};
Target ParseTarget(std::string_view target);

}  // namespace latchkey::http
