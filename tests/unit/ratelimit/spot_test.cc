#include "ratelimit/spot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ratelimit/siphash.h"

namespace latchkey::ratelimit {
namespace {

// Known answers: openssl mac -macopt hexkey:00..0f -macopt c-rounds:1 -macopt d-rounds:3
// -macopt size:8 SIPHASH, of the bytes 00..n-1; written there in the order of memory.
TEST(SipHash, GivesTheKnownAnswers) {
  const SipKey key{0x0706050403020100, 0x0f0e0d0c0b0a0908};
  const std::pair<size_t, uint64_t> answers[] = {
      {0, 0xabac0158050fc4dc},  {1, 0xc9f49bf37d57ca93}, {2, 0x82cb9b024dc7d44d},
      {3, 0x8bf80ab8e7ddf7fb},  {4, 0xcf75576088d38328}, {6, 0xc50d2b50c59f22a7},
      {7, 0xd3927d989bb11140},  {8, 0x369095118d299a8e}, {15, 0xd320d86d2a519956},
      {21, 0xb992abfe2b45f844}};
  std::string input;
  for (char c = 0; c < 32; ++c) input += c;
  for (const auto& [length, hash] : answers) {
    EXPECT_EQ(SipHash13(key, input.substr(0, length)), hash) << length;
  }
}

constexpr SipKey kAnyKey{0x5eed5eed5eed5eed, 0xfeedfeedfeedfeed};

std::string BigEndian(uint64_t number, size_t bytes) {
  std::string text(bytes, 0);
  for (size_t i = 0; i < bytes; ++i) text[i] = static_cast<char>(number >> 8 * (bytes - 1 - i));
  return text;
}

// Standard deviations by which chi-square over the buckets exceeds its mean (Wilson and Hilferty 1931).
double ExcessOfChiSquare(const std::vector<int>& counts) {
  double total = 0, sum = 0;
  for (const int count : counts) total += count;
  const double expected = total / static_cast<double>(counts.size());
  for (const int count : counts) sum += (count - expected) * (count - expected) / expected;
  const double degrees = static_cast<double>(counts.size()) - 1;
  const double ninth = 2 / (9 * degrees);
  return (std::cbrt(sum / degrees) - (1 - ninth)) / std::sqrt(ninth);
}

using Peers = std::function<std::string(uint64_t)>;

TEST(Spot, BucketsAreUsedEvenlyWhateverTheAddressesLookLike) {
  const std::pair<const char*, Peers> patterns[] = {
      {"IPv4 in sequence", [](uint64_t i) { return BigEndian(0x0a000000 + i, 4); }},
      {"the last byte only", [](uint64_t i) { return BigEndian(i << 8 | 1, 4); }},
      {"IPv6 /64 in sequence", [](uint64_t i) { return BigEndian(0x20010db800000000 + i, 8); }},
      {"/64 that differ in their first bits", [](uint64_t i) { return BigEndian(i << 40, 8); }},
      {"steps of the table's size", [](uint64_t i) { return BigEndian(i * 4096, 8); }},
      {"multiples of an odd number", [](uint64_t i) { return BigEndian(i * 0x9e3779b97f4a7c15, 8); }},
      {"chosen to collide without a key", [](uint64_t i) { return BigEndian(Mix(i << 12), 8); }},
  };
  constexpr uint64_t kBuckets = 4096;
  for (const auto& [name, peer] : patterns) {
    std::vector<int> first(kBuckets), second(kBuckets), tags(kBuckets);
    for (uint64_t i = 0; i < 100 * kBuckets; ++i) {
      const Spot spot = SpotOf(SipHash13(kAnyKey, "40" + peer(i)), kBuckets);
      ++first[spot.buckets[0]];
      ++second[spot.buckets[1]];
      ++tags[spot.tag >> 12];
    }
    // Beyond five standard deviations once in three million.
    EXPECT_LT(std::abs(ExcessOfChiSquare(first)), 5) << name;
    EXPECT_LT(std::abs(ExcessOfChiSquare(second)), 5) << name;
    EXPECT_LT(std::abs(ExcessOfChiSquare(tags)), 5) << name;
  }
}

// That the test above can fail.
TEST(Spot, ChiSquareTellsAHashThatIsNone) {
  std::vector<int> counts(4096);
  for (uint64_t i = 0; i < 100 * 4096; ++i) ++counts[i * 64 % 4096];
  EXPECT_GT(ExcessOfChiSquare(counts), 5);
}

TEST(Spot, BucketsDifferAndTheTagIsNeverZero) {
  for (uint64_t i = 0; i < 100'000; ++i) {
    const Spot spot = SpotOf(SipHash13(kAnyKey, BigEndian(i, 8)), 2);
    ASSERT_NE(spot.buckets[0], spot.buckets[1]);
    ASSERT_LT(spot.buckets[0], 2u);
    ASSERT_LT(spot.buckets[1], 2u);
    ASSERT_NE(spot.tag, 0u);
    ASSERT_LT(spot.tag, 1u << 24);
  }
}

TEST(Spot, AnotherKeyPutsTheSameBytesElsewhere) {
  int same = 0;
  for (uint64_t i = 0; i < 10'000; ++i) {
    const std::string bytes = BigEndian(i, 8);
    same += SpotOf(SipHash13({1, 2}, bytes), 1 << 20).buckets[0] == SpotOf(SipHash13({1, 3}, bytes), 1 << 20).buckets[0];
  }
  EXPECT_LT(same, 3);
}

}  // namespace
}  // namespace latchkey::ratelimit
