#include "base/ip.h"

#include <arpa/inet.h>

#include <algorithm>

#include "base/text.h"

namespace latchkey {

std::optional<IpAddress> IpAddress::Parse(std::string_view text) {
  if (text.empty() || text.size() >= INET6_ADDRSTRLEN) return std::nullopt;
  // inet_pton stops at a NUL, which would make "1.2.3.4\0junk" an address.
  if (text.find('\0') != std::string_view::npos) return std::nullopt;
  const std::string terminated(text);
  IpAddress address;
  if (inet_pton(AF_INET, terminated.c_str(), address.bytes_.data()) == 1) return address;
  if (inet_pton(AF_INET6, terminated.c_str(), address.bytes_.data()) != 1) return std::nullopt;

  constexpr std::array<uint8_t, 12> kMapped = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (std::equal(kMapped.begin(), kMapped.end(), address.bytes_.begin())) {
    std::array<uint8_t, 16> v4{};
    std::copy(address.bytes_.begin() + 12, address.bytes_.end(), v4.begin());
    address.bytes_ = v4;
    return address;
  }
  address.is_v4_ = false;
  return address;
}

std::string IpAddress::ToString() const {
  char text[INET6_ADDRSTRLEN];
  inet_ntop(is_v4_ ? AF_INET : AF_INET6, bytes_.data(), text, sizeof text);
  return text;
}

namespace {

constexpr int kMappedBits = 96;  // of ::ffff:0:0/96

bool SameFirstBits(const std::array<uint8_t, 16>& a, const std::array<uint8_t, 16>& b, int bits) {
  const int whole = bits / 8;
  if (!std::equal(a.begin(), a.begin() + whole, b.begin())) return false;
  const int rest = bits % 8;
  return rest == 0 || ((a[whole] ^ b[whole]) >> (8 - rest)) == 0;
}

bool IsZeroBeyond(const std::array<uint8_t, 16>& bytes, int bits) {
  for (int bit = bits; bit < 128; ++bit) {
    if ((bytes[bit / 8] >> (7 - bit % 8) & 1) != 0) return false;
  }
  return true;
}

}  // namespace

std::optional<Network> Network::Parse(std::string_view text) {
  const size_t slash = text.find('/');
  const std::string_view address_text = text.substr(0, slash);
  const std::optional<IpAddress> first = IpAddress::Parse(address_text);
  if (!first) return std::nullopt;
  Network network;
  network.first_ = *first;
  network.prefix_bits_ = first->is_v4() ? 32 : 128;
  if (slash == std::string_view::npos) return network;

  const std::string_view prefix_text = text.substr(slash + 1);
  const std::optional<uint64_t> prefix = ParseUnsigned(prefix_text);
  if (!prefix || *prefix > 128 || (prefix_text.size() > 1 && prefix_text.front() == '0')) {
    return std::nullopt;
  }
  const bool is_mapped = first->is_v4() && address_text.find(':') != std::string_view::npos;
  const int bits = static_cast<int>(*prefix) - (is_mapped ? kMappedBits : 0);
  if (bits < 0 || bits > network.prefix_bits_ || !IsZeroBeyond(first->bytes(), bits)) {
    return std::nullopt;
  }
  network.prefix_bits_ = bits;
  return network;
}

bool Network::Contains(const IpAddress& address) const {
  return address.is_v4() == first_.is_v4() &&
         SameFirstBits(address.bytes(), first_.bytes(), prefix_bits_);
}

}  // namespace latchkey
