// fake_clock.h -- a clock that a test sets

#pragma once

#include <chrono>

#include "base/clock.h"

namespace latchkey {

class FakeClock : public Clock {
 public:
  // Some day in 2026; the machine has been up for an hour.
  static constexpr std::chrono::sys_seconds kStart{std::chrono::seconds(1'780'000'000)};

  std::chrono::sys_seconds Now() const override {
    return std::chrono::floor<std::chrono::seconds>(now_);
  }
  std::chrono::milliseconds SinceBoot() const override { return since_boot_; }

  // The administrator sets the date, back too; SinceBoot goes on undisturbed.
  void Set(std::chrono::sys_seconds now) { now_ = now; }
  // Time passes for both.
  void Advance(std::chrono::milliseconds by) {
    now_ += by;
    since_boot_ += by;
  }

 private:
  std::chrono::sys_time<std::chrono::milliseconds> now_ = kStart;
  std::chrono::milliseconds since_boot_ = std::chrono::hours(1);
};

}  // namespace latchkey
