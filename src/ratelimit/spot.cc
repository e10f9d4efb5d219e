#include "ratelimit/spot.h"

#include "ratelimit/word.h"

namespace latchkey::ratelimit {

uint64_t Mix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

Spot FindSpot(SipKey key, std::string_view bytes, uint64_t bucket_count) {
  const uint64_t hash = SipHash13(key, bytes);
  const uint64_t mask = bucket_count - 1;
  const uint64_t tag = hash >> kTagShift;
  const uint64_t first = hash & mask;
  const uint64_t second = Mix(hash) & mask;
  return {tag != 0 ? tag : 1, {first, second != first ? second : first ^ 1}};
}

}  // namespace latchkey::ratelimit
