#include <argon2.h>

#include <optional>
#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"
#include "password/scheme.h"
#include "password/shape.h"

namespace latchkey::password {
namespace {

// $argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>, base64 without padding (the PHC string format).
struct Parsed {
  uint32_t memory_kib, passes, lanes;
  std::string salt, tag;
};

// OWASP's password storage cheat sheet: 19 MiB, two passes, one lane.
constexpr uint32_t kMemoryKib = 19456, kPasses = 2, kLanes = 1;
constexpr size_t kSaltBytes = 16, kTagBytes = 32;
// A row may ask for no more than this: some seconds and a quarter of a gibibyte.
constexpr uint32_t kMostMemoryKib = 262144, kMostPasses = 16, kMostLanes = 16;

std::optional<std::string> DecodeUnpadded(std::string_view text) {
  if (text.ends_with('=')) return std::nullopt;
  std::string padded(text);
  padded.append((4 - text.size() % 4) % 4, '=');
  return crypto::DecodeBase64(padded);
}

std::string EncodeUnpadded(std::string_view bytes) {
  std::string text = crypto::EncodeBase64(bytes);
  while (text.ends_with('=')) text.pop_back();
  return text;
}

std::optional<Parsed> Parse(std::string_view stored) {
  if (stored.size() > kMaxStoredBytes) return std::nullopt;
  const std::vector<std::string_view> parts = Split(stored, '$');
  if (parts.size() != 6 || !parts[0].empty()) return std::nullopt;
  if (parts[1] != "argon2id" || parts[2] != "v=19") return std::nullopt;
  const std::vector<std::string_view> costs = Split(parts[3], ',');
  if (costs.size() != 3) return std::nullopt;
  const auto passes = ParseNumber(costs[1], "t=", 1, kMostPasses);
  const auto lanes = ParseNumber(costs[2], "p=", 1, kMostLanes);
  if (!passes || !lanes) return std::nullopt;
  const auto memory_kib = ParseNumber(costs[0], "m=", 8 * *lanes, kMostMemoryKib);
  std::optional<std::string> salt = DecodeUnpadded(parts[4]);
  std::optional<std::string> tag = DecodeUnpadded(parts[5]);
  if (!memory_kib || !salt || !tag) return std::nullopt;
  if (salt->size() < 8 || salt->size() > 64 || tag->size() < 16 || tag->size() > 64) {
    return std::nullopt;
  }
  return Parsed{*memory_kib, *passes, *lanes, std::move(*salt), std::move(*tag)};
}

// The tag for this password, of the length of parsed.tag. False: no memory.
bool Compute(std::string_view password, const Parsed& parsed, std::string* tag) {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  };
  tag->assign(parsed.tag.size(), '\0');
  argon2_context context{};
  context.version = ARGON2_VERSION_13;
  context.out = bytes(*tag);
  context.outlen = static_cast<uint32_t>(tag->size());
  context.pwd = bytes(password);
  context.pwdlen = static_cast<uint32_t>(password.size());
  context.salt = bytes(parsed.salt);
  context.saltlen = static_cast<uint32_t>(parsed.salt.size());
  context.m_cost = parsed.memory_kib;
  context.t_cost = parsed.passes;
  context.lanes = parsed.lanes;
  // The library would start a thread for each lane; the result is the same with one.
  context.threads = 1;
  const int code = argon2id_ctx(&context);
  if (code == ARGON2_OK) return true;
  CHECK(code == ARGON2_MEMORY_ALLOCATION_ERROR);
  log::Error("hash_failed", {{"scheme", "argon2id"}, {"problem", "out of memory"}});
  return false;
}

class Argon2id final : public Scheme {
 public:
  std::string_view name() const override { return "argon2id"; }
  size_t max_password_bytes() const override { return kMaxPasswordBytes; }
  bool takes_nul() const override { return true; }
  size_t max_hash_bytes() const override {
    return Format({kMemoryKib, kPasses, kLanes, std::string(kSaltBytes, '\0'),
                   std::string(kTagBytes, '\0')}).size();
  }

  bool Recognises(std::string_view stored) const override { return Parse(stored).has_value(); }
  Strength StrengthOf(std::string_view stored) const override {
    const std::optional<Parsed> parsed = Parse(stored);
    CHECK(parsed.has_value());
    return {Strength::Kind::kMemoryHard, uint64_t{parsed->memory_kib} * parsed->passes};
  }
  Strength written_strength() const override {
    return {Strength::Kind::kMemoryHard, uint64_t{kMemoryKib} * kPasses};
  }

  bool Verify(std::string_view password, std::string_view stored) const override {
    const std::optional<Parsed> parsed = Parse(stored);
    CHECK(parsed.has_value());
    if (password.size() > kMaxPasswordBytes) return false;
    std::string tag;
    return Compute(password, *parsed, &tag) && crypto::ConstantTimeEquals(tag, parsed->tag);
  }

  Result<std::string> Make(std::string_view password) const override {
    CHECK(password.size() <= kMaxPasswordBytes);
    Parsed fresh{kMemoryKib, kPasses, kLanes, crypto::RandomBytes(kSaltBytes),
                 std::string(kTagBytes, '\0')};
    std::string tag;
    if (!Compute(password, fresh, &tag)) return Error{Next::kTryLater, "argon2id: out of memory"};
    fresh.tag = std::move(tag);
    std::string stored = Format(fresh);
    if (!Verify(password, stored)) return Error{Next::kTryLater, "argon2id: does not verify"};
    return stored;
  }

 private:
  static std::string Format(const Parsed& parsed) {
    return "$argon2id$v=19$m=" + std::to_string(parsed.memory_kib) +
           ",t=" + std::to_string(parsed.passes) + ",p=" + std::to_string(parsed.lanes) + "$" +
           EncodeUnpadded(parsed.salt) + "$" + EncodeUnpadded(parsed.tag);
  }
};

const Argon2id scheme;
const Registration registered(scheme);

}  // namespace
}  // namespace latchkey::password
