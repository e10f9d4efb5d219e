// counting.h -- how one key is counted in its words: the rules of ratelimit.h as code
//
// Written over a Memory, so that the tests can run this very code through every interleaving
// (tests/unit/ratelimit/interleavings_test.cc):
//
//     static constexpr size_t kBucketWords;
//     Word Load(size_t place) const;    // 0 to 2 * kBucketWords - 1: the key's first, then second bucket
//     bool Swap(size_t place, Word seen, Word next);
//     uint32_t Now();                   // in ms, modular
//     uint32_t Ticket();                // never the same twice
//
// All of them are sequentially consistent.

#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "ratelimit/word.h"

namespace latchkey::ratelimit {

// The counter as it stands now, or as it was found full.
struct Counted {
  bool admitted;
  Word word;
  uint32_t now;

  uint32_t left() const { return EndOf(word) - now; }
};

template <typename Memory>
class Counting {
 public:
  // memory: a handle, kept. tag: not 0. limit: 1 to 255. longest: no window of any key is longer.
  Counting(Memory memory, uint64_t tag, uint32_t limit, uint32_t window, uint32_t longest)
      : memory_(memory), tag_(tag), limit_(limit), window_(window), longest_(longest) {}

  // The counter if it is full; writes nothing.
  std::optional<Counted> FindFull() {
    const Sight sight = Look();
    const uint32_t now = memory_.Now();
    if (!sight.Has(sight.counter) || !IsFull(sight.At(sight.counter), now)) return std::nullopt;
    return Counted{false, sight.At(sight.counter), now};
  }

  // Counts one hit, unless the counter is full. A turn of the loop looks at the words, then at the
  // clock, and swaps at most one word; one that does not decide lost its word to another process,
  // which thereby got on, or prepared the next.
  Counted Hit() {
    Claim stood{};  // which stood already when this turn began
    while (true) {
      const Sight sight = Look();
      const uint32_t now = memory_.Now();  // after the words: so none of them is from the future
      if (sight.Has(sight.counter)) {
        if (stood.word != 0) memory_.Swap(stood.place, stood.word, 0);
        stood = {};
        const Word seen = sight.At(sight.counter);
        if (IsFull(seen, now)) return {false, seen, now};
        const Word next = IsLive(seen, now, window_) ? seen + 1 : Fresh(now);
        if (memory_.Swap(sight.counter, seen, next)) return {true, next, now};
      } else if (!sight.Has(sight.claim)) {
        stood = PutClaim(sight, now);
      } else {
        const Claim seen{sight.claim, sight.At(sight.claim)};
        const bool alone = !EraseOtherClaims(sight);
        if (alone && seen == stood && memory_.Swap(seen.place, seen.word, Fresh(now))) {
          return {true, Fresh(now), now};
        }
        stood = seen;
      }
    }
  }

  // Takes back a hit of the window that ends at `end`, if that still counts.
  void TakeBack(uint32_t end) {
    while (true) {
      const Sight sight = Look();
      if (!sight.Has(sight.counter)) return;
      const Word seen = sight.At(sight.counter);
      if (EndOf(seen) != end) return;
      if (memory_.Swap(sight.counter, seen, CountOf(seen) > 1 ? seen - 1 : 0)) return;
    }
  }

  // Forgets the counter; false: there was none.
  bool Clear() {
    while (true) {
      const Sight sight = Look();
      if (!sight.Has(sight.counter)) return false;
      const Word seen = sight.At(sight.counter);
      const bool was_live = IsLive(seen, memory_.Now(), window_);
      if (memory_.Swap(sight.counter, seen, 0)) return was_live;
    }
  }

  // Live counters of other keys that were given up for want of a free word.
  uint32_t evictions() const { return evictions_; }

 private:
  static constexpr size_t kWords = 2 * Memory::kBucketWords;
  static constexpr size_t kNone = kWords;
  static constexpr size_t kRoomy = Memory::kBucketWords / 2;

  // What a look at the key's words found; of a key that has a counter, only up to that.
  struct Sight {
    std::array<Word, kWords> words;
    size_t counter = kNone;
    size_t claim = kNone;  // the first, where there is no counter

    bool Has(size_t place) const { return place != kNone; }
    Word At(size_t place) const { return words[place]; }
  };

  struct Claim {
    size_t place;
    Word word;
    bool operator==(const Claim&) const = default;
  };

  Sight Look() {
    Sight sight;
    const size_t first = ReadBucket<0>(sight);
    if (first != kNone && !IsClaim(sight.At(first))) {
      sight.counter = first;
      return sight;
    }
    const size_t second = ReadBucket<1>(sight);
    if (second != kNone && !IsClaim(sight.At(second))) {
      sight.counter = second;
    } else if (first != kNone || second != kNone) {
      FindBesideClaims(sight);
    }
    return sight;
  }

  // Returns the first word of our tag. All of a bucket is read before any of it is looked at, and
  // without a branch: where in it the key stands is chance, and a guess that fails costs more than
  // the words of a line that is there already.
  template <size_t kBucket>
  size_t ReadBucket(Sight& sight) {
    constexpr size_t kEnd = (kBucket + 1) * Memory::kBucketWords;
    const Memory memory = memory_;
    const uint64_t tag = tag_;
    uint32_t ours = 0;  // a bit a word, the last one's lowest
#pragma GCC unroll 8
    for (size_t i = kEnd - Memory::kBucketWords; i < kEnd; ++i) {
      sight.words[i] = memory.Load(i);
      ours = 2 * ours + uint32_t{TagOf(sight.words[i]) == tag};
    }
    return ours != 0 ? kEnd - static_cast<size_t>(std::bit_width(ours)) : kNone;
  }

  // All words were read.
  void FindBesideClaims(Sight& sight) const {
    for (size_t i = 0; i < kWords && !sight.Has(sight.counter); ++i) {
      if (TagOf(sight.At(i)) != tag_) continue;
      if (!IsClaim(sight.At(i))) {
        sight.counter = i;
      } else if (!sight.Has(sight.claim)) {
        sight.claim = i;
      }
    }
  }

  bool IsFull(Word word, uint32_t now) const {
    return IsLive(word, now, window_) && CountOf(word) >= limit_;
  }
  Word Fresh(uint32_t now) const { return MakeWord(tag_, now + window_, 1); }

  Claim PutClaim(const Sight& sight, uint32_t now) {
    const size_t place = FindRoom(sight, now);
    const Word seen = sight.At(place);
    const Claim claim{place, MakeClaim(tag_, memory_.Ticket())};
    if (!memory_.Swap(place, seen, claim.word)) return {};
    if (IsLive(seen, now, longest_)) ++evictions_;
    return claim;
  }

  // A free word of the first bucket while half of it is free, so that most keys are found without
  // the second; then of the emptier one; where none is free, the live one with the least count.
  // Claims of others come last, or two that find no room would take each other's for ever.
  size_t FindRoom(const Sight& sight, uint32_t now) const {
    size_t free = kNone, least = kNone, most_free = 0;
    for (size_t bucket = 0; bucket < kWords; bucket += Memory::kBucketWords) {
      size_t free_count = 0, first_free = kNone;
      for (size_t i = bucket; i < bucket + Memory::kBucketWords; ++i) {
        if (IsFree(sight.At(i), now, longest_)) {
          if (free_count++ == 0) first_free = i;
        } else if (!IsClaim(sight.At(i)) &&
                   (least == kNone || CountOf(sight.At(i)) < CountOf(sight.At(least)))) {
          least = i;
        }
      }
      if (free_count > most_free) {
        most_free = free_count;
        free = first_free;
      }
      if (most_free >= kRoomy) break;
    }
    if (free != kNone) return free;
    return least != kNone ? least : 0;
  }

  // True: there were some.
  bool EraseOtherClaims(const Sight& sight) {
    bool found = false;
    for (size_t i = sight.claim + 1; i < kWords; ++i) {
      if (TagOf(sight.At(i)) != tag_) continue;
      memory_.Swap(i, sight.At(i), 0);
      found = true;
    }
    return found;
  }

  Memory memory_;
  uint64_t tag_;
  uint32_t limit_;
  uint32_t window_;
  uint32_t longest_;
  uint32_t evictions_ = 0;
};

}  // namespace latchkey::ratelimit
