#include "ratelimit/ratelimit.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>

#include "base/check.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"

namespace latchkey::ratelimit {

static_assert(std::atomic<uint64_t>::is_always_lock_free);

// At the front of the file; written once, before the file has a name.
struct Table::Header {
  std::array<char, 8> magic;
  uint64_t word_count;
  SipKey sip_key;
  std::array<char, 40> boot_id;
  std::array<char, 56> unused;
};

struct Table::Key {
  uint64_t tag;  // in its place in the word
  Word* buckets[2];
};

struct Table::Place {
  Word* word;
  uint64_t seen;
  bool live;  // taking it evicts somebody
};

namespace {

constexpr std::array<char, 8> kMagic = {'L', 'K', 'L', 'I', 'M', 'I', 'T', '1'};
constexpr size_t kBucketWords = 8;
constexpr int kTagShift = 40;
constexpr int kEndShift = 8;
constexpr uint64_t kCountMask = 0xff;

uint64_t TagOf(uint64_t word) { return word >> kTagShift << kTagShift; }
uint32_t EndOf(uint64_t word) { return static_cast<uint32_t>(word >> kEndShift); }
uint32_t CountOf(uint64_t word) { return static_cast<uint32_t>(word & kCountMask); }

// Modular, so a clock that wraps every 49 days does no harm: windows are at most 24 days.
bool IsLive(uint64_t word, uint32_t now, uint32_t window) {
  const uint32_t left = EndOf(word) - now;
  return left != 0 && left <= window;
}

uint32_t ToModularMs(std::chrono::milliseconds time) { return static_cast<uint32_t>(time.count()); }

std::array<char, 40> CurrentBoot() {
  std::array<char, 40> padded{};
  const std::string id = os::BootId();
  std::copy_n(id.begin(), std::min(id.size(), padded.size()), padded.begin());
  return padded;
}

// Tables that cannot share counts have different names, so that nobody has to replace another's.
std::string NameOfTable(const std::string& prefix, uint64_t word_count,
                        const std::array<char, 40>& boot) {
  const std::string facts = std::string(kMagic.data(), kMagic.size()) + "/" +
                            std::to_string(word_count) + "/" + std::string(boot.data(), boot.size());
  return prefix + "." + crypto::EncodeHex(crypto::Sha256(facts).substr(0, 4));
}

// The finaliser of SplitMix64: a second bucket from the same keyed hash.
uint64_t Remix(uint64_t x) {
  x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27)) * 0x94d049bb133111eb;
  return x ^ (x >> 31);
}

}  // namespace

Result<Table> Table::Open(const std::string& prefix, uint64_t words,
                          std::chrono::milliseconds longest_window, const Clock& clock) {
  static_assert(sizeof(Header) == 2 * 64, "buckets must begin on a cache line");
  CHECK(longest_window.count() > 0 && longest_window <= kMaxWindow);
  const uint64_t word_count = std::bit_ceil(std::max<uint64_t>(words, 2 * kBucketWords));
  const size_t size_bytes = sizeof(Header) + word_count * sizeof(Word);
  const std::array<char, 40> boot = CurrentBoot();
  const std::string path = NameOfTable(prefix, word_count, boot);

  const auto fits = [&](const os::Mapping& mapping) {
    Header header;
    std::memcpy(&header, mapping.bytes().data(), sizeof header);
    return header.magic == kMagic && header.word_count == word_count && header.boot_id == boot;
  };
  const auto fill = [&](std::span<std::byte> bytes) {
    Header header{kMagic, word_count, {}, boot, {}};
    const std::string key = crypto::RandomBytes(sizeof header.sip_key);
    std::memcpy(&header.sip_key, key.data(), key.size());
    std::memcpy(bytes.data(), &header, sizeof header);
  };

  // A file of that name that is not such a table was damaged: it is replaced, but only after a second
  // look, since its name may have been taken by a good one between our look and our link.
  bool replace = false;
  for (int turn = 0; turn < 3; ++turn) {
    Result<os::Mapping> opened = os::Mapping::Open(path, size_bytes);
    if (opened.ok() && fits(*opened)) return Table(std::move(*opened), longest_window, clock);
    if (!opened.ok() && opened.error().next == Next::kFixSetup) return opened.error();
    Result<os::Mapping> made = os::Mapping::Publish(path, size_bytes, replace, fill);
    if (made.ok()) return Table(std::move(*made), longest_window, clock);
    if (made.error().next == Next::kFixSetup) return made.error();
    replace = true;
  }
  return Error{Next::kFixSetup, path + ": other processes keep replacing it; remove it"};
}

Table::Table(os::Mapping mapping, std::chrono::milliseconds longest_window, const Clock& clock)
    : mapping_(std::move(mapping)), clock_(&clock), longest_window_ms_(ToModularMs(longest_window)) {
  Header header;
  std::memcpy(&header, mapping_.bytes().data(), sizeof header);
  sip_key_ = header.sip_key;
  bucket_mask_ = header.word_count / kBucketWords - 1;
  words_ = reinterpret_cast<Word*>(mapping_.bytes().data() + sizeof header);
}

Table::Table(Table&& other) noexcept
    : mapping_(std::move(other.mapping_)),
      clock_(other.clock_),
      longest_window_ms_(other.longest_window_ms_),
      sip_key_(other.sip_key_),
      bucket_mask_(other.bucket_mask_),
      words_(other.words_),
      evictions_(other.evictions()) {}

Table::Key Table::MakeKey(const IpAddress& peer, std::string_view route) const {
  const size_t prefix_bytes = peer.is_v4() ? 4 : 8;
  std::array<char, 64> material{};
  material[0] = peer.is_v4() ? '4' : '6';
  std::memcpy(&material[1], peer.bytes().data(), prefix_bytes);
  CHECK(1 + prefix_bytes + route.size() <= material.size());
  std::memcpy(&material[1 + prefix_bytes], route.data(), route.size());
  const uint64_t hash = SipHash13(sip_key_, {material.data(), 1 + prefix_bytes + route.size()});

  Key key{};
  key.tag = TagOf(hash);
  if (key.tag == 0) key.tag = uint64_t{1} << kTagShift;
  key.buckets[0] = words_ + (hash & bucket_mask_) * kBucketWords;
  key.buckets[1] = words_ + (Remix(hash) & bucket_mask_) * kBucketWords;
  return key;
}

Table::Word* Table::FindTag(const Key& key) const {
  for (Word* bucket : key.buckets) {
    for (size_t i = 0; i < kBucketWords; ++i) {
      if (TagOf(bucket[i].load(std::memory_order_relaxed)) == key.tag) return &bucket[i];
    }
  }
  return nullptr;
}

// A dead word in the emptier bucket; where none is dead, the live one with the least count.
Table::Place Table::FindRoom(const Key& key, uint32_t now) const {
  Place dead{nullptr, 0, false};
  Place least{nullptr, 0, true};
  size_t most_dead = 0;
  for (Word* bucket : key.buckets) {
    size_t dead_count = 0;
    Place first_dead{nullptr, 0, false};
    for (size_t i = 0; i < kBucketWords; ++i) {
      const uint64_t word = bucket[i].load(std::memory_order_relaxed);
      if (!IsLive(word, now, longest_window_ms_)) {
        if (dead_count++ == 0) first_dead = {&bucket[i], word, false};
      } else if (least.word == nullptr || CountOf(word) < CountOf(least.seen)) {
        least = {&bucket[i], word, true};
      }
    }
    if (dead_count > most_dead) {
      most_dead = dead_count;
      dead = first_dead;
    }
  }
  return dead.word != nullptr ? dead : least;
}

Decision Table::Admit(const IpAddress& peer, std::string_view route, const Limit& limit) {
  CHECK(limit.count >= 1 && limit.count <= kMaxCount);
  const uint32_t window = ToModularMs(limit.window);
  CHECK(window > 0 && window <= longest_window_ms_);
  const Key key = MakeKey(peer, route);
  const uint32_t now = ToModularMs(clock_->SinceBoot());
  const uint64_t fresh = key.tag | uint64_t{now + window} << kEndShift | 1;

  // Each turn that does not decide lost its word to another process, which thereby got on.
  while (true) {
    Word* word = FindTag(key);
    bool evicts = false;
    uint64_t seen = 0;
    if (word != nullptr) {
      seen = word->load(std::memory_order_relaxed);
      if (TagOf(seen) != key.tag) continue;
    } else {
      const Place room = FindRoom(key, now);
      word = room.word;
      seen = room.seen;
      evicts = room.live;
    }

    const bool counts_on = TagOf(seen) == key.tag && IsLive(seen, now, window);
    if (counts_on && CountOf(seen) >= limit.count) {
      return {false, 0, std::chrono::milliseconds(EndOf(seen) - now)};
    }
    const uint64_t next = counts_on ? seen + 1 : fresh;
    if (!word->compare_exchange_weak(seen, next, std::memory_order_relaxed)) continue;
    if (evicts) evictions_.fetch_add(1, std::memory_order_relaxed);
    return {true, limit.count - CountOf(next), std::chrono::milliseconds(EndOf(next) - now)};
  }
}

}  // namespace latchkey::ratelimit
