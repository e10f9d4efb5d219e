// A stored hash has one scheme at most that describes itself, whatever the row says its work is
// bounded, and a password that nobody chose is not its.

#include "fuzz/fuzz.h"
#include "password/scheme.h"

using namespace latchkey;

namespace {

// Milliseconds at most, so that thousands may be tried.
bool IsCheap(password::Strength strength) {
  using Kind = password::Strength::Kind;
  switch (strength.kind) {
    case Kind::kFast: return true;
    // phpass's power of two, or rounds.
    case Kind::kStretched:
      return strength.amount <= 11 || (strength.amount >= 1000 && strength.amount <= 5000);
    case Kind::kSlow: return strength.amount <= 5;  // bcrypt's cost, or PBKDF2's rounds
    case Kind::kMemoryHard: return strength.amount <= 4096;
  }
  return false;
}

}  // namespace

FUZZ(stored_hash) {
  size_t described = 0;
  for (const password::Scheme* scheme : password::AllSchemes()) {
    if (!scheme->Recognises(input)) continue;
    described += scheme->self_describing() ? 1 : 0;
    CHECK(scheme->CostOf(input).size() <= input.size());
    if (IsCheap(scheme->StrengthOf(input))) CHECK(!scheme->Verify("wHx3-nobody's", input));
  }
  CHECK(described <= 1);
  CHECK((password::RecogniseScheme(input) != nullptr) == (described == 1));
}
