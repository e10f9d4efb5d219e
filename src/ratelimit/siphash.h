// siphash.h -- SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012)
//
// Keyed, so that nobody who does not know the key can choose inputs that collide. Not a MAC for
// anything that leaves this machine.

#pragma once

#include <cstdint>
#include <string_view>

namespace latchkey::ratelimit {

struct SipKey {
  uint64_t k0;
  uint64_t k1;
};

uint64_t SipHash13(SipKey key, std::string_view data);

}  // namespace latchkey::ratelimit
