// url.h -- the configured base URL, taken apart once

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::http {

struct BaseUrl {
  // "https://host[:port]/path" or http; no query, no fragment, no user, no trailing slash kept. Host is
  // a name, an IPv4 address or a bracketed IPv6 address, lower-cased; a default port is dropped.
  static Result<BaseUrl> Parse(std::string_view text);

  std::string whole;   // "https://www.example.org/account"
  std::string origin;  // "https://www.example.org"
  std::string host;    // "www.example.org"
  std::string path;    // "/account", or "" for the root
  bool https = false;
};

}  // namespace latchkey::http
