// stall.h -- that the outbox took nothing in time, for whoever waited in line behind that
//
// A table that is locked or a disk that stands still costs each batch its time limit. Those in line would
// wait for several, longer than a web server does; so they are told when the first has failed.

#pragma once

#include <atomic>
#include <chrono>

namespace latchkey::web {

class Stall {
 public:
  // What failed sooner was refused, and the next may be taken.
  static constexpr std::chrono::seconds kAfter{1};

  // began, now: of a clock that all threads share.
  void Failed(std::chrono::milliseconds began, std::chrono::milliseconds now) {
    if (now - began > kAfter) found_at_ = now;
  }
  // Whether who came at `since` was in line then.
  bool HasMet(std::chrono::milliseconds since) const { return since < found_at_.load(); }

 private:
  std::atomic<std::chrono::milliseconds> found_at_{std::chrono::milliseconds::min()};
};

}  // namespace latchkey::web
