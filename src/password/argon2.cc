#include "password/argon2.h"

#include <argon2.h>

#include <vector>

#include "base/check.h"
#include "base/log.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"
#include "os/large_block.h"

namespace latchkey::password {
namespace {

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

std::optional<Argon2Scheme::Costs> ParseCosts(std::string_view text) {
  const std::vector<std::string_view> costs = Split(text, ',');
  if (costs.size() != 3) return std::nullopt;
  const auto passes = ParseNumber(costs[1], "t=", 1, kMostPasses);
  const auto lanes = ParseNumber(costs[2], "p=", 1, kMostLanes);
  if (!passes || !lanes) return std::nullopt;
  const auto memory_kib = ParseNumber(costs[0], "m=", 8 * *lanes, kMostMemoryKib);
  if (!memory_kib) return std::nullopt;
  return Argon2Scheme::Costs{*memory_kib, *passes, *lanes};
}

int Allocate(uint8_t** memory, size_t size_bytes) {
  *memory = static_cast<uint8_t*>(os::AllocateLarge(size_bytes));
  return *memory != nullptr ? ARGON2_OK : ARGON2_MEMORY_ALLOCATION_ERROR;
}

void Free(uint8_t* memory, size_t size_bytes) { os::FreeLarge(memory, size_bytes); }

std::string_view Word(Argon2Scheme::Variety variety) {
  return variety == Argon2Scheme::Variety::kI ? "argon2i" : "argon2id";
}

}  // namespace

// $argon2id$v=19$m=19456,t=2,p=1$<salt>$<tag>, base64 without padding.
struct Argon2Scheme::Parsed {
  Costs costs;
  std::string salt, tag;
};

std::optional<Argon2Scheme::Parsed> Argon2Scheme::Parse(std::string_view stored) const {
  if (stored.size() > kMaxStoredBytes) return std::nullopt;
  const std::vector<std::string_view> parts = Split(stored, '$');
  if (parts.size() != 6 || !parts[0].empty()) return std::nullopt;
  if (parts[1] != Word(variety_) || parts[2] != "v=19") return std::nullopt;
  const std::optional<Costs> costs = ParseCosts(parts[3]);
  std::optional<std::string> salt = DecodeUnpadded(parts[4]);
  std::optional<std::string> tag = DecodeUnpadded(parts[5]);
  if (!costs || !salt || !tag) return std::nullopt;
  if (salt->size() < 8 || salt->size() > 64 || tag->size() < 16 || tag->size() > 64) {
    return std::nullopt;
  }
  return Parsed{*costs, std::move(*salt), std::move(*tag)};
}

std::string Argon2Scheme::Format(const Parsed& parsed) const {
  return "$" + std::string(Word(variety_)) + "$v=19$m=" + std::to_string(parsed.costs.memory_kib) +
         ",t=" + std::to_string(parsed.costs.passes) + ",p=" + std::to_string(parsed.costs.lanes) +
         "$" + EncodeUnpadded(parsed.salt) + "$" + EncodeUnpadded(parsed.tag);
}

bool Argon2Scheme::Recognises(std::string_view stored) const { return Parse(stored).has_value(); }

// "$argon2id$v=19$m=19456,t=2,p=1"
std::string_view Argon2Scheme::CostOf(std::string_view stored) const {
  const std::string_view without_tag = stored.substr(0, stored.rfind('$'));
  return without_tag.substr(0, without_tag.rfind('$'));
}

Strength Argon2Scheme::StrengthOf(std::string_view stored) const {
  const Costs costs = Parse(stored).value().costs;
  return {Strength::Kind::kMemoryHard, uint64_t{costs.memory_kib} * costs.passes};
}

Memory Argon2Scheme::memory() const {
  return {size_t{1024} * written_.memory_kib, size_t{1024} * kMostMemoryKib};
}

std::optional<std::string> Argon2Scheme::Recompute(std::string_view password,
                                                   std::string_view stored) const {
  Parsed parsed = Parse(stored).value();
  if (!Compute(password, parsed)) return std::nullopt;
  return Format(parsed);
}

// Puts the tag for this password, of the length of parsed.tag, in its place. False: no memory.
bool Argon2Scheme::Compute(std::string_view password, Parsed& parsed) const {
  const auto bytes = [](std::string_view text) {
    return reinterpret_cast<uint8_t*>(const_cast<char*>(text.data()));
  };
  argon2_context context{};
  context.version = ARGON2_VERSION_13;
  context.out = bytes(parsed.tag);
  context.outlen = static_cast<uint32_t>(parsed.tag.size());
  context.pwd = bytes(password);
  context.pwdlen = static_cast<uint32_t>(password.size());
  context.salt = bytes(parsed.salt);
  context.saltlen = static_cast<uint32_t>(parsed.salt.size());
  context.m_cost = parsed.costs.memory_kib;
  context.t_cost = parsed.costs.passes;
  context.lanes = parsed.costs.lanes;
  // The library would start a thread for each lane; the result is the same with one.
  context.threads = 1;
  context.allocate_cbk = Allocate;
  context.free_cbk = Free;
  const int code = argon2_ctx(&context, variety_ == Variety::kI ? Argon2_i : Argon2_id);
  if (code == ARGON2_OK) return true;
  CHECK(code == ARGON2_MEMORY_ALLOCATION_ERROR);
  log::Error("hash_failed", {{"scheme", name()}, {"problem", "out of memory"}});
  return false;
}

std::string Argon2Scheme::Fresh() const {
  return Format({written_, crypto::RandomBytes(kSaltBytes), std::string(kTagBytes, '\0')});
}

}  // namespace latchkey::password
