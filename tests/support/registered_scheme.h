// registered_scheme.h -- the FakeScheme that the registry knows too
//
// For tests that store a hash with it and have it recognised again.

#pragma once

#include "password/hashing.h"
#include "support/fake_scheme.h"

namespace latchkey::password {
FakeScheme& RegisteredFakeScheme();
// A site whose passwords are hashed with it.
Hashing FakeHashing();
}  // namespace latchkey::password
