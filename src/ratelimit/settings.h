// settings.h -- how much is allowed to whom, from the configuration, and how much room that takes

#pragma once

#include <array>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "base/ip.h"
#include "base/result.h"
#include "config/config.h"
#include "ratelimit/store.h"

namespace latchkey::ratelimit {

struct Settings {
  bool dry_run = false;
  std::array<Limit, kRules> limits;                   // by Rule, before a tier's factor
  std::array<std::optional<Ceiling>, kRules> ceilings;  // by Rule; an account has none
  uint32_t ipv4_factor = 1;
  uint32_t ipv6_64_factor = 1;
  uint32_t ipv6_48_factor = 4;
  std::vector<Network> exempt;
};

Settings ToSettings(const config::Limits& limits);

std::chrono::milliseconds LongestWindow(const Settings& settings);

// So many counters can live at once under the ceilings.
uint64_t MostLive(const Settings& settings);
// The words of a table of which 4/9 are live then, or what the configuration says instead.
uint64_t WordsFor(const config::Limits& limits);

// nullptr where limits are off. Errors begin with their key.
Result<std::unique_ptr<Store>> OpenStore(const config::Limits& limits, const Clock& clock);

}  // namespace latchkey::ratelimit
