// store.h -- where hits are counted
//
// An interface, so that a fleet of machines can count in one place; the table in shared memory
// (ratelimit.h) is the store of one machine. What is counted, and for whom, is limiter.h's matter.

#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string_view>

#include "base/check.h"

namespace latchkey::ratelimit {

struct Limit {
  uint32_t count = 5;                        // 1 to kMaxCount
  std::chrono::milliseconds window{60'000};  // up to kMaxWindow
};
inline constexpr uint32_t kMaxCount = 255;
inline constexpr std::chrono::hours kMaxWindow{24 * 24};

// Of all peers together; its count may be any.
using Ceiling = Limit;
inline constexpr size_t kMaxCounters = 4;  // of one hit

// What a store keeps its statistics by. The names go into headers, logs and metrics.
enum class Rule : size_t { kResetRequest, kResetPassword, kLogin, kAccount };
inline constexpr size_t kRules = 4;
std::string_view Name(Rule rule);  // "reset-request", "reset-password", "login", "account"

// Names one counter; a few bytes without meaning to the store.
class CounterKey {
 public:
  static constexpr size_t kMaxBytes = 48;

  CounterKey() { Pad(); }
  // REQUIRES: room for them.
  CounterKey& Append(std::string_view bytes) {
    CHECK(bytes.size() <= kMaxBytes - size_);
    std::memcpy(bytes_.data() + size_, bytes.data(), bytes.size());
    size_ += bytes.size();
    Pad();
    return *this;
  }
  std::string_view bytes() const { return {bytes_.data(), size_}; }

 private:
  static constexpr size_t kPadBytes = 8;

  // As SipHash13Padded wants it.
  void Pad() { std::memset(bytes_.data() + size_, 0, kPadBytes); }

  std::array<char, kMaxBytes + kPadBytes> bytes_;
  size_t size_ = 0;
};

struct Counter {
  CounterKey key;
  Limit limit;
};

enum class Verdict { kAdmitted, kOverLimit, kOverCeiling };

struct Decision {
  Verdict verdict = Verdict::kAdmitted;
  size_t counter = 0;                        // kOverLimit: which of the hit's counters is full
  uint32_t remaining = 0;                    // kAdmitted: what is left of the fullest counter
  std::chrono::milliseconds window_left{0};  // until the window of that counter or ceiling ends

  bool admitted() const { return verdict == Verdict::kAdmitted; }
};

struct Hit {
  Rule rule;
  std::span<const Counter> counters;  // 1 to kMaxCounters
  const Ceiling* ceiling = nullptr;  // of the rule; nullptr: none
};

// Since the store was made.
struct Tally {
  uint64_t admitted = 0;
  uint64_t over_limit = 0;
  uint64_t over_ceiling = 0;
};

struct Usage {
  std::array<Tally, kRules> rules;  // by Rule
  uint64_t words = 0;               // there is room for so many counters
  uint64_t live = 0;                // of these count now
  uint64_t evictions = 0;           // counters that were lost for want of room
};

class Store {
 public:
  virtual ~Store() = default;

  // Counts the hit on all its counters and on the ceiling, or, if one of them is full, on none. Safe
  // from any thread.
  virtual Decision Admit(const Hit& hit) = 0;
  // Forgets what was counted under the key; false: nothing was.
  virtual bool Clear(const CounterKey& key) = 0;
  virtual Usage Read() const = 0;
};

}  // namespace latchkey::ratelimit
