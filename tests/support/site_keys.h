// site_keys.h -- a keyring and a site's origin for tests

#pragma once

#include <string>
#include <vector>

#include "base/die.h"
#include "token/keyring.h"

namespace latchkey {

inline constexpr char kTestOrigin[] = "https://www.example.org/account";

inline token::Keyring TestKeyring(std::string secret = "a secret of thirty-two bytes ...") {
  std::vector<Secret> secrets;
  secrets.emplace_back(std::move(secret));
  return OrDie(token::Keyring::Make(secrets));
}

}  // namespace latchkey
