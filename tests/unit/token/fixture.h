// fixture.h -- two secrets, and their keys as Python derived them
//
// The keys prove the derivation from outside; with them a test signs what our code never would.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "crypto/crypto.h"
#include "crypto/encoding.h"
#include "token/keyring.h"

namespace latchkey::token {

constexpr std::string_view kOldSecret = "old secret, 0123456789 0123456789";
constexpr std::string_view kNewSecret = "new secret, 0123456789 0123456789";

// hashlib.sha256(b"latchkey/v1/kid" + secret).hexdigest()[:8]
constexpr std::string_view kOldId = "2c9db5d2";
constexpr std::string_view kNewId = "e5a8b118";

// prk = hmac.new(b"\0" * 32, secret, "sha256").digest()
// hmac.new(prk, b"latchkey/v1/" + purpose + b"\x01", "sha256").hexdigest()
constexpr std::string_view kNewKeys[] = {
    "4687f40fd79fa0d837dd65efb0ecab6c8ca2ec0d7a79740c075a0d93895c56f3",  // reset
    "7c604f27115b806fb267958de68a6a667b84a973035604e3e83ceb583685a4a7",  // session
    "17cad43057e4dd4e0f77e1fd3757248068ca43fd3e99d22a5cb9d7088b32c897",  // not-me
    "89192a97350d37dc8555da0ef08f1bff392abeb2d25742acb2a994a3e01e92af",  // form
    "273e9ff72b8fe3fcbee85f288ad45ff46b54edbe34dec6db447bfc3575c6aefe",  // flash
    "03abd8d680749d042e30c11d32a16ce7c045063a86302ea15c06bc9bcfe6e02c",  // binding
    "f97fba223c5ab89906d5375c0fbc8711cc900a1b7f514ce643e781c2d2f2432a",  // limiter
};
constexpr std::string_view kOldResetKey =
    "80aa18fe1a4269428b2cc2570a7276cc0c98e9e36ffe9a7410ad10374e1e59a9";

inline std::vector<Secret> Secrets(std::initializer_list<std::string_view> texts) {
  std::vector<Secret> secrets;
  for (const std::string_view text : texts) secrets.emplace_back(std::string(text));
  return secrets;
}

inline Keyring Keys(std::initializer_list<std::string_view> texts) {
  return Keyring::Make(Secrets(texts)).value();
}

inline crypto::Hmac HmacOf(std::string_view hex_key) {
  return crypto::Hmac(Secret(crypto::DecodeHex(hex_key).value()));
}

}  // namespace latchkey::token
