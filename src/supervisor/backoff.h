// backoff.h -- how long to wait before a program that ended is started again

#pragma once

#include <chrono>

namespace latchkey::supervisor {

class Backoff {
 public:
  static constexpr std::chrono::milliseconds kFirst{100};
  static constexpr std::chrono::milliseconds kMost{5000};
  static constexpr std::chrono::seconds kLongLife{2};

  // None after a long life; else 100 ms, doubling each time up to 5 s.
  std::chrono::milliseconds After(std::chrono::milliseconds lived);

 private:
  std::chrono::milliseconds next_ = kFirst;
};

}  // namespace latchkey::supervisor
