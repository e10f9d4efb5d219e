// ratelimit.h -- the counters of this machine: one table in shared memory for all its processes
//
// Fixed windows anchored at the first admitted hit, the decisions of Flask-Limiter's fixed window: a
// refused hit never extends a window; at t0 + window a new one starts. The table outlives the
// processes; a restart of the machine empties it.
//
// The word. 64 bits, written by compare-and-swap only (word.h):
//
//     tag 24 | count 8 | window end 32, in ms of CLOCK_BOOTTIME, modular      a counter
//     tag 24 | 0       | ticket 32                                            a claim
//
// Eight words are a bucket of one cache line. A key has a tag, never 0, and two buckets, an even and
// an odd one, all from one keyed SipHash-1-3 (Aumasson and Bernstein 2012) whose key is drawn when the
// table is made: nobody outside can aim at a bucket. It is counted in one word of the two (counting.h):
//
//  * A counter is live iff 0 < end - now <= window: its key's own window, or for a foreign word the
//    longest configured. The clock is read after the word, and every end was computed from an
//    earlier reading, so that end - now > window only where the bits are no counter of ours.
//  * Live and full: refused, and nothing is stored. Live: one more. Expired: a new window, in place.
//  * No counter: a claim goes into a free word of the first bucket while half of that is free, else of
//    the bucket with more of them; where no word is free, over the live one with the least count,
//    which is an eviction.
//  * A claim becomes a counter of 1 only in a turn that began when the claim stood already, and found
//    neither a counter nor another claim of the key in its 16 words; of several claims all but the
//    first are erased. Whoever comes may finish another's claim, so a process that is killed holds
//    nobody up.
//
// So a key never has two counters, and no window admits more than the limit, however many processes
// insert the key at once. For let claims c and d, of one key in different places, both become
// counters. The turn of c began when c stood, and did not see d: d was put after that look at d's
// place, so after c. The turn of d began when d stood, and so looked at c's place when c stood there
// or was a counter: it saw it, and did not make d a counter. Two things are needed. Memory is
// sequentially consistent, which on x86 costs nothing. And no two claims have the same bits, or a
// turn could take a later claim for the one it knew: tickets come from one count in the header, so
// they are the same only after 2^32 other new keys within one turn.
// tests/unit/ratelimit/interleavings_test.cc runs the code of counting.h through every interleaving
// of small cases.
//
// There is no lock and no pointer. A process killed anywhere leaves a claim that the next one
// finishes, or a hit that counts in one tier and was not answered: too strict by one, never too lax.
// From any bits whatever, every key is counted right after the longest window: expired words are
// free, a claim of the key's own tag is finished by its next hit, and the claims of others that
// nobody comes for are swept.
//
// Bounds:
//  * Only admitted hits take words, so the ceilings bound how many are live, and WordsFor
//    (settings.h) sizes the table for 4/9 of it: then 4e-13 of the keys displace one, however long
//    new ones come as old ones expire. A key that is displaced starts a new window. (Two choices:
//    Azar, Broder, Karlin and Upfal 1994. With s_i for the share of buckets that have i live words
//    or more, the number is s_8^2 at rest of the equations that Mitzenmacher 1996 makes of such a
//    choice: ds_i/dt = 8 load p f - i (s_i - s_i+1), where p = s_i-1 - s_i, and f = 1 + s_5 up to
//    i = 5, s_i-1 + s_i above. They say 7e-6 at 60 % and 1.8e-3 at 70 %; the table was seen to do
//    that within a tenth, and half as much again where keys come back, into their old words.)
//  * Two live keys in one bucket with one tag share a count, at most 16 * 2^-24 = 1e-6 a new key: too
//    strict.
//  * A word that nobody touched would seem live again when the clock has gone round, after 49 days.
//    A sweep that is due every 12 days frees the expired ones; the next new key pays for it.
//  * A ceiling is a word of its own in the header, window end 32 | count 32. Under many processes at
//    once a hit that finds it full has been taken back from its counters when Admit returns.
//
// Statistics are counted in 256 slots of the header, which threads take in turn, so that a flood of
// refusals writes no line that another core needs: two of 256 threads that were started one after the
// other never share one.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "os/mapping.h"
#include "ratelimit/siphash.h"
#include "ratelimit/store.h"

namespace latchkey::ratelimit {

template <typename Memory>
class Counting;
struct Counted;

class Table final : public Store {
 public:
  static constexpr uint64_t kMinWords = 16;
  static constexpr uint64_t kMaxWords = uint64_t{1} << 30;

  // Opens the table "<prefix>.<8 hex digits>", or makes it, whoever comes first. The digits follow
  // from layout, size and boot, so that a table which does not fit is another file; what is left of
  // earlier boots is removed. words: rounded up to a power of two. The clock outlives the table.
  // kFixSetup when there is no room or no right.
  static Result<Table> Open(const std::string& prefix, uint64_t words,
                            std::chrono::milliseconds longest_window, const Clock& clock);
  Table(Table&& other) noexcept = default;

  // REQUIRES: limits within kMaxCount and the longest window. Does not block.
  Decision Admit(const Hit& hit) override;
  bool Clear(const CounterKey& key) override;
  // Looks at every word.
  Usage Read() const override;

 private:
  struct Header;
  class Memory;
  class Attempt;

  Table(os::Mapping mapping, std::chrono::milliseconds longest_window, const Clock& clock);

  // hash: of a key.
  Memory MemoryOf(uint64_t hash);
  Counting<Memory> CountingOf(uint64_t hash, const Limit& limit);
  Decision AdmitAll(const Hit& hit);
  Decision AdmitInTurns(const Hit& hit);
  Decision Answer(Rule rule, const Counted& counted);
  void Record(Rule rule, Verdict verdict, uint32_t evictions);
  void SweepIfDue(uint32_t now);
  void Sweep(uint32_t now);

  os::Mapping mapping_;
  const Clock* clock_;
  uint32_t longest_window_ms_;
  SipState sip_start_;
  uint64_t word_count_;
  uint64_t bucket_mask_;
  Header* header_;                // shared
  std::atomic<uint64_t>* words_;  // shared
};

}  // namespace latchkey::ratelimit
