// ratelimit.h -- how often a peer may post, counted over all worker processes
//
// Fixed windows anchored at the first admitted hit, exactly Flask-Limiter's "5 per minute": a refused
// hit never extends the window; at t0 + window a new one starts. One table in shared memory serves all
// processes and outlives them.
//
// The word: 64 bits, the only thing ever written, by one compare-and-swap.
//
//     tag 24 | window end 32 (ms of CLOCK_BOOTTIME, modular) | count 8
//
// Eight words are a bucket of one cache line; a key has two candidate buckets and a tag, all from one
// keyed SipHash-1-3, so that nobody outside can aim at a bucket. A word is live iff
// 0 < end - now <= window (the key's own for its tag, the longest configured for another's). There is
// no lock and no pointer: a process killed anywhere leaves a valid table behind, and every bit pattern
// heals within the longest window.
//
// Limits: two processes that insert one absent key in the same instant may use two words, and then
// admit up to twice the limit in that one window, each word by itself being exact. A tag that two live
// keys of one bucket share (under 1e-6 per new key) makes them share a count: only ever too strict.

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

namespace latchkey::ratelimit {

struct Limit {
  uint32_t count = 5;                      // 1 to 255
  std::chrono::milliseconds window{60'000};  // at most 24 days
};

struct Decision {
  bool admitted;
  std::chrono::milliseconds retry_after{0};  // until the window ends; 0 when admitted
  uint32_t remaining = 0;                    // hits left in this window
};

class Table {
 public:
  // Opens the table at `path`, or makes it, whoever comes first. A table of another boot, another
  // layout or another size is replaced. words: rounded up to a power of two, at least 8.
  static Result<Table> Open(const std::string& path, uint64_t words,
                            std::chrono::milliseconds longest_window, const Clock& clock);

  // Counts one hit of `peer` on `route` if the limit allows it. A peer is an IPv4 address or an IPv6
  // /64. Safe from any thread and process; never blocks.
  Decision Admit(const IpAddress& peer, std::string_view route, const Limit& limit);

  // How many words were taken from a live window because both buckets were full. Sizing must keep it 0.
  uint64_t evictions() const { return evictions_.load(std::memory_order_relaxed); }

  Table(Table&& other) noexcept;

 private:
  struct Header;
  Table(os::Mapping mapping, std::chrono::milliseconds longest_window, const Clock& clock);
  std::atomic<uint64_t>* Bucket(uint64_t hash) const;

  os::Mapping mapping_;
  const Clock* clock_;
  uint32_t longest_window_ms_;
  uint64_t bucket_mask_;
  std::atomic<uint64_t> evictions_{0};
};

}  // namespace latchkey::ratelimit
