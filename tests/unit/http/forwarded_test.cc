#include "http/forwarded.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "base/check.h"

namespace latchkey::http {
namespace {

using Header = TrustedProxies::Header;

TrustedProxies Proxies(const std::vector<std::string_view>& listed) {
  TrustedProxies proxies;
  for (const std::string_view one : listed) {
    if (one == "unix:") {
      proxies.unix_sockets = true;
    } else {
      const std::optional<Network> network = Network::Parse(one);
      CHECK(network.has_value());
      proxies.networks.push_back(*network);
    }
  }
  return proxies;
}

// The peer of a request from `remote` ("unix:" for a unix socket) with that X-Forwarded-For.
std::string Peer(std::string_view remote, std::string header, const TrustedProxies& proxies) {
  Request request;
  request.remote = IpAddress::Parse(remote);
  request.x_forwarded_for = std::move(header);
  return PeerOf(request, proxies).ToString();
}

const TrustedProxies& Ours() {
  static const TrustedProxies proxies = Proxies({"10.0.0.0/8", "2001:db8:a::/48", "unix:"});
  return proxies;
}

// The same of a Forwarded header, from 10.0.0.1.
std::string PeerForwarded(std::string header) {
  TrustedProxies proxies = Ours();
  proxies.header = Header::kForwarded;
  Request request;
  request.remote = IpAddress::Parse("10.0.0.1");
  request.forwarded = std::move(header);
  request.x_forwarded_for = "6.6.6.6";
  return PeerOf(request, proxies).ToString();
}

// CVE-2020-35590, CVE-2023-49792.
TEST(Peer, IsTheRemoteAddressWhateverIsForwardedByWhomIsNotListed) {
  EXPECT_EQ(Peer("192.0.2.1", "6.6.6.6", {}), "192.0.2.1");
  EXPECT_EQ(Peer("192.0.2.1", "6.6.6.6", Ours()), "192.0.2.1");
  EXPECT_EQ(Peer("192.0.2.1", "6.6.6.6, 10.0.0.1", Ours()), "192.0.2.1");
  EXPECT_EQ(Peer("2001:db8:b::1", "6.6.6.6", Ours()), "2001:db8:b::1");
}

TEST(Peer, IsTheFirstFromTheRightThatIsNotListed) {
  EXPECT_EQ(Peer("10.0.0.1", "192.0.2.9", Ours()), "192.0.2.9");
  EXPECT_EQ(Peer("10.0.0.1", "6.6.6.6, 192.0.2.9", Ours()), "192.0.2.9");
  EXPECT_EQ(Peer("10.0.0.1", "6.6.6.6, 192.0.2.9, 10.0.0.2,10.9.9.9", Ours()), "192.0.2.9");
  EXPECT_EQ(Peer("2001:db8:a::1", "6.6.6.6, 2001:db8:c::9, 2001:db8:a::2", Ours()), "2001:db8:c::9");
}

TEST(Peer, IsTheFarthestProxyWhereAllAreListed) {
  EXPECT_EQ(Peer("10.0.0.1", "10.0.0.3, 10.0.0.2", Ours()), "10.0.0.3");
  EXPECT_EQ(Peer("10.0.0.1", "", Ours()), "10.0.0.1");
  EXPECT_EQ(Peer("10.0.0.1", " , ,", Ours()), "10.0.0.1");
}

TEST(Peer, IsReadWithPortsZonesBracketsAndMapped) {
  for (const char* text : {"192.0.2.9:4711", "::ffff:192.0.2.9", "[::ffff:192.0.2.9]:80", " 192.0.2.9 ",
                           "192.0.2.9,", "::ffff:c000:209"}) {
    EXPECT_EQ(Peer("10.0.0.1", text, Ours()), "192.0.2.9") << text;
  }
  for (const char* text : {"2001:db8:c::9", "[2001:db8:c::9]", "[2001:db8:c::9]:443",
                           "2001:DB8:C:0::9%eth0", "[2001:db8:c::9%1]:1"}) {
    EXPECT_EQ(Peer("10.0.0.1", text, Ours()), "2001:db8:c::9") << text;
  }
  // A listed proxy is one in any of these forms.
  EXPECT_EQ(Peer("10.0.0.1", "192.0.2.9, [::ffff:10.0.0.2]:80, 10.0.0.3:9", Ours()), "192.0.2.9");
}

TEST(Peer, AtWhatCannotBeReadIsTheLastHopThatCould) {
  for (const char* text :
       {"unknown", "_hidden", "localhost", "192.0.2", "192.0.2.9:", "192.0.2.9:x", "192.0.2.9:99999",
        "192.0.2.9 192.0.2.8", "[2001:db8:c::9", "2001:db8:c::9]", "[192.0.2.9]", "[2001:db8:c::9]80",
        "2001:db8:c::9%", "\"192.0.2.9\"", "for=192.0.2.9", "0x7f.1", "192.0.2.9\x01", "\xff", "%", ":",
        "[]", "unix:/run/x"}) {
    EXPECT_EQ(Peer("10.0.0.1", std::string("6.6.6.6, ") + text, Ours()), "10.0.0.1") << text;
    EXPECT_EQ(Peer("10.0.0.1", std::string(text) + ", 10.0.0.2", Ours()), "10.0.0.2") << text;
  }
}

TEST(Peer, WithAnOpenQuoteOnTheLeftIsStillTheOneOnTheRight) {
  EXPECT_EQ(Peer("10.0.0.1", "\"6.6.6.6, 192.0.2.9", Ours()), "192.0.2.9");
  EXPECT_EQ(Peer("10.0.0.1", "\"6.6.6.6\", 192.0.2.9", Ours()), "192.0.2.9");
}

TEST(Peer, MayComeByAUnixSocket) {
  EXPECT_EQ(Peer("unix:", "192.0.2.9", Ours()), "192.0.2.9");
  EXPECT_EQ(Peer("unix:", "192.0.2.9, unix:", Ours()), "192.0.2.9");
  EXPECT_EQ(Peer("10.0.0.1", "192.0.2.9, unix:, 10.0.0.2", Ours()), "192.0.2.9");
  EXPECT_EQ(Peer("unix:", "", Ours()), "0.0.0.0");
  EXPECT_EQ(Peer("unix:", "192.0.2.9", Proxies({"10.0.0.0/8"})), "0.0.0.0");
  EXPECT_EQ(Peer("10.0.0.1", "6.6.6.6, unix:", Proxies({"10.0.0.0/8"})), "10.0.0.1");
}

TEST(Peer, IsReadFromTheConfiguredHeaderOnly) {
  EXPECT_EQ(PeerForwarded(""), "10.0.0.1");
  Request request;
  request.remote = IpAddress::Parse("10.0.0.1");
  request.forwarded = "for=6.6.6.6";
  EXPECT_EQ(PeerOf(request, Ours()).ToString(), "10.0.0.1");
}

// RFC 7239 sections 4, 6 and 7.1, and its examples.
TEST(PeerForwarded, IsReadFromPairsAndQuotedText) {
  EXPECT_EQ(PeerForwarded("for=192.0.2.43"), "192.0.2.43");
  EXPECT_EQ(PeerForwarded("for=192.0.2.60;proto=http;by=203.0.113.43"), "192.0.2.60");
  EXPECT_EQ(PeerForwarded("by=203.0.113.43; For=\"192.0.2.43:47011\" ;proto=http"), "192.0.2.43");
  EXPECT_EQ(PeerForwarded("For=\"[2001:db8:cafe::17]:4711\""), "2001:db8:cafe::17");
  EXPECT_EQ(PeerForwarded("for=192.0.2.43, FOR=10.0.0.7"), "192.0.2.43");
  EXPECT_EQ(PeerForwarded("for=6.6.6.6, for=192.0.2.43, for=\"10.0.0.7:80\";by=\"a, b;c\""), "192.0.2.43");
  EXPECT_EQ(PeerForwarded(";for=192.0.2.43;;"), "192.0.2.43");
  EXPECT_EQ(PeerForwarded("for=192.0.2.43;host=\"a\\\"b,c\""), "192.0.2.43");
}

TEST(PeerForwarded, AtWhatCannotBeReadIsTheLastHopThatCould) {
  for (const char* element :
       {"for=unknown", "for=_hidden", "proto=https", "for=192.0.2.1;for=192.0.2.2", "192.0.2.1", "for",
        "for=", "for=\"192.0.2.1", "for=\"192.0.2.1\"x", "=192.0.2.1", "for =\"\"",
        "f or=192.0.2.1", "for=\"\\192.0.2.1\"", "for=2001:db8::1%"}) {
    EXPECT_EQ(PeerForwarded(std::string("for=6.6.6.6, ") + element), "10.0.0.1") << element;
    EXPECT_EQ(PeerForwarded(std::string(element) + ", for=10.0.0.2"), "10.0.0.2") << element;
  }
}

TEST(PeerForwarded, WithAnOpenQuoteOnTheLeftIsStillTheOneOnTheRight) {
  EXPECT_EQ(PeerForwarded("for=6.6.6.6;x=\", for=\"[2001:db8:c::9]:80\""), "2001:db8:c::9");
  EXPECT_EQ(PeerForwarded("for=\"6.6.6.6\\, for=\"192.0.2.9\""), "192.0.2.9");
}

TEST(LastElement, IsTakenWithItsQuotedCommas) {
  std::string_view list = "a, \"b,c\" ,\td=\"e\\\",f\"";
  EXPECT_EQ(TakeLastElement(list), "d=\"e\\\",f\"");
  EXPECT_EQ(TakeLastElement(list), "\"b,c\"");
  EXPECT_EQ(TakeLastElement(list), "a");
  EXPECT_EQ(list, "");
  EXPECT_EQ(TakeLastElement(list), "");
}

}  // namespace
}  // namespace latchkey::http
