// told.h -- what the log was told already, so that a flood of refusals is not a flood of lines
//
// A fixed table of 64-bit words: in each, a piece of who was refused and when that window ends. No lock;
// two that share a word are both told again, and two threads at once may each say the same. One process's
// own: every worker tells once.

#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "ratelimit/siphash.h"

namespace latchkey::ratelimit {

class Told {
 public:
  Told();

  // Whether it has not been told of `who` in the window that now, since boot, has `left` to go.
  bool IsNews(std::string_view who, std::chrono::milliseconds now, std::chrono::milliseconds left);

 private:
  static constexpr size_t kWords = 4096;
  using Words = std::array<std::atomic<uint64_t>, kWords>;

  const SipKey key_;  // nobody outside can choose peers that share a word
  const std::unique_ptr<Words> words_;
};

}  // namespace latchkey::ratelimit
