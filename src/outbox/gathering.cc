#include "outbox/gathering.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "base/lead.h"

namespace latchkey::outbox {

// Shared, since whoever has it inserted tells so when its owner may have gone already.
struct Gathering::Place {
  const Note* note;
  std::optional<Status> outcome;
  std::condition_variable changed;
};

Status Gathering::Join(const Note& note, const Insert& insert) {
  Lead::GiveUp();
  const auto mine = std::make_shared<Place>(&note);
  std::unique_lock lock(mutex_);
  waiting_.push_back(mine);
  while (!mine->outcome) {
    if (First() != mine) {
      mine->changed.wait(lock);
    } else if (under_way_ == 0 || std::chrono::steady_clock::now() >= next_at_) {
      return InsertWaiting(insert, lock);
    } else {
      mine->changed.wait_until(lock, next_at_);
    }
  }
  return *std::move(mine->outcome);
}

Status Gathering::InsertWaiting(const Insert& insert, std::unique_lock<std::mutex>& lock) {
  Places places = TakePlaces(kMost);
  ++under_way_;
  next_at_ = std::chrono::steady_clock::now() + patience_;
  std::shared_ptr<Place> first = First();
  lock.unlock();
  if (first) first->changed.notify_one();
  Notes notes;
  for (const auto& place : places) notes.push_back(place->note);
  const Status outcome = insert(notes);

  lock.lock();
  --under_way_;
  if (!outcome.ok()) {
    for (auto& place : TakePlaces(waiting_.size())) places.push_back(std::move(place));
  }
  for (const auto& place : places) place->outcome = outcome;
  first = First();
  lock.unlock();
  if (first) first->changed.notify_one();
  for (const auto& place : places) place->changed.notify_one();
  return outcome;
}

size_t Gathering::CountWaiting() {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

std::shared_ptr<Gathering::Place> Gathering::First() const {
  return waiting_.empty() ? nullptr : waiting_.front();
}

Gathering::Places Gathering::TakePlaces(size_t most) {
  const auto end = waiting_.begin() + static_cast<long>(std::min(waiting_.size(), most));
  Places places(waiting_.begin(), end);
  waiting_.erase(waiting_.begin(), end);
  return places;
}

}  // namespace latchkey::outbox
