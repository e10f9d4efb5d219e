#include "password/argon2.h"
#include "password/wrapped.h"

namespace latchkey::password {
namespace {

// OWASP's password storage cheat sheet: 19 MiB, two passes, one lane.
constexpr Argon2Scheme::Costs kWritten{19456, 2, 1};

const Registration argon2i(Argon2i());
const Registration argon2id(Argon2id());

}  // namespace

const Scheme& Argon2i() {
  // Weaker than Argon2id against whoever steals the table.
  static const ReadOnly<Argon2Scheme> scheme("argon2i", Argon2Scheme::Variety::kI, kWritten);
  return scheme;
}
const Scheme& Argon2id() {
  static const Argon2Scheme scheme("argon2id", Argon2Scheme::Variety::kId, kWritten);
  return scheme;
}

}  // namespace latchkey::password
