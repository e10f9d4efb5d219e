#include "base/ip.h"

#include <gtest/gtest.h>

namespace latchkey {
namespace {

// Back as text, or "none".
std::string Read(std::string_view text) {
  const std::optional<IpAddress> address = IpAddress::Parse(text);
  return address ? address->ToString() : "none";
}

TEST(IpAddress, ReadsIpv4) {
  EXPECT_EQ(Read("192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(Read("0.0.0.0"), "0.0.0.0");
  EXPECT_EQ(Read("255.255.255.255"), "255.255.255.255");
  const IpAddress address = *IpAddress::Parse("192.0.2.7");
  EXPECT_TRUE(address.is_v4());
  EXPECT_EQ(address.bytes(), (std::array<uint8_t, 16>{192, 0, 2, 7}));
}

TEST(IpAddress, ReadsIpv6AndWritesRfc5952) {
  // RFC 5952 section 4.
  EXPECT_EQ(Read("2001:DB8:0:0:0:0:2:1"), "2001:db8::2:1");
  EXPECT_EQ(Read("2001:0db8::0001"), "2001:db8::1");
  EXPECT_EQ(Read("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(Read("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");
  EXPECT_EQ(Read("::"), "::");
  EXPECT_FALSE(IpAddress::Parse("::1")->is_v4());
}

TEST(IpAddress, TakesMappedIpv6ForTheIpv4ItIs) {
  EXPECT_EQ(Read("::ffff:192.0.2.7"), "192.0.2.7");
  EXPECT_EQ(Read("::FFFF:c000:207"), "192.0.2.7");
  EXPECT_EQ(IpAddress::Parse("::ffff:192.0.2.7"), IpAddress::Parse("192.0.2.7"));
  EXPECT_FALSE(IpAddress::Parse("::192.0.2.7")->is_v4());
}

TEST(IpAddress, TellsFamiliesApart) {
  // The same bytes: c000:207:: begins with those of 192.0.2.7.
  EXPECT_NE(*IpAddress::Parse("192.0.2.7"), *IpAddress::Parse("c000:207::"));
}

TEST(IpAddress, RefusesEverythingElse) {
  for (const std::string& text :
       {std::string(), std::string("unix:"), std::string("localhost"), std::string("192.0.2"),
        std::string("192.0.2.256"), std::string("192.0.2.07"), std::string("0x7f.0.0.1"),
        std::string("192.0.2.7:80"), std::string(" 192.0.2.7"), std::string("192.0.2.7 "),
        std::string("192.0.2.7, 192.0.2.8"), std::string("[2001:db8::1]"),
        std::string("fe80::1%eth0"), std::string("2001:db8::1::2"), std::string("12345::"),
        std::string("1:2:3:4:5:6:7"), std::string("1:2:3:4:5:6:7:8:9"),
        std::string("192.0.2.7\0x", 11), std::string("::1\0", 4), std::string(10'240, '1')}) {
    EXPECT_EQ(Read(text), "none") << text;
  }
}

bool Holds(std::string_view network, std::string_view address) {
  const std::optional<Network> parsed = Network::Parse(network);
  EXPECT_TRUE(parsed) << network;
  return parsed && parsed->Contains(*IpAddress::Parse(address));
}

// The expected values are those of Python's ipaddress module.
TEST(Network, HoldsTheAddressesOfItsPrefix) {
  EXPECT_TRUE(Holds("10.0.0.0/8", "10.255.0.1"));
  EXPECT_FALSE(Holds("10.0.0.0/8", "11.0.0.0"));
  EXPECT_TRUE(Holds("192.0.2.128/25", "192.0.2.255"));
  EXPECT_FALSE(Holds("192.0.2.128/25", "192.0.2.127"));
  EXPECT_TRUE(Holds("172.16.0.0/12", "172.31.255.255"));
  EXPECT_FALSE(Holds("172.16.0.0/12", "172.32.0.0"));
  EXPECT_TRUE(Holds("0.0.0.0/0", "255.255.255.255"));
  EXPECT_TRUE(Holds("2001:db8:8000::/33", "2001:db8:ffff::1"));
  EXPECT_FALSE(Holds("2001:db8:8000::/33", "2001:db8:7fff::1"));
  EXPECT_TRUE(Holds("::/0", "2001:db8::1"));
}

TEST(Network, MayBeOneAddress) {
  EXPECT_TRUE(Holds("192.0.2.7", "192.0.2.7"));
  EXPECT_FALSE(Holds("192.0.2.7", "192.0.2.6"));
  EXPECT_TRUE(Holds("::1/128", "::1"));
  EXPECT_FALSE(Holds("::1", "::2"));
}

TEST(Network, IsOfOneFamilyAndMappedIsIpv4) {
  EXPECT_FALSE(Holds("0.0.0.0/0", "::1"));
  EXPECT_FALSE(Holds("::/0", "192.0.2.7"));
  EXPECT_FALSE(Holds("::/0", "::ffff:192.0.2.7"));
  EXPECT_TRUE(Holds("10.0.0.0/8", "::ffff:10.1.2.3"));
  EXPECT_TRUE(Holds("::ffff:10.0.0.0/104", "10.1.2.3"));
}

TEST(Network, RefusesWhatIsNone) {
  for (const char* text : {"", "/8", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/+8", "10.0.0.0/08",
                           "10.0.0.1/8", "10.0.0.0/8/8", "10.0.0.0/8 ", "10/8", "2001:db8::1/32",
                           "::/129", "::ffff:10.0.0.0/95", "::/99999999999999999999", "unix:", "*"}) {
    EXPECT_FALSE(Network::Parse(text)) << text;
  }
}

}  // namespace
}  // namespace latchkey
