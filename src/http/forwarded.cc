#include "http/forwarded.h"

#include <algorithm>

#include "base/text.h"

namespace latchkey::http {
namespace {

constexpr std::string_view kUnix = "unix:";

bool IsPort(std::string_view text) {
  const std::optional<uint64_t> port = ParseUnsigned(text);
  return port && text.size() <= 5 && *port <= 65535;
}

// ":80" or nothing.
bool IsPortPart(std::string_view text) {
  return text.empty() || (text.front() == ':' && IsPort(text.substr(1)));
}

std::optional<IpAddress> ParseIpv6(std::string_view text) {
  const std::string_view address = text.substr(0, text.find('%'));
  if (address.find(':') == std::string_view::npos || text.ends_with('%')) return std::nullopt;
  return IpAddress::Parse(address);
}

std::optional<IpAddress> ParseNode(std::string_view text) {
  if (text.starts_with('[')) {
    const size_t end = text.find(']');
    if (end == std::string_view::npos || !IsPortPart(text.substr(end + 1))) return std::nullopt;
    return ParseIpv6(text.substr(1, end - 1));
  }
  const size_t colon = text.find(':');
  if (colon != text.rfind(':')) return ParseIpv6(text);
  if (colon != std::string_view::npos && !IsPortPart(text.substr(colon))) return std::nullopt;
  return IpAddress::Parse(text.substr(0, colon));
}

// The characters of a token (RFC 9110 section 5.6.2).
bool IsToken(std::string_view text) {
  static constexpr std::string_view kOthers = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOthers.find(c) != std::string_view::npos;
  });
}

// What a pair's value begins with is a quoted text: its length with the quotes; 0 if it never ends.
size_t QuotedLength(std::string_view text) {
  for (size_t at = 1; at < text.size(); ++at) {
    if (text[at] == '\\') {
      ++at;
    } else if (text[at] == '"') {
      return at + 1;
    }
  }
  return 0;
}

struct Pair {
  std::string_view name;
  std::string_view value;  // without its quotes
};

// Takes "name=value" and the semicolon after it off an element's front.
std::optional<Pair> TakePair(std::string_view& element) {
  const size_t equals = std::min(element.find('='), element.size());
  const std::string_view name = TrimBlanks(element.substr(0, equals));
  if (!IsToken(name) || equals == element.size()) return std::nullopt;
  const std::string_view rest = element.substr(equals + 1);
  const bool quoted = rest.starts_with('"');
  const size_t length = quoted ? QuotedLength(rest) : std::min(rest.find(';'), rest.size());
  if (length == 0) return std::nullopt;
  const std::string_view after = TrimBlanks(rest.substr(length));
  if (!after.empty() && after.front() != ';') return std::nullopt;
  element = after.empty() ? after : TrimBlanks(after.substr(1));
  if (!quoted) return Pair{name, TrimBlanks(rest.substr(0, length))};
  return Pair{name, rest.substr(1, length - 2)};
}

// The hop that a proxy named in the last element of its list; nullopt: there is none, or it cannot be
// read. Empty elements are none (RFC 9110 section 5.6.1.2).
std::optional<Hop> TakeHop(std::string_view& list, TrustedProxies::Header header) {
  std::string_view element;
  while (element.empty() && !list.empty()) element = TakeLastElement(list);
  if (header == TrustedProxies::Header::kXForwardedFor) return ParseHop(element);
  const std::optional<std::string_view> node = ForOf(element);
  return node ? ParseHop(*node) : std::nullopt;
}

}  // namespace

bool TrustedProxies::Lists(const Hop& hop) const {
  if (!hop.address) return unix_sockets;
  return std::any_of(networks.begin(), networks.end(),
                     [&](const Network& network) { return network.Contains(*hop.address); });
}

std::optional<Hop> ParseHop(std::string_view text) {
  text = TrimBlanks(text);
  if (text == kUnix) return Hop{};
  const std::optional<IpAddress> address = ParseNode(text);
  return address ? std::optional(Hop{address}) : std::nullopt;
}

std::string_view TakeLastElement(std::string_view& list) {
  bool quoted = false;
  size_t at = list.size();
  for (; at > 0; --at) {
    const char c = list[at - 1];
    const bool escaped = at > 1 && list[at - 2] == '\\';
    if (c == '"' && !(quoted && escaped)) quoted = !quoted;
    if (c == ',' && !quoted) break;
  }
  const std::string_view last = list.substr(at);
  list = list.substr(0, at == 0 ? 0 : at - 1);
  return TrimBlanks(last);
}

std::optional<std::string_view> ForOf(std::string_view element) {
  std::optional<std::string_view> found;
  element = TrimBlanks(element);
  while (!element.empty()) {
    if (element.front() == ';') {
      element = TrimBlanks(element.substr(1));
      continue;
    }
    const std::optional<Pair> pair = TakePair(element);
    if (!pair) return std::nullopt;
    if (!EqualsIgnoringAsciiCase(pair->name, "for")) continue;
    if (found) return std::nullopt;
    found = pair->value;
  }
  return found;
}

IpAddress PeerOf(const Request& request, const TrustedProxies& proxies) {
  const bool plain = proxies.header == TrustedProxies::Header::kXForwardedFor;
  std::string_view list = plain ? request.x_forwarded_for : request.forwarded;
  Hop hop{request.remote};
  IpAddress peer = hop.address.value_or(IpAddress());
  while (proxies.Lists(hop)) {
    const std::optional<Hop> before = TakeHop(list, proxies.header);
    if (!before) break;
    hop = *before;
    if (hop.address) peer = *hop.address;
  }
  return peer;
}

}  // namespace latchkey::http
