// spot.h -- where in a table a key is counted: its tag and its two buckets

#pragma once

#include <array>
#include <cstdint>

#include "ratelimit/word.h"

namespace latchkey::ratelimit {

inline constexpr uint64_t kBucketWords = 8;

struct Spot {
  uint64_t tag;                     // 24 bits, not 0
  std::array<uint64_t, 2> buckets;  // two different ones: at which words of the table they begin
};

// Keeps of a number a place where a bucket may begin. REQUIRES: a power of two, from 16 to 2^30.
constexpr uint64_t BucketMask(uint64_t word_count) { return word_count - kBucketWords; }

// hash: SipHash13 of the key's bytes.
constexpr Spot SpotOf(uint64_t hash, uint64_t bucket_mask) {
  const uint64_t tag = hash >> kTagShift;
  const uint64_t first = hash & bucket_mask;
  // The upper bits of a product with an odd number, here the golden ratio, depend on all of the hash.
  const uint64_t away = hash * 0x9e3779b97f4a7c15 >> 34 & bucket_mask;
  return {tag + (tag == 0), {first, first ^ (away | kBucketWords)}};
}

}  // namespace latchkey::ratelimit
