#include "support/registered_scheme.h"

#include "base/die.h"

namespace latchkey::password {

FakeScheme& RegisteredFakeScheme() {
  static FakeScheme scheme;
  static const Registration registration(scheme);
  return scheme;
}

Hashing FakeHashing() {
  RegisteredFakeScheme();
  Hashing::Settings settings;
  settings.writes = "fake";
  return OrDie(Hashing::Make(std::move(settings)));
}

}  // namespace latchkey::password
