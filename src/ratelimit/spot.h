// spot.h -- where in a table a key is counted: its tag and its two buckets

#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "ratelimit/siphash.h"

namespace latchkey::ratelimit {

struct Spot {
  uint64_t tag;                     // 24 bits, not 0
  std::array<uint64_t, 2> buckets;  // two different ones
};

// All from one keyed hash. REQUIRES: bucket_count a power of two, from 2 to 2^40.
Spot FindSpot(SipKey key, std::string_view bytes, uint64_t bucket_count);

// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection that spreads every bit.
uint64_t Mix(uint64_t x);

}  // namespace latchkey::ratelimit
