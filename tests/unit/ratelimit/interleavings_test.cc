// Every interleaving of small cases of counting.h, to the end, by running the very code.
//
// What a process does next depends on nothing but what its loads, swaps and clock readings returned so
// far. So a state is the memory and those histories; a process is moved by one step by running its code
// anew over its history, until it asks for something that is not in there. Each state is looked at
// once. A process that is killed is one that is not moved any more: since the limit is checked in every
// state, kills at every point are among the cases.

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "ratelimit/counting.h"

namespace latchkey::ratelimit {
namespace {

constexpr size_t kBucket = 2;  // words; so a key has four, and two keys here share them
constexpr size_t kWords = 2 * kBucket;
constexpr uint32_t kWindow = 10;
constexpr uint64_t kAnn = 0xa, kBob = 0xb, kNoise = 0xc;

struct Step {
  enum Kind { kLoad, kSwap, kNow, kForget } kind;
  size_t place = 0;  // kForget: from there in the history
  Word seen = 0;
  Word next = 0;
};

// What the code under test runs on: a history, and an end where that is used up.
struct NotYet {
  Step step;
};
struct Tape {
  const std::vector<uint64_t>& history;
  uint32_t ticket;
  size_t at = 0;
  size_t begin = 0;  // of this hit
};
constexpr uint64_t kForgotten = ~uint64_t{0};  // no word
class Replay {
 public:
  static constexpr size_t kBucketWords = kBucket;

  explicit Replay(Tape& tape) : tape_(&tape) {}

  Word Load(size_t place) const { return Take({Step::kLoad, place}); }
  bool Swap(size_t place, Word seen, Word next) const {
    return Take({Step::kSwap, place, seen, next}) != 0;
  }
  uint32_t Now() const { return static_cast<uint32_t>(Take({Step::kNow})); }
  uint32_t Ticket() const { return ++tape_->ticket; }
  uint32_t LongestWindow() const { return kWindow; }

  // For a hit's first half, which leaves nothing to its second: what it saw need not tell states apart.
  bool BeginsWithSecondHalf() const {
    tape_->begin = tape_->at;
    const bool begins = tape_->at < tape_->history.size() && tape_->history[tape_->at] == kForgotten;
    tape_->at += begins;
    return begins;
  }
  void ForgetFirstHalf() const { throw NotYet{{Step::kForget, tape_->begin}}; }

 private:
  uint64_t Take(Step step) const {
    if (tape_->at == tape_->history.size()) throw NotYet{step};
    return tape_->history[tape_->at++];
  }

  Tape* tape_;
};

// A process: a key that it hits so often. Returns how many hits were admitted.
struct Process {
  uint64_t tag;
  int hits = 1;
  uint32_t limit = 1;
};

// As Counting::Hit does it.
Counted Hit(Replay memory, const Counting<Replay>& counting) {
  if (!memory.BeginsWithSecondHalf()) {
    if (const std::optional<Counted> counted = counting.HitAtOnce()) return *counted;
    memory.ForgetFirstHalf();
  }
  return counting.HitInTurns();
}

int HitAll(Replay memory, const Process& process) {
  const Limit limit{process.limit, std::chrono::milliseconds(kWindow)};
  int admitted = 0;
  for (int i = 0; i < process.hits; ++i) {
    admitted += Hit(memory, Counting<Replay>(memory, process.tag, limit)).admitted;
  }
  return admitted;
}

struct State {
  std::array<Word, kWords> memory{};
  uint32_t now = 100;
  std::vector<std::vector<uint64_t>> histories;

  std::string Key() const {
    std::string key(reinterpret_cast<const char*>(memory.data()), sizeof memory);
    key += std::to_string(now);
    for (const auto& history : histories) {
      key += "|";
      key.append(reinterpret_cast<const char*>(history.data()), history.size() * sizeof(uint64_t));
    }
    return key;
  }
};

using Code = std::function<int(Replay, const Process&)>;

class Explorer {
 public:
  Explorer(std::vector<Process> processes, Code code) : processes_(std::move(processes)), code_(std::move(code)) {}

  // Time may pass once, by so much, at any point.
  void MayPass(uint32_t ms) { may_pass_ = ms; }

  void Explore(State state) {
    state.histories.resize(processes_.size());
    const uint32_t start = state.now;
    std::vector<State> open = {std::move(state)};
    while (!open.empty()) {
      const State current = std::move(open.back());
      open.pop_back();
      if (!seen_.insert(current.Key()).second) continue;
      Look(current, start, open);
    }
  }

  size_t states() const { return seen_.size(); }
  // By tag: the most that were admitted of one key in any state.
  int most_admitted(uint64_t tag) { return most_[tag]; }
  // Of all ends: the fewest.
  int least_at_end(uint64_t tag) { return least_[tag]; }
  size_t longest_alone() const { return longest_alone_; }

 private:
  void Look(const State& state, uint32_t start, std::vector<State>& open) {
    std::map<uint64_t, int> admitted;
    std::vector<State> next;
    bool ended = true, at_any_time = false;
    for (size_t i = 0; i < processes_.size(); ++i) {
      const auto step = NextStep(state, i, &admitted[processes_[i].tag]);
      if (!step) continue;
      ended = false;
      if (at_any_time) continue;
      // What is the same whenever it is done is done before all else.
      at_any_time = step->kind == Step::kForget || (step->kind == Step::kNow && may_pass_ == 0);
      if (at_any_time) next.clear();
      next.push_back(Moved(state, i, *step));
    }
    open.insert(open.end(), next.begin(), next.end());
    if (may_pass_ != 0 && state.now == start && !ended) {
      open.push_back(state);
      open.back().now += may_pass_;
    }
    for (const auto& [tag, count] : admitted) {
      most_[tag] = std::max(most_[tag], count);
      if (!ended) continue;
      const auto [least, fresh] = least_.emplace(tag, count);
      least->second = std::min(least->second, count);
    }
    if (seen_.size() % 16 == 1) RunAlone(state);
  }

  // nullopt: it has ended.
  std::optional<Step> NextStep(const State& state, size_t i, int* admitted) {
    try {
      *admitted += Run(state, i, processes_[i].hits);
      return std::nullopt;
    } catch (const NotYet& not_yet) {
      // Hits of one process that were answered already count too.
      *admitted += Answered(state, i);
      return not_yet.step;
    }
  }

  int Answered(const State& state, size_t i) {
    for (int hits = processes_[i].hits - 1; hits > 0; --hits) {
      try {
        return Run(state, i, hits);
      } catch (const NotYet&) {
      }
    }
    return 0;
  }

  int Run(const State& state, size_t i, int hits) {
    Tape tape{state.histories[i], static_cast<uint32_t>((i + 1) << 8)};
    return code_(Replay(tape), {processes_[i].tag, hits, processes_[i].limit});
  }

  static State Moved(State state, size_t i, const Step& step) {
    if (step.kind == Step::kForget) {
      state.histories[i].resize(step.place);
      state.histories[i].push_back(kForgotten);
      return state;
    }
    uint64_t result = state.now;
    if (step.kind == Step::kLoad) result = state.memory[step.place];
    if (step.kind == Step::kSwap) {
      result = state.memory[step.place] == step.seen;
      if (result != 0) state.memory[step.place] = step.next;
    }
    state.histories[i].push_back(result);
    return state;
  }

  // Whoever is left alone, all others killed where they are, comes to an end.
  void RunAlone(const State& from) {
    for (size_t i = 0; i < processes_.size(); ++i) {
      State state = from;
      int ignored = 0;
      size_t steps = 0;
      while (const auto step = NextStep(state, i, &ignored)) {
        ASSERT_LT(++steps, 1000u) << "it waits for a process that is gone";
        state = Moved(std::move(state), i, *step);
      }
      longest_alone_ = std::max(longest_alone_, steps);
    }
  }

  std::vector<Process> processes_;
  Code code_;
  uint32_t may_pass_ = 0;
  std::unordered_set<std::string> seen_;
  std::map<uint64_t, int> most_, least_;
  size_t longest_alone_ = 0;
};

Word Live(uint64_t tag, uint32_t count = 1) { return MakeWord(tag, count, 100 + 5); }
Word Expired(uint64_t tag) { return MakeWord(tag, 1, 100 - 5); }

TEST(Interleavings, TwoThatInsertOneKeyAdmitTheLimitExactly) {
  Explorer explorer({{kAnn}, {kAnn}}, HitAll);
  explorer.Explore({});
  EXPECT_EQ(explorer.most_admitted(kAnn), 1);
  EXPECT_EQ(explorer.least_at_end(kAnn), 1);
  EXPECT_GT(explorer.states(), 100u);
}

// The buckets change under them, so that they choose different words.
TEST(Interleavings, TwoThatInsertOneKeyWhileAThirdInsertsAnother) {
  Explorer explorer({{kAnn}, {kAnn}, {kBob}}, HitAll);
  explorer.Explore({});
  EXPECT_EQ(explorer.most_admitted(kAnn), 1);
  EXPECT_EQ(explorer.least_at_end(kAnn), 1);
  EXPECT_EQ(explorer.least_at_end(kBob), 1);
  EXPECT_GT(explorer.states(), 10'000u);
}

TEST(Interleavings, ThreeThatInsertOneKeyWithTwoToAdmit) {
  Explorer explorer({{kAnn, 1, 2}, {kAnn, 1, 2}, {kAnn, 1, 2}}, HitAll);
  explorer.Explore({});
  EXPECT_EQ(explorer.most_admitted(kAnn), 2);
  EXPECT_EQ(explorer.least_at_end(kAnn), 2);
}

// Words of others end at any point, so that each sees other words free.
TEST(Interleavings, TwoThatInsertOneKeyWhileWordsExpire) {
  State state;
  state.memory = {Live(kNoise), 0, Live(kNoise), Live(kNoise)};
  Explorer explorer({{kAnn}, {kAnn}}, HitAll);
  explorer.MayPass(5);
  explorer.Explore(state);
  EXPECT_EQ(explorer.most_admitted(kAnn), 1);
  EXPECT_EQ(explorer.least_at_end(kAnn), 1);
}

TEST(Interleavings, TwoThatRenewOneKeyWhileAThirdTakesItsWord) {
  State state;
  state.memory = {Expired(kAnn), Live(kNoise), Live(kNoise), Live(kNoise)};
  Explorer explorer({{kAnn}, {kAnn}, {kBob}}, HitAll);
  explorer.Explore(state);
  // What was counted is evicted where all four words are needed at once, and only then counted anew.
  EXPECT_LE(explorer.most_admitted(kAnn), 2);
  EXPECT_EQ(explorer.least_at_end(kBob), 1);
}

TEST(Interleavings, TwoThatRenewOneKeyWithRoomForAThird) {
  State state;
  state.memory = {Expired(kAnn), 0, Live(kNoise), 0};
  Explorer explorer({{kAnn}, {kAnn}, {kBob}}, HitAll);
  explorer.Explore(state);
  EXPECT_EQ(explorer.most_admitted(kAnn), 1);
  EXPECT_EQ(explorer.least_at_end(kAnn), 1);
}

TEST(Interleavings, ClaimsThatTheKilledLeftAreFinishedOnce) {
  State state;
  state.memory = {0, MakeClaim(kAnn, 7), 0, MakeClaim(kAnn, 8)};
  Explorer explorer({{kAnn, 2}, {kAnn}}, HitAll);
  explorer.Explore(state);
  EXPECT_EQ(explorer.most_admitted(kAnn), 1);
  EXPECT_EQ(explorer.least_at_end(kAnn), 1);
}

TEST(Interleavings, WhoeverIsLeftAloneComesToAnEnd) {
  State state;
  state.memory = {Live(kNoise), MakeClaim(kNoise, 9), 0, MakeClaim(kAnn, 8)};
  Explorer explorer({{kAnn}, {kAnn}, {kBob}}, HitAll);
  explorer.Explore(state);
  EXPECT_EQ(explorer.most_admitted(kAnn), 1);
  // Three turns of four loads, a clock and a swap, and the erased claims.
  EXPECT_LE(explorer.longest_alone(), 30u);
}

// The clock stood at `now` when a window of another process begins: read before the words, it would
// make that window one of the future, and so no window.
TEST(Interleavings, WindowThatBeginsBetweenIsNoWindowOfTheFuture) {
  State state;
  state.memory = {Expired(kAnn), 0, 0, 0};
  Explorer explorer({{kAnn}, {kAnn}}, HitAll);
  explorer.MayPass(1);
  explorer.Explore(state);
  EXPECT_EQ(explorer.most_admitted(kAnn), 1);
}

// That the explorer finds what is to be found: one swap into the first free word, as one would write
// it first, makes two counters of one key where a word of another's expires in between.
TEST(Interleavings, InsertingWithoutAClaimIsFoundOut) {
  const Code naive = [](Replay memory, const Process& process) {
    while (true) {
      std::array<Word, kWords> words;
      for (size_t i = 0; i < kWords; ++i) words[i] = memory.Load(i);
      const uint32_t now = memory.Now();
      size_t own = kWords, free = kWords;
      for (size_t i = kWords; i-- > 0;) {
        if (TagOf(words[i]) == process.tag) own = i;
        if (IsFree(words[i], now, kWindow)) free = i;
      }
      if (own != kWords && CountOf(words[own]) >= process.limit) return 0;
      if (own != kWords && memory.Swap(own, words[own], words[own] + kOne)) return 1;
      if (own == kWords && memory.Swap(free, words[free], MakeWord(process.tag, 1, now + kWindow))) {
        return 1;
      }
    }
  };
  State state;
  state.memory = {Live(kNoise), 0, 0, 0};
  Explorer explorer({{kAnn}, {kAnn}}, naive);
  explorer.MayPass(5);
  explorer.Explore(state);
  EXPECT_EQ(explorer.most_admitted(kAnn), 2);
}

}  // namespace
}  // namespace latchkey::ratelimit
