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

uint64_t LittleEndian64(const char* bytes) {
  uint64_t word;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap64(word);
  return word;
}
uint64_t LittleEndian32(const char* bytes) {
  uint32_t word;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (std::endian::native == std::endian::big) word = __builtin_bswap32(word);
  return word;
}

// Of fewer than 8 bytes, where four and more are read as two words that overlap: a copy of as many as
// there are takes as long as a round.
uint64_t LittleEndianRest(std::string_view bytes) {
  const size_t size = bytes.size();
  if (size >= 4) {
    const char* last = bytes.data() + size - 4;
    return LittleEndian32(bytes.data()) | LittleEndian32(last) << 8 * (size - 4);
  }
  uint64_t word = 0;
  for (size_t i = 0; i < size; ++i) word |= uint64_t{static_cast<uint8_t>(bytes[i])} << 8 * i;
  return word;
}

}  // namespace

uint64_t SipHash13(SipKey key, std::string_view data) {
  State state{key.k0 ^ 0x736f6d6570736575, key.k1 ^ 0x646f72616e646f6d,
              key.k0 ^ 0x6c7967656e657261, key.k1 ^ 0x7465646279746573};
  const uint64_t length = static_cast<uint64_t>(data.size()) << 56;
  for (; data.size() >= 8; data.remove_prefix(8)) state.Compress(LittleEndian64(data.data()));
  state.Compress(length | LittleEndianRest(data));
  state.v2 ^= 0xff;
  state.Round();
  state.Round();
  state.Round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

}  // namespace latchkey::ratelimit
