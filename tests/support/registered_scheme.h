// registered_scheme.h -- the FakeScheme that the registry knows too
//
// For tests that store a hash with it and have it recognised again.

#pragma once

#include "support/fake_scheme.h"

namespace latchkey::password {
FakeScheme& RegisteredFakeScheme();
}  // namespace latchkey::password
