// health.h -- what a load balancer is told about this machine
//
// Only the database decides between 200 and 503: without it no form works here. What would be the
// same on every machine (mail that waits) or passes in a moment (all permits taken) is told and
// keeps the machine in service. An answer is good for a second, for all threads of the process, so
// that it may be asked for often.

#pragma once

#include <chrono>
#include <mutex>
#include <optional>
#include <string>

#include "base/result.h"
#include "outbox/outbox.h"
#include "password/permits.h"
#include "ratelimit/store.h"

namespace latchkey::web {

struct Health {
  int status = 200;
  std::string text;  // JSON
};

// limits: nullptr where they are off.
Health Judge(const Result<outbox::Tally>& tally, const password::Permits::Usage& permits,
             const ratelimit::Usage* limits);

class HealthCache {
 public:
  static constexpr std::chrono::seconds kLife{1};

  // What was kept less than kLife ago. Safe from any thread, as is Keep.
  std::optional<Health> Fresh(std::chrono::milliseconds now) const;
  void Keep(const Health& health, std::chrono::milliseconds now);

 private:
  mutable std::mutex mutex_;
  std::optional<Health> health_;
  std::chrono::milliseconds kept_{0};
};

}  // namespace latchkey::web
