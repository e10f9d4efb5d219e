#include "delivery/ledger.h"

namespace latchkey::delivery {

void Ledger::Enter(const std::string& note_id) {
  const std::lock_guard lock(mutex_);
  DropOld();
  sent_[note_id] = clock_.SinceBoot();
}

bool Ledger::Holds(const std::string& note_id) {
  const std::lock_guard lock(mutex_);
  return sent_.contains(note_id);
}

void Ledger::Strike(const std::vector<std::string>& note_ids) {
  const std::lock_guard lock(mutex_);
  for (const std::string& id : note_ids) sent_.erase(id);
}

// Entries that stay are those of an outage, so there are few.
void Ledger::DropOld() {
  const std::chrono::milliseconds now = clock_.SinceBoot();
  std::erase_if(sent_, [&](const auto& entry) { return now - entry.second > life_; });
}

}  // namespace latchkey::delivery
