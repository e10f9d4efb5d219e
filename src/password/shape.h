// shape.h -- the pieces that stored hashes are made of
//
// Strict on purpose: one text for one value, so that a stored hash with a byte changed is another
// hash or none. Private to this module.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace latchkey::password {

// For schemes that have no limit of their own.
constexpr size_t kMaxPasswordBytes = 1024;
// No hash of any format is longer; what is, is not taken apart.
constexpr size_t kMaxStoredBytes = 512;

// Digits without a leading zero, from least to most.
std::optional<uint32_t> ParseNumber(std::string_view text, uint32_t least, uint32_t most);
// The same behind a key: "m=19456".
std::optional<uint32_t> ParseNumber(std::string_view text, std::string_view key, uint32_t least,
                                    uint32_t most);

bool IsAlphanumeric(char c);  // ASCII
bool HasNul(std::string_view text);

// "<method>$<salt>$<hex>" as Werkzeug writes it; salt is used as it stands.
struct WerkzeugHash {
  std::string_view method;
  std::string_view salt;  // alphanumerics, 1 to 64
  std::string digest;     // decoded
};
std::optional<WerkzeugHash> ParseWerkzeug(std::string_view stored);
std::string FormatWerkzeug(std::string_view method, std::string_view salt, std::string_view digest);
// 16 random characters of [A-Za-z0-9], over 95 bits.
std::string RandomWerkzeugSalt();

}  // namespace latchkey::password
