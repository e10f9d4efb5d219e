// shape.h -- the pieces that stored hashes are made of
//
// Strict on purpose: one text for one value, so that a stored hash with a byte changed is another
// hash or none. Private to this module.

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "crypto/crypto.h"

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
// A salt that is used as it stands: 1 to 64 printable characters of ASCII without '$', blanks
// included only if asked for.
bool IsSalt(std::string_view text, bool blanks = false);
// Lower case hex digits of so many bytes.
bool IsHex(std::string_view text, size_t bytes);

// [A-Za-z0-9], nearly six bits each.
std::string RandomAlphanumerics(size_t count);

// "sha256" or so, and rounds. Four million take a second and a half.
constexpr uint32_t kMostPbkdf2Rounds = 4'000'000;
struct Pbkdf2Method {
  crypto::Hash hash;
  size_t digest_bytes;  // the hash's own
  uint32_t rounds;
};
std::optional<Pbkdf2Method> ParsePbkdf2(std::string_view hash, std::string_view rounds);
struct NamedHash {
  crypto::Hash hash;
  size_t digest_bytes;
};
std::optional<NamedHash> ParseHashName(std::string_view name);  // md5, sha1, sha256, sha512

// "<method>$<salt>$<hex>" as Werkzeug writes it; salt is used as it stands.
struct WerkzeugHash {
  std::string_view method;
  std::string_view salt;  // alphanumerics, 1 to 64
  std::string digest;     // decoded
};
constexpr size_t kWerkzeugSaltBytes = 16;
std::optional<WerkzeugHash> ParseWerkzeug(std::string_view stored);
std::string FormatWerkzeug(std::string_view method, std::string_view salt, std::string_view digest);

}  // namespace latchkey::password
