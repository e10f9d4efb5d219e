// fake_hash_work.h -- hash work that is done in place, or refused
//
//   FakeHashWork work;
//   work.busy = true;                 // from now on
//   EXPECT_EQ(work.pieces, 2);        // that were done

#pragma once

#include <functional>

#include "password/hash_threads.h"

namespace latchkey::password {

class FakeHashWork final : public HashWork {
 public:
  bool busy = false;
  int pieces = 0;
  Permits::Usage usage{.permits = 1, .taken = 0};

  Status Do(const std::function<void()>& piece) override {
    if (busy) return Error{Next::kBusy, "all are taken"};
    ++pieces;
    piece();
    return Ok();
  }
  Permits::Usage Read() const override { return usage; }
};

}  // namespace latchkey::password
