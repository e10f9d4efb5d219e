// A stored hash has one scheme at most. Nothing is hashed here.

#include <algorithm>

#include "fuzz/fuzz.h"
#include "password/scheme.h"

using namespace latchkey;

FUZZ(stored_hash) {
  const auto schemes = password::AllSchemes();
  const auto count = std::count_if(schemes.begin(), schemes.end(),
                                   [&](const auto* one) { return one->Recognises(input); });
  CHECK(count <= 1);
  CHECK((password::RecogniseScheme(input) != nullptr) == (count == 1));
}
