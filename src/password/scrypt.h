// scrypt.h -- scrypt within bounds, for the formats that hold its parameters
//
// Private to this module.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "crypto/crypto.h"
#include "password/scheme.h"

namespace latchkey::password {

constexpr size_t kScryptDigestBytes = 64;

// A row may ask for sixteen times the work of N=32768, r=8, p=1, and four times its 32 MiB.
std::optional<crypto::ScryptParameters> ParseScrypt(std::string_view n, std::string_view r,
                                                    std::string_view p);
Strength ScryptStrength(crypto::ScryptParameters parameters);
Memory ScryptMemory(crypto::ScryptParameters written);
// nullopt: no memory; said in the log, with the scheme's name.
std::optional<std::string> ScryptDigest(std::string_view scheme, std::string_view password,
                                        std::string_view salt,
                                        crypto::ScryptParameters parameters);

}  // namespace latchkey::password
