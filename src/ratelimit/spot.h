// spot.h -- where in a table a key is counted: its tag and its two buckets

#pragma once

#include <array>
#include <cstdint>

#include "ratelimit/word.h"

namespace latchkey::ratelimit {

struct Spot {
  uint64_t tag;                     // 24 bits, not 0
  std::array<uint64_t, 2> buckets;  // two different ones
};

// The finaliser of SplitMix64 (Steele, Lea and Flood 2014): a bijection that spreads every bit.
constexpr uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

// hash: SipHash13 of the key's bytes. REQUIRES: bucket_count a power of two, from 2 to 2^40.
constexpr Spot SpotOf(uint64_t hash, uint64_t bucket_count) {
  const uint64_t mask = bucket_count - 1;
  const uint64_t tag = hash >> kTagShift;
  const uint64_t first = hash & mask;
  const uint64_t second = Mix(hash) & mask;
  return {tag != 0 ? tag : 1, {first, second != first ? second : first ^ 1}};
}

}  // namespace latchkey::ratelimit
