// stamp.h -- short signed values for cookies and hidden fields
//
// "<payload>.<mac>": the payload is readable and must be of [A-Za-z0-9_-]; the MAC is the first 128
// bits of HMAC-SHA-256 under the purpose's key. For what needs no claims: the form cookie, the notice a
// page shows once. The other 128 bits are the stamp's counterpart: who has the stamp cannot tell them,
// so a form that carries them was made by us and for the holder of that cookie.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "token/keyring.h"

namespace latchkey::token {

class Stamp {
 public:
  // keyring outlives this object.
  Stamp(const Keyring& keyring, Purpose purpose);

  struct Issued {
    std::string stamped;
    std::string counterpart;  // base64url
  };
  // REQUIRES: payload of [A-Za-z0-9_-]+.
  Issued Issue(std::string_view payload) const;
  struct Verified {
    std::string payload;
    std::string counterpart;
  };
  // If any key of the purpose made this.
  std::optional<Verified> Verify(std::string_view stamped) const;

  // base64url of 128 bits of MAC over `about`, under the signing key: a value that only we can make
  // for it. `about` is separated from Issue's input.
  std::string Digest(std::string_view about) const;
  // True if any key of the purpose made it.
  bool VerifyDigest(std::string_view about, std::string_view digest) const;

 private:
  const Keyring& keyring_;
  Purpose purpose_;
};

}  // namespace latchkey::token
