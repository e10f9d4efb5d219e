// forwarded.h -- who the visitor is when proxies stand in between
//
// What a proxy says of whom it forwards is believed only if that proxy is listed, and only of the hop
// before it: so a chain is read from the right, from the connection towards the visitor, and ends at
// the first hop that is not listed. That is the peer. What stands further left the visitor may have
// written. At a hop that cannot be read the last one before it that could is the peer. Pure functions.

#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "base/ip.h"
#include "http/request.h"

namespace latchkey::http {

// One end of a connection on the way. No address: a unix socket.
struct Hop {
  std::optional<IpAddress> address;

  bool operator==(const Hop&) const = default;
};

struct TrustedProxies {
  enum class Header { kXForwardedFor, kForwarded };  // kForwarded: RFC 7239

  std::vector<Network> networks;
  bool unix_sockets = false;
  Header header = Header::kXForwardedFor;

  bool Lists(const Hop& hop) const;
};

// The request's peer. 0.0.0.0 where nothing but a unix socket is known of it.
IpAddress PeerOf(const Request& request, const TrustedProxies& proxies);

// An address with or without brackets, port and zone ("[2001:db8::1]:443", "fe80::1%eth0"), or
// "unix:". nullopt: anything else ("unknown", "_hidden", a name).
std::optional<Hop> ParseHop(std::string_view text);

// Takes the last element off a list: up to the last comma outside quotes, which belong to the element.
// Read from the right too, so that a quote that a visitor left open hides nothing that a proxy added.
std::string_view TakeLastElement(std::string_view& list);

// The node of "for" in one element of a Forwarded header ("for=192.0.2.1;proto=https"), without its
// quotes. nullopt: there is none, or two, or the element is not well formed (RFC 7239 section 4).
std::optional<std::string_view> ForOf(std::string_view element);

}  // namespace latchkey::http
