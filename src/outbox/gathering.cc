#include "outbox/gathering.h"

#include <algorithm>
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
  mine->changed.wait(lock,
                     [&] { return mine->outcome || (!inserting_ && waiting_.front() == mine); });
  if (mine->outcome) return *std::move(mine->outcome);

  inserting_ = true;
  Places places = TakePlaces(kMost);
  lock.unlock();
  Notes notes;
  for (const auto& place : places) notes.push_back(place->note);
  const Status outcome = insert(notes);
  lock.lock();
  inserting_ = false;
  if (!outcome.ok()) {
    for (auto& place : TakePlaces(waiting_.size())) places.push_back(std::move(place));
  }
  for (const auto& place : places) place->outcome = outcome;
  const std::shared_ptr<Place> next = waiting_.empty() ? nullptr : waiting_.front();
  lock.unlock();

  if (next) next->changed.notify_one();
  for (const auto& place : places) place->changed.notify_one();
  return outcome;
}

size_t Gathering::CountWaiting() {
  const std::lock_guard lock(mutex_);
  return waiting_.size();
}

Gathering::Places Gathering::TakePlaces(size_t most) {
  const auto end = waiting_.begin() + static_cast<long>(std::min(waiting_.size(), most));
  Places places(waiting_.begin(), end);
  waiting_.erase(waiting_.begin(), end);
  return places;
}

}  // namespace latchkey::outbox
