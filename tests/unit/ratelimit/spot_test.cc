#include "ratelimit/spot.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "ratelimit/siphash.h"
#include "ratelimit/store.h"

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

TEST(SipHash, IsTheSameOfAKeyWithItsZeros) {
  const SipState state(SipKey{0x0706050403020100, 0x0f0e0d0c0b0a0908});
  for (size_t length = 0; length <= CounterKey::kMaxBytes; ++length) {
    const std::string bytes(length, 'x');
    const CounterKey key = CounterKey().Append(bytes.substr(0, length / 3)).Append(bytes.substr(length / 3));
    EXPECT_EQ(SipHash13Padded(state, key.bytes()), SipHash13(state, bytes)) << length;
  }
}

constexpr SipKey kAnyKey{0x5eed5eed5eed5eed, 0xfeedfeedfeedfeed};

Spot SpotOfKey(const std::string& key, uint64_t buckets) {
  return SpotOf(SipHash13(kAnyKey, key), BucketMask(buckets * kBucketWords));
}

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
      // The inverse of SpotOf's factor, so that all would have two buckets that lie alike.
      {"chosen to collide without a hash", [](uint64_t i) { return BigEndian(i * 0xf1de83e19937733d, 8); }},
  };
  constexpr uint64_t kBuckets = 4096;
  for (const auto& [name, peer] : patterns) {
    std::vector<int> first(kBuckets), second(kBuckets), tags(kBuckets);
    for (uint64_t i = 0; i < 100 * kBuckets; ++i) {
      const Spot spot = SpotOfKey("40" + peer(i), kBuckets);
      ++first[spot.buckets[0] / kBucketWords];
      ++second[spot.buckets[1] / kBucketWords];
      ++tags[spot.tag >> 12];
    }
    // Beyond five standard deviations once in three million.
    EXPECT_LT(std::abs(ExcessOfChiSquare(first)), 5) << name;
    EXPECT_LT(std::abs(ExcessOfChiSquare(second)), 5) << name;
    EXPECT_LT(std::abs(ExcessOfChiSquare(tags)), 5) << name;
  }
}

// All pairs of an even and an odd one are as likely, or full buckets would share their keys' other
// ones.
TEST(Spot, OneBucketSaysNothingOfTheOther) {
  constexpr uint64_t kBuckets = 64, kOthers = kBuckets / 2;
  std::vector<int> pairs(kBuckets * kOthers);
  for (uint64_t i = 0; i < 100 * pairs.size(); ++i) {
    const Spot spot = SpotOfKey(BigEndian(i, 4), kBuckets);
    ++pairs[spot.buckets[0] / kBucketWords * kOthers + spot.buckets[1] / kBucketWords / 2];
  }
  EXPECT_LT(std::abs(ExcessOfChiSquare(pairs)), 5);
}

// The same of the largest table, where a bucket takes most of the hash: for keys that share their
// first one, the bits of their second ones' numbers and of their tags are looked at, some at a time.
TEST(Spot, OneBucketOfTheLargestTableSaysNothingOfTheOtherAndTheTag) {
  constexpr uint64_t kMask = BucketMask(1 << 30);
  for (const uint64_t bucket : {uint64_t{0}, uint64_t{0x2aaaaaa8}, kMask}) {
    // Of each six bits that stand together. A second number's lowest bit follows from the first's.
    const std::vector<int> none(64);
    std::vector<std::vector<int>> seconds(27 - 6, none), tags(24 - 6 + 1, none);
    for (uint64_t i = 0; i < 100 * 64; ++i) {
      const Spot spot = SpotOf((SipHash13(kAnyKey, BigEndian(i, 4)) & ~kMask) | bucket, kMask);
      ASSERT_EQ(spot.buckets[0], bucket);
      const uint64_t second = spot.buckets[1] / kBucketWords;
      for (size_t k = 0; k < seconds.size(); ++k) ++seconds[k][second >> (k + 1) & 63];
      for (size_t k = 0; k < tags.size(); ++k) ++tags[k][spot.tag >> k & 63];
    }
    for (const auto& counts : seconds) EXPECT_LT(std::abs(ExcessOfChiSquare(counts)), 5);
    for (const auto& counts : tags) EXPECT_LT(std::abs(ExcessOfChiSquare(counts)), 5);
  }
}

// That the tests above can fail.
TEST(Spot, ChiSquareTellsAHashThatIsNone) {
  std::vector<int> counts(4096);
  for (uint64_t i = 0; i < 100 * 4096; ++i) ++counts[i * 64 % 4096];
  EXPECT_GT(ExcessOfChiSquare(counts), 5);
}

TEST(Spot, BucketsDifferAndTheTagIsNeverZero) {
  for (uint64_t i = 0; i < 100'000; ++i) {
    const Spot spot = SpotOfKey(BigEndian(i, 8), 2);
    ASSERT_NE(spot.buckets[0], spot.buckets[1]);
    for (const uint64_t bucket : spot.buckets) ASSERT_TRUE(bucket == 0 || bucket == kBucketWords);
    ASSERT_NE(spot.tag, 0u);
    ASSERT_LT(spot.tag, 1u << 24);
  }
}

TEST(Spot, AnotherKeyPutsTheSameBytesElsewhere) {
  int same = 0;
  for (uint64_t i = 0; i < 10'000; ++i) {
    const std::string bytes = BigEndian(i, 8);
    const auto first_under = [&](SipKey key) { return SpotOf(SipHash13(key, bytes), BucketMask(1 << 23)).buckets[0]; };
    same += first_under({1, 2}) == first_under({1, 3});
  }
  EXPECT_LT(same, 3);
}

}  // namespace
}  // namespace latchkey::ratelimit
