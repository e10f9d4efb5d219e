// request.h -- one request as a value; no socket, no environment
//
// Filled by fcgi/ from the web server's parameters. What is here was white-listed there: the path has
// its query cut off and is not percent-decoded (no route of ours needs it), the peer is an address,
// header values may hold anything.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/ip.h"

namespace latchkey::http {

enum class Method { kGet, kHead, kPost, kOther };

struct Request {
  Method method = Method::kGet;
  std::string path;    // "/account/login": from the origin's root, starts with "/"
  std::string query;   // without "?"; empty if none
  IpAddress peer;
  std::string origin;          // header Origin; empty if absent
  std::string fetch_site;      // header Sec-Fetch-Site; empty if absent
  std::string cookie_header;   // header Cookie
  std::string content_type;    // header Content-Type
  // Absent: no Content-Length. Not a number of ours: kBadLength.
  std::optional<uint64_t> content_length;
  bool bad_content_length = false;

  // The value of the first cookie of that name; empty if absent. Cookies we issue hold no character
  // that needs decoding.
  std::string_view Cookie(std::string_view name) const;
};

}  // namespace latchkey::http
