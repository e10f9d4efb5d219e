#include "password/scheme.h"

#include <algorithm>

namespace latchkey::password {
namespace {

// In a function, so that it is there before the first registration whatever the order of linking.
std::vector<const Scheme*>& Registered() {
  static std::vector<const Scheme*> schemes;
  return schemes;
}

}  // namespace

std::string_view Scheme::CostOf(std::string_view stored) const {
  const std::string_view without_digest = stored.substr(0, stored.rfind('$'));
  return without_digest.substr(0, without_digest.rfind('$'));
}

Registration::Registration(const Scheme& scheme) { Registered().push_back(&scheme); }

std::vector<const Scheme*> AllSchemes() {
  std::vector<const Scheme*> schemes = Registered();
  std::sort(schemes.begin(), schemes.end(),
            [](const Scheme* a, const Scheme* b) { return a->name() < b->name(); });
  return schemes;
}

const Scheme* FindScheme(std::string_view name) {
  for (const Scheme* scheme : Registered()) {
    if (scheme->name() == name) return scheme;
  }
  return nullptr;
}

const Scheme* RecogniseScheme(std::string_view stored) {
  for (const Scheme* scheme : Registered()) {
    if (scheme->self_describing() && scheme->Recognises(stored)) return scheme;
  }
  return nullptr;
}

}  // namespace latchkey::password
