#include "ratelimit/siphash.h"

#include <bit>
#include <cstring>

namespace latchkey::ratelimit {
namespace {

struct State {
  uint64_t v0, v1, v2, v3;

  void Round() {
    v0 += v1;
    v2 += v3;
    v1 = std::rotl(v1, 13) ^ v0;
    v3 = std::rotl(v3, 16) ^ v2;
    v0 = std::rotl(v0, 32);
    v2 += v1;
    v0 += v3;
    v1 = std::rotl(v1, 17) ^ v2;
    v3 = std::rotl(v3, 21) ^ v0;
    v2 = std::rotl(v2, 32);
  }
  void Compress(uint64_t word) {
    v3 ^= word;
    Round();
    v0 ^= word;
  }
};

uint64_t LittleEndian(const char* bytes, size_t count) {
  uint64_t word = 0;
  std::memcpy(&word, bytes, count);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}

}  // namespace

uint64_t SipHash13(SipKey key, std::string_view data) {
  State state{key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d,
              key.k0 ^ 0x6c7967656e657261, key.k1 ^ 0x7465646279746573};
  const uint64_t length = static_cast<uint64_t>(data.size()) << 56;
  for (; data.size() >= 8; data.remove_prefix(8)) state.Compress(LittleEndian(data.data(), 8));
  state.Compress(length | LittleEndian(data.data(), data.size()));
  state.v2 ^= 0xff;
  for (int i = 0; i < 3; ++i) state.Round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace latchkey::ratelimit
