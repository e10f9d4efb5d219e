#include "ratelimit/told.h"

#include <cstring>

#include "crypto/crypto.h"

namespace latchkey::ratelimit {
namespace {

// Of a word's bits: the lower ones hold the end of the window in tenths of a second, which last for 13
// years from boot.
constexpr int kTimeBits = 32;
constexpr uint64_t kTimeMask = (uint64_t{1} << kTimeBits) - 1;

uint64_t Tenths(std::chrono::milliseconds time) {
  return static_cast<uint64_t>(time.count()) / 100 & kTimeMask;
}

SipKey RandomKey() {
  const std::string bytes = crypto::RandomBytes(sizeof(SipKey));
  SipKey key;
  std::memcpy(&key, bytes.data(), sizeof key);
  return key;
}

}  // namespace

Told::Told() : key_(RandomKey()), words_(std::make_unique<Words>()) {}

bool Told::IsNews(std::string_view who, std::chrono::milliseconds now,
                  std::chrono::milliseconds left) {
  const uint64_t hash = SipHash13(key_, who);
  std::atomic<uint64_t>& word = (*words_)[hash % kWords];
  const uint64_t known = word.load(std::memory_order_relaxed);
  const bool is_same = (known & ~kTimeMask) == (hash & ~kTimeMask);
  if (is_same && Tenths(now) < (known & kTimeMask)) return false;
  word.store((hash & ~kTimeMask) | Tenths(now + left), std::memory_order_relaxed);
  return true;
}

}  // namespace latchkey::ratelimit
