// ip.h -- an IPv4 or IPv6 address, and a network of them, as values

#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey {

class IpAddress {
 public:
  // Dotted IPv4 or RFC 4291 IPv6 text; IPv4-mapped IPv6 (::ffff:a.b.c.d) is that IPv4 address. No
  // port, no zone, no brackets, no blanks.
  static std::optional<IpAddress> Parse(std::string_view text);

  bool is_v4() const { return is_v4_; }
  // Network byte order; IPv4 in the first 4 bytes, the rest 0.
  const std::array<uint8_t, 16>& bytes() const { return bytes_; }
  // The text of RFC 5952.
  std::string ToString() const;

  bool operator==(const IpAddress&) const = default;

 private:
  std::array<uint8_t, 16> bytes_{};
  bool is_v4_ = true;
};

class Network {
 public:
  // "10.0.0.0/8" or "2001:db8::/32" (RFC 4632), or an address for it alone. nullopt for anything
  // else, such as a bit set beyond the prefix: that is a slip of the pen.
  static std::optional<Network> Parse(std::string_view text);

  // Of its own family only; IPv4-mapped addresses are IPv4.
  bool Contains(const IpAddress& address) const;

 private:
  IpAddress first_;
  int prefix_bits_ = 0;
};

}  // namespace latchkey
