// url.h -- the configured base URL, taken apart once

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::http {

struct BaseUrl {
  // "https://host[:port][/path]", or http. No query, fragment, user, blank or control. The host is
  // lower-cased, the scheme's default port and a slash at the end are dropped. kFixSetup otherwise.
  static Result<BaseUrl> Parse(std::string_view text);

  std::string whole;   // "https://www.example.org/account"
  std::string origin;  // "https://www.example.org", as browsers write it
  std::string path;    // "/account", or "" for the root
  bool https = false;
};

// "https://host[:port]" of any http or https URL, for a CSP source list; empty for anything else.
std::string OriginOf(std::string_view url);

}  // namespace latchkey::http
