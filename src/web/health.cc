#include "web/health.h"

#include <initializer_list>
#include <string_view>
#include <utility>

namespace latchkey::web {
namespace {

// Mail that waits longer has been tried several times.
constexpr uint64_t kOldNoteSeconds = 300;

std::string ToJson(std::string_view status,
                   std::initializer_list<std::pair<std::string_view, uint64_t>> numbers) {
  std::string text = "{\"status\": \"" + std::string(status) + "\"";
  for (const auto& [name, number] : numbers) {
    text += ", \"" + std::string(name) + "\": " + std::to_string(number);
  }
  return text + "}\n";
}

// The table is made for 4/9.
bool IsCrowded(const ratelimit::Usage& limits) { return limits.live > limits.words / 10 * 9; }

}  // namespace

Health Judge(const Result<outbox::Tally>& tally, const password::Permits::Usage& permits,
             const ratelimit::Usage* limits) {
  const ratelimit::Usage usage = limits != nullptr ? *limits : ratelimit::Usage();
  const uint64_t oldest = tally.ok() ? tally->oldest_s : 0;
  const bool is_burdened = oldest > kOldNoteSeconds || permits.taken >= permits.permits ||
                           (limits != nullptr && IsCrowded(usage));
  const std::string_view status = !tally.ok() ? "down" : is_burdened ? "burdened" : "good";
  return {.status = tally.ok() ? 200 : 503,
          .text = ToJson(status, {{"database_up", tally.ok()},
                                  {"note_oldest_seconds", oldest},
                                  {"hash_permits", static_cast<uint64_t>(permits.permits)},
                                  {"hash_permits_taken", static_cast<uint64_t>(permits.taken)},
                                  {"limit_words", usage.words},
                                  {"limit_words_live", usage.live}})};
}

std::optional<Health> HealthCache::Fresh(std::chrono::milliseconds now) const {
  const std::lock_guard lock(mutex_);
  if (health_ && now - kept_ >= kLife) return std::nullopt;
  return health_;
}

void HealthCache::Keep(const Health& health, std::chrono::milliseconds now) {
  const std::lock_guard lock(mutex_);
  health_ = health;
  kept_ = now;
}

}  // namespace latchkey::web
