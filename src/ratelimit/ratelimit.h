// ratelimit.h -- how often a peer may post, counted over all worker processes
//
// Fixed windows anchored at the first admitted hit, exactly Flask-Limiter's "5 per minute": a refused
// hit never extends the window; at t0 + window a new one starts. One table in shared memory serves
// all processes and outlives them.
//
// The word: 64 bits, the only thing ever written, by one compare-and-swap a decision.
//
//     tag 24 | window end 32 (ms of CLOCK_BOOTTIME, modular) | count 8
//
// Eight words are a bucket of one cache line. A key has a tag (never 0) and two candidate buckets, all
// from one keyed SipHash-1-3, so that nobody outside can aim at a bucket. A word is live iff
// 0 < end - now <= window: the key's own window for its tag, the longest configured for another's.
// There is no lock and no pointer: a process killed anywhere leaves a valid table behind, and every
// bit pattern heals within the longest window. A refusal stores nothing.
//
// Limits: two processes that insert one absent key in the same instant choose the same word unless
// the buckets changed between their looks; only then may they use two words and admit up to twice the
// limit in that one window. Two live keys of one bucket that share a tag (under 1e-6 a new key) share
// a count: only ever too strict.

#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/ip.h"
#include "base/result.h"
#include "os/mapping.h"
#include "ratelimit/siphash.h"

namespace latchkey::ratelimit {

struct Limit {
  uint32_t count = 5;                        // 1 to 255
  std::chrono::milliseconds window{60'000};  // at most 24 days
};

struct Decision {
  bool admitted = true;
  uint32_t remaining = 0;                    // hits left in this window
  std::chrono::milliseconds window_left{0};  // until the window ends
};

class Table {
 public:
  static constexpr uint32_t kMaxCount = 255;
  static constexpr std::chrono::hours kMaxWindow{24 * 24};

  // Opens the table "<prefix>.<8 hex digits>", or makes it, whoever comes first; the digits follow from
  // layout, size and boot, so a table that does not fit is another file. words: rounded up to a power
  // of two, at least 16. The clock outlives the table. kFixSetup when there is no room or no right.
  static Result<Table> Open(const std::string& prefix, uint64_t words,
                            std::chrono::milliseconds longest_window, const Clock& clock);
  Table(Table&& other) noexcept;

  // Counts one hit of `peer` on `route` if the limit allows it. A peer is an IPv4 address or an IPv6
  // /64. Safe from any thread and process; does not block.
  Decision Admit(const IpAddress& peer, std::string_view route, const Limit& limit);

  // Live words of other keys that this process had to take because both buckets were full of them.
  uint64_t evictions() const { return evictions_.load(std::memory_order_relaxed); }

 private:
  using Word = std::atomic<uint64_t>;
  struct Header;
  struct Key;
  struct Place;

  Table(os::Mapping mapping, std::chrono::milliseconds longest_window, const Clock& clock);
  Key MakeKey(const IpAddress& peer, std::string_view route) const;
  Word* FindTag(const Key& key) const;
  Place FindRoom(const Key& key, uint32_t now) const;

  os::Mapping mapping_;
  const Clock* clock_;
  uint32_t longest_window_ms_;
  SipKey sip_key_;
  uint64_t bucket_mask_;
  Word* words_;
  std::atomic<uint64_t> evictions_{0};
};

}  // namespace latchkey::ratelimit
