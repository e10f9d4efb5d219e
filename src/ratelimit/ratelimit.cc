#include "ratelimit/ratelimit.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <fstream>
#include <optional>

#include "base/check.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"
#include "os/process.h"
#include "ratelimit/counting.h"
#include "ratelimit/spot.h"

namespace latchkey::ratelimit {
namespace {

static_assert(std::atomic<uint64_t>::is_always_lock_free);

constexpr std::array<char, 8> kMagic = {'L', 'K', 'L', 'I', 'M', 'I', 'T', '4'};
constexpr size_t kLineBytes = 64;
constexpr size_t kHeaderBytes = 9 * 4096;
constexpr size_t kDigits = 8;  // at the end of a file's name
constexpr size_t kSlots = 256;
constexpr size_t kVerdicts = 3;
// Where in a slot what is counted.
constexpr size_t IndexOf(Verdict verdict, size_t rule) {
  return static_cast<size_t>(verdict) * kRules + rule;
}
constexpr size_t kEvictions = kVerdicts * kRules;
constexpr size_t kSlotWords = 16;  // two lines
static_assert(kEvictions < kSlotWords);
// Well under the 25 days that the longest window leaves of the clock's round.
constexpr uint32_t kSweepEveryMs = 12 * 24 * 3'600'000;

// At the front of the file; written once, before the file has a name.
struct Facts {
  std::array<char, 8> magic;
  uint64_t word_count;
  SipKey sip_key;
  std::array<char, 40> boot_id;
};

uint32_t ToModularMs(std::chrono::milliseconds time) { return static_cast<uint32_t>(time.count()); }

std::array<char, 40> CurrentBoot() {
  std::array<char, 40> padded{};
  const std::string id = os::BootId();
  std::copy_n(id.begin(), std::min(id.size(), padded.size()), padded.begin());
  return padded;
}

// Tables that cannot share counts have different names, so that nobody has to replace another's.
std::string NameOfTable(const std::string& prefix, const Facts& facts) {
  const std::string text = std::string(kMagic.data(), kMagic.size()) + "/" +
                           std::to_string(facts.word_count) + "/" +
                           std::string(facts.boot_id.data(), facts.boot_id.size());
  return prefix + "." + crypto::EncodeHex(crypto::Sha256(text)).substr(0, kDigits);
}

Facts FactsOf(std::span<const std::byte> bytes) {
  Facts facts;
  std::memcpy(&facts, bytes.data(), sizeof facts);
  return facts;
}

bool IsOfAnotherBoot(const std::string& path, const std::array<char, 40>& boot) {
  Facts facts{};
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(&facts), sizeof facts);
  constexpr std::string_view kAnyLayout(kMagic.data(), kMagic.size() - 1);
  return file.good() && std::string_view(facts.magic.data(), kAnyLayout.size()) == kAnyLayout &&
         facts.boot_id != boot;
}

}  // namespace

struct Table::Header {
  struct alignas(kLineBytes) Line {
    std::atomic<uint64_t> word;
  };

  Facts facts;
  Line swept_at;                   // in ms, modular
  Line tickets;                    // drawn so far
  Line threads;                    // that have counted here so far
  std::array<Line, kRules> ceilings;  // window end 32 | count 32
  alignas(kLineBytes) std::array<std::atomic<uint64_t>, kSlots * kSlotWords> counts;  // by slot
};

// A key's two buckets.
class Table::Memory {
 public:
  static constexpr size_t kBucketWords = ratelimit::kBucketWords;

  Memory(Table& table, const Spot& spot)
      : table_(&table),
        first_(table.words_ + spot.buckets[0]),
        second_(table.words_ + spot.buckets[1]) {}
  // So that both lines are on their way.
  void Prefetch() const {
    __builtin_prefetch(first_);
    __builtin_prefetch(second_);
  }

  Word Load(size_t place) const { return At(place).load(); }
  bool Swap(size_t place, Word seen, Word next) const {
    return At(place).compare_exchange_strong(seen, next);
  }
  uint32_t Now() const { return ToModularMs(table_->clock_->SinceBoot()); }
  uint32_t LongestWindow() const { return table_->longest_window_ms_; }
  uint32_t Ticket() const {
    return static_cast<uint32_t>(table_->header_->tickets.word.fetch_add(1));
  }

 private:
  std::atomic<uint64_t>& At(size_t place) const {
    return place < kBucketWords ? first_[place] : second_[place - kBucketWords];
  }

  Table* table_;
  std::atomic<uint64_t>* first_;
  std::atomic<uint64_t>* second_;
};

namespace {

struct Window {
  uint32_t end;
  uint32_t count;
};
Window WindowOf(uint64_t word) {
  return {static_cast<uint32_t>(word >> 32), static_cast<uint32_t>(word)};
}
uint64_t ToWord(Window window) { return uint64_t{window.end} << 32 | window.count; }

// A ceiling as it is counted; its clock, too, is read after the word.
class CeilingWord {
 public:
  CeilingWord(std::atomic<uint64_t>& word, const Ceiling& ceiling, const Clock& clock)
      : word_(word),
        count_(ceiling.count),
        window_(ToModularMs(ceiling.window)),
        clock_(clock) {}

  // What is left of its window, if it is full.
  std::optional<uint32_t> FindFull() const {
    const Window seen = WindowOf(word_.load());
    const uint32_t now = ToModularMs(clock_.SinceBoot());
    if (!Runs(seen.end, now, window_) || seen.count < count_) return std::nullopt;
    return seen.end - now;
  }
  // The same; if it is not full, the hit is counted.
  std::optional<uint32_t> Hit() {
    while (true) {
      uint64_t seen = word_.load();
      const uint32_t now = ToModularMs(clock_.SinceBoot());
      Window window = WindowOf(seen);
      if (!Runs(window.end, now, window_)) window = {now + window_, 0};
      if (window.count >= count_) return window.end - now;
      ++window.count;
      if (word_.compare_exchange_strong(seen, ToWord(window))) return std::nullopt;
    }
  }

 private:
  std::atomic<uint64_t>& word_;
  uint32_t count_;
  uint32_t window_;
  const Clock& clock_;
};

Decision Admitted(const Counted& counted) {
  return {Verdict::kAdmitted, 0, counted.remaining, std::chrono::milliseconds(counted.left())};
}
Decision OverLimit(size_t counter, uint32_t left_ms) {
  return {Verdict::kOverLimit, counter, 0, std::chrono::milliseconds(left_ms)};
}
Decision OverCeiling(uint32_t left_ms) {
  return {Verdict::kOverCeiling, 0, 0, std::chrono::milliseconds(left_ms)};
}

}  // namespace

inline Table::Memory Table::MemoryOf(uint64_t hash) { return {*this, SpotOf(hash, bucket_mask_)}; }

inline Counting<Table::Memory> Table::CountingOf(uint64_t hash, const Limit& limit) {
  return {MemoryOf(hash), SpotOf(hash, bucket_mask_).tag, limit};
}

// One hit on its way through its counters. Of each it keeps the hash only: the rest is made of it in
// registers, which is faster than to read it back from where it was just written.
class Table::Attempt {
 public:
  Attempt(Table& table, const Hit& hit) : table_(table), hit_(hit) {
    CHECK(!hit.counters.empty() && hit.counters.size() <= kMaxCounters);
    for (size_t i = 0; i < hit.counters.size(); ++i) {
      hashes_[i] = SipHash13Padded(table.sip_start_, hit.counters[i].key.bytes());
      table.MemoryOf(hashes_[i]).Prefetch();
    }
    if (hit.ceiling == nullptr) return;
    std::atomic<uint64_t>& word = table.header_->ceilings[static_cast<size_t>(hit.rule)].word;
    ceiling_.emplace(word, *hit.ceiling, *table.clock_);
  }

  // A refusal, without a store.
  std::optional<Decision> FindFull() {
    for (size_t i = 0; i < hit_.counters.size(); ++i) {
      const std::optional<Counted> full = CountingOf(i).FindFull();
      if (full) return OverLimit(i, full->left());
    }
    const auto left = ceiling_ ? ceiling_->FindFull() : std::nullopt;
    return left ? std::optional(OverCeiling(*left)) : std::nullopt;
  }

  // Counts on all, or on none: others may have been faster since FindFull.
  Decision Charge() {
    Decision decision{.remaining = kMaxCount};
    for (size_t i = 0; i < hit_.counters.size(); ++i) {
      const Counted counted = CountingOf(i).Hit();
      evictions_ += counted.evictions;
      if (!counted.admitted) {
        TakeBackFirst(i);
        return OverLimit(i, counted.left());
      }
      ends_[i] = EndOf(counted.word);
      now_ = counted.now;
      if (counted.remaining < decision.remaining) decision = Admitted(counted);
    }
    const auto left = ceiling_ ? ceiling_->Hit() : std::nullopt;
    if (!left) return decision;
    TakeBackFirst(hit_.counters.size());
    return OverCeiling(*left);
  }

  // When the last counter was charged.
  uint32_t now() const { return now_; }
  uint32_t evictions() const { return evictions_; }

 private:
  Counting<Memory> CountingOf(size_t i) const {
    return table_.CountingOf(hashes_[i], hit_.counters[i].limit);
  }
  void TakeBackFirst(size_t count) {
    for (size_t i = 0; i < count; ++i) CountingOf(i).TakeBack(ends_[i]);
  }

  Table& table_;
  const Hit& hit_;
  std::array<uint64_t, kMaxCounters> hashes_;
  std::array<uint32_t, kMaxCounters> ends_;
  uint32_t now_ = 0;
  uint32_t evictions_ = 0;
  std::optional<CeilingWord> ceiling_;
};

Result<Table> Table::Open(const std::string& prefix, uint64_t words,
                          std::chrono::milliseconds longest_window, const Clock& clock) {
  CHECK(longest_window.count() > 0 && longest_window <= kMaxWindow);
  CHECK(words <= kMaxWords);
  Facts facts{kMagic, std::bit_ceil(std::max(words, kMinWords)), {}, CurrentBoot()};
  const size_t size_bytes = kHeaderBytes + facts.word_count * sizeof(Word);
  const std::string path = NameOfTable(prefix, facts);

  const auto fits = [&](std::span<const std::byte> bytes) {
    const Facts found = FactsOf(bytes);
    return found.magic == kMagic && found.word_count == facts.word_count &&
           found.boot_id == facts.boot_id;
  };
  const auto fill = [&](std::span<std::byte> bytes) {
    const std::string key = crypto::RandomBytes(sizeof facts.sip_key);
    std::memcpy(&facts.sip_key, key.data(), key.size());
    std::memcpy(bytes.data(), &facts, sizeof facts);
  };

  os::RemoveOfEarlierBoots(prefix, kDigits, [&](const std::string& old) {
    return IsOfAnotherBoot(old, facts.boot_id);
  });
  Result<os::Mapping> mapping = os::Mapping::OpenOrPublish(path, size_bytes, fits, fill);
  if (!mapping.ok()) return mapping.error();
  return Table(std::move(*mapping), longest_window, clock);
}

Table::Table(os::Mapping mapping, std::chrono::milliseconds longest_window, const Clock& clock)
    : mapping_(std::move(mapping)),
      clock_(&clock),
      longest_window_ms_(ToModularMs(longest_window)),
      sip_start_(FactsOf(mapping_.bytes()).sip_key) {
  static_assert(sizeof(Header) <= kHeaderBytes);
  mapping_.UseHugePages();
  const Facts facts = FactsOf(mapping_.bytes());
  word_count_ = facts.word_count;
  bucket_mask_ = BucketMask(word_count_);
  header_ = reinterpret_cast<Header*>(mapping_.bytes().data());
  words_ = reinterpret_cast<std::atomic<uint64_t>*>(mapping_.bytes().data() + kHeaderBytes);
}

inline void Table::Record(Rule rule, Verdict verdict, uint32_t evictions) {
  constexpr size_t kNotDrawn = kSlots * kSlotWords;
  thread_local constinit size_t slot = kNotDrawn;  // where the thread's begins
  // Drawn, and not the thread's id: of those that live at once hardly any two have the same.
  if (slot == kNotDrawn) slot = header_->threads.word.fetch_add(1) % kSlots * kSlotWords;
  auto& counts = header_->counts;
  counts[slot + IndexOf(verdict, static_cast<size_t>(rule))].fetch_add(1, std::memory_order_relaxed);
  if (evictions > 0) counts[slot + kEvictions].fetch_add(evictions, std::memory_order_relaxed);
}

[[gnu::always_inline]] inline Decision Table::Answer(Rule rule, const Counted& counted) {
  if (!counted.admitted) {
    Record(rule, Verdict::kOverLimit, counted.evictions);
    return OverLimit(0, counted.left());
  }
  Record(rule, Verdict::kAdmitted, counted.evictions);
  SweepIfDue(counted.now);
  return Admitted(counted);
}

// A single counter looks for itself, and there is nothing that might have to be taken back.
Decision Table::Admit(const Hit& hit) {
  if (hit.counters.size() != 1 || hit.ceiling != nullptr) return AdmitAll(hit);
  const Counter& counter = hit.counters[0];
  const uint64_t hash = SipHash13Padded(sip_start_, counter.key.bytes());
  MemoryOf(hash).Prefetch();
  const std::optional<Counted> counted = CountingOf(hash, counter.limit).HitAtOnce();
  if (!counted) return AdmitInTurns(hit);
  return Answer(hit.rule, *counted);
}

// Apart, so that all of a hit that is decided at once stays in registers.
[[gnu::noinline]] Decision Table::AdmitInTurns(const Hit& hit) {
  const Counter& counter = hit.counters[0];
  const uint64_t hash = SipHash13Padded(sip_start_, counter.key.bytes());
  return Answer(hit.rule, CountingOf(hash, counter.limit).HitInTurns());
}

Decision Table::AdmitAll(const Hit& hit) {
  Attempt attempt(*this, hit);
  std::optional<Decision> decision = attempt.FindFull();
  if (!decision) decision = attempt.Charge();
  Record(hit.rule, decision->verdict, attempt.evictions());
  if (decision->admitted()) SweepIfDue(attempt.now());
  return *decision;
}

bool Table::Clear(const CounterKey& key) {
  const Limit any_window{1, std::chrono::milliseconds(longest_window_ms_)};
  return CountingOf(SipHash13Padded(sip_start_, key.bytes()), any_window).Clear();
}

// Frees what is expired before the clock has gone round, and what killed processes claimed.
inline void Table::SweepIfDue(uint32_t now) {
  uint64_t swept = header_->swept_at.word.load();
  if (now - static_cast<uint32_t>(swept) < kSweepEveryMs) return;
  if (header_->swept_at.word.compare_exchange_strong(swept, now)) Sweep(now);
}

[[gnu::noinline]] void Table::Sweep(uint32_t now) {
  for (uint64_t i = 0; i < word_count_; ++i) {
    Word seen = words_[i].load();
    if (seen != 0 && !IsLive(seen, now, longest_window_ms_)) {
      words_[i].compare_exchange_strong(seen, 0);
    }
  }
}

Usage Table::Read() const {
  Usage usage;
  for (size_t slot = 0; slot < kSlots; ++slot) {
    const std::atomic<uint64_t>* const counts = &header_->counts[slot * kSlotWords];
    for (size_t rule = 0; rule < kRules; ++rule) {
      usage.rules[rule].admitted += counts[IndexOf(Verdict::kAdmitted, rule)].load();
      usage.rules[rule].over_limit += counts[IndexOf(Verdict::kOverLimit, rule)].load();
      usage.rules[rule].over_ceiling += counts[IndexOf(Verdict::kOverCeiling, rule)].load();
    }
    usage.evictions += counts[kEvictions].load();
  }
  usage.words = word_count_;
  const uint32_t now = ToModularMs(clock_->SinceBoot());
  for (uint64_t i = 0; i < usage.words; ++i) {
    if (IsLive(words_[i].load(std::memory_order_relaxed), now, longest_window_ms_)) ++usage.live;
  }
  return usage;
}

std::string_view Name(Rule rule) {
  switch (rule) {
    case Rule::kResetRequest: return "reset-request";
    case Rule::kResetPassword: return "reset-password";
    case Rule::kLogin: return "login";
    case Rule::kAccount: break;
  }
  return "account";
}

}  // namespace latchkey::ratelimit
