#include "ratelimit/settings.h"

#include <algorithm>
#include <bit>
#include <string>

#include "ratelimit/ratelimit.h"

namespace latchkey::ratelimit {
namespace {

constexpr uint64_t kMostTiers = 2;  // of one peer: an IPv6 /64 and its /48

Limit ToLimit(const config::Limit& limit) {
  return {limit.count, std::chrono::milliseconds(limit.window)};
}

// Of one counter's windows, when hits come under a ceiling: a counter lives for its window, which
// touches so many windows of the ceiling, and each of those may admit all at any time.
uint64_t MostAdmitted(std::chrono::milliseconds window, const Ceiling& ceiling) {
  const int64_t touched = (window + ceiling.window - std::chrono::milliseconds(1)) / ceiling.window + 1;
  return static_cast<uint64_t>(touched) * ceiling.count;
}

}  // namespace

Settings ToSettings(const config::Limits& limits) {
  Settings settings;
  settings.dry_run = limits.dry_run;
  settings.limits = {ToLimit(limits.reset_request), ToLimit(limits.reset_password),
                     ToLimit(limits.login), ToLimit(limits.account)};
  settings.ceilings = {ToLimit(limits.reset_request_ceiling), ToLimit(limits.reset_password_ceiling),
                       ToLimit(limits.login_ceiling), std::nullopt};
  settings.ipv4_factor = limits.ipv4_factor;
  settings.ipv6_64_factor = limits.ipv6_64_factor;
  settings.ipv6_48_factor = limits.ipv6_48_factor;
  settings.exempt = limits.exempt;
  return settings;
}

std::chrono::milliseconds LongestWindow(const Settings& settings) {
  std::chrono::milliseconds longest{0};
  for (const Limit& limit : settings.limits) longest = std::max(longest, limit.window);
  return longest;
}

uint64_t MostLive(const Settings& settings) {
  uint64_t live = 0;
  for (size_t rule = 0; rule < kRules; ++rule) {
    if (!settings.ceilings[rule]) continue;
    live += kMostTiers * MostAdmitted(settings.limits[rule].window, *settings.ceilings[rule]);
  }
  // A mail is asked for by a request that was admitted.
  const auto account = static_cast<size_t>(Rule::kAccount);
  const auto request = static_cast<size_t>(Rule::kResetRequest);
  return live + MostAdmitted(settings.limits[account].window, *settings.ceilings[request]);
}

uint64_t WordsFor(const config::Limits& limits) {
  const uint64_t words =
      limits.words != 0 ? limits.words : MostLive(ToSettings(limits)) / 4 * 9 + Table::kMinWords;
  return std::bit_ceil(std::max(words, Table::kMinWords));
}

Result<std::unique_ptr<Store>> OpenStore(const config::Limits& limits, const Clock& clock) {
  if (!limits.enabled) return std::unique_ptr<Store>();
  const uint64_t words = WordsFor(limits);
  if (words > Table::kMaxWords) {
    return Error{Next::kFixSetup, "limits.words: the ceilings call for " + std::to_string(words) +
                                      " words, more than " + std::to_string(Table::kMaxWords) +
                                      "; lower ceilings or windows, or set it"};
  }
  Result<Table> table =
      Table::Open(limits.table, words, LongestWindow(ToSettings(limits)), clock);
  if (!table.ok()) return Error{table.error().next, "limits.table: " + table.error().message};
  return std::unique_ptr<Store>(std::make_unique<Table>(std::move(*table)));
}

}  // namespace latchkey::ratelimit
