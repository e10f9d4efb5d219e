#include "http/url.h"

#include <algorithm>

#include "base/text.h"

namespace latchkey::http {
namespace {

struct Parts {
  bool https;
  std::string authority;   // host[:port], lower-cased, without the default port
  std::string_view path;   // from "/", or empty
};

bool IsHostByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == ':' ||
         c == '[' || c == ']';
}

bool IsPathByte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
         c == '-' || c == '_' || c == '.' || c == '~';
}

Result<Parts> TakeApart(std::string_view url) {
  const Error wrong{Next::kFixSetup, "is not a URL such as https://www.example.org/account"};
  Parts parts{};
  if (url.starts_with("https://")) {
    parts.https = true;
    url.remove_prefix(8);
  } else if (url.starts_with("http://")) {
    url.remove_prefix(7);
  } else {
    return wrong;
  }
  const size_t slash = std::min(url.find('/'), url.size());
  parts.authority = AsciiLower(url.substr(0, slash));
  parts.path = url.substr(slash);
  if (parts.authority.empty() || parts.authority.front() == ':' ||
      !std::all_of(parts.authority.begin(), parts.authority.end(), IsHostByte)) {
    return wrong;
  }
  const std::string_view default_port = parts.https ? ":443" : ":80";
  if (parts.authority.ends_with(default_port)) {
    parts.authority.resize(parts.authority.size() - default_port.size());
  }
  return parts;
}

std::string Origin(const Parts& parts) {
  return (parts.https ? "https://" : "http://") + parts.authority;
}

}  // namespace

Result<BaseUrl> BaseUrl::Parse(std::string_view text) {
  Result<Parts> parts = TakeApart(text);
  if (!parts.ok()) return parts.error();
  std::string_view path = parts->path;
  while (path.ends_with('/')) path.remove_suffix(1);
  if (!std::all_of(path.begin(), path.end(), IsPathByte) || path.find("//") != path.npos) {
    return Error{Next::kFixSetup, "has a path that is not made of letters, digits and -_.~/"};
  }
  BaseUrl url;
  url.https = parts->https;
  url.origin = Origin(*parts);
  url.path = path;
  url.whole = url.origin + url.path;
  return url;
}

std::string OriginOf(std::string_view url) {
  // A query may stand right behind the host.
  const Result<Parts> parts = TakeApart(url.substr(0, url.find_first_of("?#")));
  return parts.ok() ? Origin(*parts) : std::string();
}

}  // namespace latchkey::http
