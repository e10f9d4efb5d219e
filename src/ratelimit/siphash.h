// siphash.h -- SipHash-1-3 (Aumasson and Bernstein, "SipHash: a fast short-input PRF", 2012)
//
// Keyed, so that nobody who does not know the key can choose inputs that collide. Not a MAC for
// anything that leaves this machine.

#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace latchkey::ratelimit {

struct SipKey {
  uint64_t k0;
  uint64_t k1;
};

// Where a hash under the key begins.
struct SipState {
  explicit SipState(SipKey key)
      : v0(key.k0 ^ 0x736f6d6570736575),
        v1(key.k1 ^ 0x646f72616e646f6d),
        v2(key.k0 ^ 0x6c7967656e657261),
        v3(key.k1 ^ 0x7465646279746573) {}

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
  uint64_t Finish(uint64_t last) {
    Compress(last);
    v2 ^= 0xff;
    Round();
    Round();
    Round();
    return v0 ^ v1 ^ v2 ^ v3;
  }

  uint64_t v0, v1, v2, v3;
};

namespace siphash {

template <typename Word>
uint64_t LittleEndian(const char* bytes) {
  Word word;
  std::memcpy(&word, bytes, sizeof word);
  if constexpr (std::endian::native == std::endian::big) {
    word = sizeof word == 8 ? __builtin_bswap64(word) : __builtin_bswap32(word);
  }
  return word;
}

// Of fewer than 8 bytes, where four and more are read as two words that overlap: a copy of as many as
// there are takes as long as a round.
inline uint64_t LittleEndianRest(const char* bytes, size_t size) {
  if (size >= 4) {
    return LittleEndian<uint32_t>(bytes) | LittleEndian<uint32_t>(bytes + size - 4) << 8 * (size - 4);
  }
  uint64_t word = 0;
  for (size_t i = 0; i < size; ++i) word |= uint64_t{static_cast<uint8_t>(bytes[i])} << 8 * i;
  return word;
}

}  // namespace siphash

inline uint64_t SipHash13(SipState state, std::string_view data) {
  const uint64_t length = uint64_t{data.size()} << 56;
  for (; data.size() >= 8; data.remove_prefix(8)) {
    state.Compress(siphash::LittleEndian<uint64_t>(data.data()));
  }
  return state.Finish(length | siphash::LittleEndianRest(data.data(), data.size()));
}
// The same, for data whose last word is filled up with zeros, and begun where it has no last one:
// the next 8 bytes are read, too.
[[gnu::always_inline]] inline uint64_t SipHash13Padded(SipState state, std::string_view data) {
  const char* at = data.data();
  for (size_t words = data.size() / 8; words > 0; --words, at += 8) {
    state.Compress(siphash::LittleEndian<uint64_t>(at));
  }
  return state.Finish(uint64_t{data.size()} << 56 | siphash::LittleEndian<uint64_t>(at));
}
inline uint64_t SipHash13(SipKey key, std::string_view data) { return SipHash13(SipState(key), data); }

}  // namespace latchkey::ratelimit
