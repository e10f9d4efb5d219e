// fake_drops.h -- the web's half of an outbox in memory
//
//   FakeDrops drops;
//   drops.failure = Error{Next::kTryLater, "down"};   // every Drop from now on
//   EXPECT_EQ(drops.notes.size(), 1u);                // in the order they came, one of an id

#pragma once

#include <optional>
#include <vector>

#include "outbox/outbox.h"

namespace latchkey {

class FakeDrops final : public outbox::Drops {
 public:
  std::vector<outbox::Note> notes;
  std::optional<Error> failure;

  Status Drop(const outbox::Note& note) override {
    if (failure) return *failure;
    for (const outbox::Note& known : notes) {
      if (known.id == note.id) return Ok();
    }
    notes.push_back(note);
    return Ok();
  }

  std::vector<Status> DropAll(const std::vector<const outbox::Note*>& all) override {
    std::vector<Status> outcomes;
    for (const outbox::Note* note : all) outcomes.push_back(Drop(*note));
    return outcomes;
  }

  outbox::Tally tally;
  Result<outbox::Tally> Count() override {
    if (failure) return *failure;
    return tally;
  }
};

}  // namespace latchkey
