// clock.h -- what time it is, as a value that tests can set

#pragma once

#include <chrono>

namespace latchkey {

class Clock {
 public:
  virtual ~Clock() = default;
  // Civil time, for tokens and mails.
  virtual std::chrono::sys_seconds Now() const = 0;
  // Time since this machine booted, suspend included (CLOCK_BOOTTIME): the same in every process,
  // never set back.
  virtual std::chrono::milliseconds SinceBoot() const = 0;
};

// Lives for ever.
const Clock& SystemClock();

}  // namespace latchkey
