// counting.h -- how one key is counted in its words: the rules of ratelimit.h as code
//
// Written over a Memory, so that the tests can run this very code through every interleaving
// (tests/unit/ratelimit/interleavings_test.cc):
//
//     static constexpr size_t kBucketWords;
//     Word Load(size_t place) const;    // 0 to 2 * kBucketWords - 1: the key's first, then second bucket
//     bool Swap(size_t place, Word seen, Word next) const;
//     uint32_t Now() const;             // in ms, modular
//     uint32_t Ticket() const;          // never the same twice
//     uint32_t LongestWindow() const;   // no window of any key is longer
//
// All of them are sequentially consistent.
//
// Nearly every hit finds its counter and is decided at once, and that part (always_inline) is kept
// free of memory other than the words: what it has in registers is what a processor can hold of the
// next hit while it waits for the words of this one (bench/README.md, make bench-limiter).

#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/check.h"
#include "ratelimit/store.h"
#include "ratelimit/word.h"

namespace latchkey::ratelimit {

// The counter as it stands now, or as it was found full.
struct Counted {
  Word word;
  uint32_t now;
  bool admitted;
  uint32_t remaining = 0;  // hits until it is full
  uint32_t evictions = 0;  // live counters of other keys that were given up for want of a free word

  uint32_t left() const { return EndOf(word) - now; }
};

template <typename Memory>
class Counting {
 public:
  // memory: a handle, kept. tag: not 0. limit: outlives this.
  Counting(Memory memory, uint64_t tag, const Limit& limit)
      : memory_(memory), tag_(tag), limit_(&limit) {}

  // The counter if it is full; writes nothing.
  std::optional<Counted> FindFull() const {
    const Found counter = FindCounter();
    const uint32_t now = memory_.Now();
    if (!counter.any() || !IsFull(counter.word, now)) return std::nullopt;
    return Counted{counter.word, now, false};
  }

  // Counts one hit, unless the counter is full.
  Counted Hit() const {
    const std::optional<Counted> counted = HitAtOnce();
    return counted ? *counted : HitInTurns();
  }

  // The first half of Hit; each bucket has code of its own. nullopt, and nothing is counted: there is no
  // counter, or another process changed it meanwhile.
  [[gnu::always_inline]] std::optional<Counted> HitAtOnce() const {
    if (const Found usual = FindInBucket<0>(); usual.any()) return Count(usual, memory_.Now());
    if (const Found other = FindInBucket<1>(); other.any()) return Count(other, memory_.Now());
    return std::nullopt;
  }

  // The second half, which does not need the first. A turn looks at the words, then at the clock, and
  // swaps at most one word; one that does not decide lost its word to another process, which thereby
  // got on, or prepared the next.
  Counted HitInTurns() const {
    Found stood;  // the claim that stood already when this turn began
    uint32_t evictions = 0;
    while (true) {
      const Sight sight = Look();
      const uint32_t now = memory_.Now();  // after the words: so none of them is from the future
      if (sight.counter.any()) {
        if (stood.any()) memory_.Swap(stood.place, stood.word, 0);
        stood = {};
        if (std::optional<Counted> counted = Count(sight.counter, now)) {
          counted->evictions = evictions;
          return *counted;
        }
      } else if (!sight.claim.any()) {
        stood = PutClaim(sight, now, evictions);
      } else {
        const bool alone = !EraseOtherClaims(sight);
        const Word first = First(tag_, now);
        const uint32_t remaining = limit() - CountOf(first);
        if (alone && sight.claim == stood && memory_.Swap(stood.place, stood.word, first)) {
          return {first, now, true, remaining, evictions};
        }
        stood = sight.claim;
      }
    }
  }

  // Takes back a hit of the window that ends at `end`, if that still counts.
  void TakeBack(uint32_t end) const {
    while (true) {
      const Found seen = FindCounter();
      if (!seen.any() || EndOf(seen.word) != end) return;
      if (memory_.Swap(seen.place, seen.word, CountOf(seen.word) > 1 ? seen.word - kOne : 0)) return;
    }
  }

  // Forgets the counter; false: there was none.
  bool Clear() const {
    while (true) {
      const Found seen = FindCounter();
      if (!seen.any()) return false;
      const bool was_live = IsLive(seen.word, memory_.Now(), window());
      if (memory_.Swap(seen.place, seen.word, 0)) return was_live;
    }
  }

 private:
  static constexpr size_t kWords = 2 * Memory::kBucketWords;
  static constexpr size_t kNone = kWords;
  static constexpr size_t kRoomy = Memory::kBucketWords / 2;

  // A word of our tag, as it was seen.
  struct Found {
    size_t place = kNone;
    Word word = 0;

    bool any() const { return place != kNone; }
    bool operator==(const Found&) const = default;
  };

  // What a look at all of the key's words found.
  struct Sight {
    std::array<Word, kWords> words;
    Found counter;
    Found claim;  // the first, where there is no counter
  };

  [[gnu::always_inline]] Found FindCounter() const {
    if (const Found usual = FindInBucket<0>(); usual.any()) return usual;
    return FindInBucket<1>();
  }

  // Where: all of a bucket is looked at, and without a branch, as where in it the key stands is chance,
  // and a guess that fails costs more than the words of a line that is there already. What: is read
  // after that.
  template <size_t kBucket>
  [[gnu::always_inline]] Found FindInBucket() const {
    constexpr size_t kBegin = kBucket * Memory::kBucketWords;
    constexpr size_t kEnd = kBegin + Memory::kBucketWords;
    constexpr uint32_t kAll = (1 << Memory::kBucketWords) - 1;
    const Word first_counter = FirstCounterOf(tag_);

    // A bit a word, the first one's lowest. To take off the others' is an instruction less for each than
    // to add up ours.
    uint32_t ours = 0;
#pragma GCC unroll 8
    for (size_t i = 1; i <= Memory::kBucketWords; ++i) {
      ours += ours;
      ours -= memory_.Load(kEnd - i) - first_counter >= kCountersOfATag;
    }
    ours += kAll;
    if (ours == 0) return {};
    const size_t place = kBegin + static_cast<unsigned>(std::countr_zero(ours));
    const Word word = memory_.Load(place);
    return word - first_counter < kCountersOfATag ? Found{place, word} : Found{};
  }

  // nullopt: another process changed it first.
  [[gnu::always_inline]] std::optional<Counted> Count(const Found& seen, uint32_t now) const {
    if (IsFull(seen.word, now)) return Counted{seen.word, now, false};
    const bool live = IsLive(seen.word, now, window());
    const Word next = live ? seen.word + kOne : First(TagOf(seen.word), now);
    const uint32_t remaining = limit() - CountOf(next);
    if (!memory_.Swap(seen.place, seen.word, next)) return std::nullopt;
    return Counted{next, now, true, remaining};
  }

  Sight Look() const {
    const Memory memory = memory_;
    Sight sight;
    for (size_t i = 0; i < kWords; ++i) sight.words[i] = memory.Load(i);  // before any is looked at
    for (size_t i = 0; i < kWords && !sight.counter.any(); ++i) {
      const Word word = sight.words[i];
      if (TagOf(word) != tag_) continue;
      if (!IsClaim(word)) {
        sight.counter = {i, word};
      } else if (!sight.claim.any()) {
        sight.claim = {i, word};
      }
    }
    return sight;
  }

  uint32_t window() const {
    const auto window = static_cast<uint32_t>(limit_->window.count());
    CHECK(window > 0 && window <= memory_.LongestWindow());
    return window;
  }
  uint32_t limit() const {
    CHECK(limit_->count > 0);
    CHECK(limit_->count <= kMaxCount);
    return limit_->count;
  }
  bool IsFull(Word word, uint32_t now) const {
    return IsLive(word, now, window()) && CountOf(word) >= limit();
  }
  Word First(uint64_t tag, uint32_t now) const { return MakeWord(tag, 1, now + window()); }

  Found PutClaim(const Sight& sight, uint32_t now, uint32_t& evictions) const {
    const size_t place = FindRoom(sight, now);
    const Word seen = sight.words[place];
    const Found claim{place, MakeClaim(tag_, memory_.Ticket())};
    if (!memory_.Swap(place, seen, claim.word)) return {};
    if (IsLive(seen, now, memory_.LongestWindow())) ++evictions;
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
        if (IsFree(sight.words[i], now, memory_.LongestWindow())) {
          if (free_count++ == 0) first_free = i;
        } else if (!IsClaim(sight.words[i]) &&
                   (least == kNone || CountOf(sight.words[i]) < CountOf(sight.words[least]))) {
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
  bool EraseOtherClaims(const Sight& sight) const {
    bool found = false;
    for (size_t i = sight.claim.place + 1; i < kWords; ++i) {
      if (TagOf(sight.words[i]) != tag_) continue;
      memory_.Swap(i, sight.words[i], 0);
      found = true;
    }
    return found;
  }

  Memory memory_;
  uint64_t tag_;
  const Limit* limit_;
};

}  // namespace latchkey::ratelimit
