// word.h -- the 64 bits that a counter is; ratelimit.h says what they mean and what holds of them

#pragma once

#include <cstdint>

namespace latchkey::ratelimit {

using Word = uint64_t;

inline constexpr int kTagShift = 40;
inline constexpr int kCountShift = 32;
inline constexpr Word kOne = Word{1} << kCountShift;  // more counted

constexpr Word MakeWord(uint64_t tag, uint32_t count, uint32_t end) {
  return tag << kTagShift | Word{count} << kCountShift | end;
}
constexpr uint64_t TagOf(Word word) { return word >> kTagShift; }
constexpr uint32_t CountOf(Word word) { return static_cast<uint8_t>(word >> kCountShift); }
constexpr uint32_t EndOf(Word word) { return static_cast<uint32_t>(word); }

// The words that are a tag's counters follow each other: from the first one, so many.
constexpr Word FirstCounterOf(uint64_t tag) { return MakeWord(tag, 1, 0); }
inline constexpr Word kCountersOfATag = MakeWord(1, 0, 0) - FirstCounterOf(0);

// A place that somebody is about to count in: no count yet, and a ticket where the end would be.
constexpr Word MakeClaim(uint64_t tag, uint32_t ticket) { return MakeWord(tag, 0, ticket); }
constexpr bool IsClaim(Word word) { return CountOf(word) == 0 && TagOf(word) != 0; }

// Modular, so a clock that wraps every 49 days does no harm: windows are at most 24 days.
constexpr bool Runs(uint32_t end, uint32_t now, uint32_t window) {
  const uint32_t left = end - now;
  return left != 0 && left <= window;
}
constexpr bool IsLive(Word word, uint32_t now, uint32_t window) {
  return CountOf(word) != 0 && Runs(EndOf(word), now, window);
}
// Nobody misses it.
constexpr bool IsFree(Word word, uint32_t now, uint32_t longest_window) {
  return !IsClaim(word) && !IsLive(word, now, longest_window);
}

}  // namespace latchkey::ratelimit
