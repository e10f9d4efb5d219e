// One text for one value: what decodes encodes to itself.

#include "crypto/encoding.h"
#include "fuzz/fuzz.h"

using namespace latchkey;

FUZZ(encoding) {
  if (const auto bytes = crypto::DecodeBase64Url(input)) {
    CHECK(crypto::EncodeBase64Url(*bytes) == input);
  }
  if (const auto bytes = crypto::DecodeBase64(input)) CHECK(crypto::EncodeBase64(*bytes) == input);
  if (const auto bytes = crypto::DecodeHex(input)) CHECK(crypto::EncodeHex(*bytes) == input);
  CHECK(crypto::DecodeBase64Url(crypto::EncodeBase64Url(input)) == input);
  CHECK(crypto::DecodeBase64(crypto::EncodeBase64(input)) == input);
  CHECK(crypto::DecodeHex(crypto::EncodeHex(input)) == input);
}
