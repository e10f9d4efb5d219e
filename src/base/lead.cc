#include "base/lead.h"

namespace latchkey {
namespace {

// What this thread belongs to, the last term that it had, and whether it gave up since its last
// Take.
struct Held {
  Lead* lead = nullptr;
  Lead::Term term = 0;
  bool gave_up = true;
};
thread_local Held t_held;

}  // namespace

Lead::Term Lead::MyTerm() const {
  return t_held.lead == this && t_held.term == term_ ? t_held.term : 0;
}

void Lead::Take() {
  if (t_held.lead != this) t_held = {.lead = this};
  if (!t_held.gave_up && MayAllWait()) ++calm_;
  t_held.gave_up = false;
  if (MayAllWait() || IsMine()) return;

  ++resting_;  // before the look at calm_, as GiveUp looks at them the other way round
  std::unique_lock lock(mutex_);
  free_.wait(lock, [this] { return term_ == 0 || MayAllWait(); });
  --resting_;
  if (MayAllWait()) return;
  term_ = ++last_term_;
  t_held.term = term_;
}

void Lead::GiveUp() {
  Lead* const lead = t_held.lead;
  if (lead == nullptr || t_held.gave_up) return;
  t_held.gave_up = true;
  lead->calm_ = 0;
  if (lead->IsMine()) {
    lead->Relieve(t_held.term);
  } else if (lead->resting_ > 0) {
    const std::lock_guard lock(lead->mutex_);  // whoever has looked at calm_ is in free_ by now
    lead->free_.notify_one();
  }
}

void Lead::Relieve(Term term) {
  const std::lock_guard lock(mutex_);
  if (term_ == term) term_ = 0;
  if (term_ == 0) free_.notify_one();
}

}  // namespace latchkey
