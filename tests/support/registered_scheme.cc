#include "support/registered_scheme.h"

namespace latchkey::password {

FakeScheme& RegisteredFakeScheme() {
  static FakeScheme scheme;
  static const Registration registration(scheme);
  return scheme;
}

}  // namespace latchkey::password
