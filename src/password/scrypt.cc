#include "password/scrypt.h"

#include "base/log.h"
#include "os/large_block.h"
#include "password/shape.h"

namespace latchkey::password {
namespace {

constexpr uint32_t kMostN = 1U << 19, kMostR = 32, kMostP = 16;
constexpr uint64_t kMostWork = 16ULL * 32768 * 8, kMostBlocks = 4ULL * 32768 * 8;
constexpr uint64_t kBlockBytes = 128;
// And some for the lanes.
constexpr uint64_t kMaxMemoryBytes = kBlockBytes * kMostBlocks + (1U << 20);

}  // namespace

std::optional<crypto::ScryptParameters> ParseScrypt(std::string_view n_text,
                                                    std::string_view r_text,
                                                    std::string_view p_text) {
  const auto n = ParseNumber(n_text, 2, kMostN);
  const auto r = ParseNumber(r_text, 1, kMostR);
  const auto p = ParseNumber(p_text, 1, kMostP);
  if (!n || !r || !p || (*n & (*n - 1)) != 0) return std::nullopt;
  const uint64_t blocks = uint64_t{*n} * *r;
  if (blocks > kMostBlocks || blocks * *p > kMostWork) return std::nullopt;
  return crypto::ScryptParameters{*n, *r, *p};
}

Strength ScryptStrength(crypto::ScryptParameters parameters) {
  return {Strength::Kind::kMemoryHard, parameters.n * parameters.r * parameters.p};
}

Memory ScryptMemory(crypto::ScryptParameters written) {
  return {kBlockBytes * written.n * written.r, kBlockBytes * kMostBlocks};
}

std::optional<std::string> ScryptDigest(std::string_view scheme, std::string_view password,
                                        std::string_view salt,
                                        crypto::ScryptParameters parameters) {
  os::FreeKeptBlock();  // permits bound the memory of all
  std::string digest;
  if (crypto::Scrypt(password, salt, parameters, kMaxMemoryBytes, kScryptDigestBytes, &digest)) {
    return digest;
  }
  log::Error("hash_failed", {{"scheme", scheme}});
  return std::nullopt;
}

}  // namespace latchkey::password
