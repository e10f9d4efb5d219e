// limiter.cc -- drives the shared table for tests/limiter/*_test.py and tests/faults
//
//   limiter decide TABLE          reads traces on stdin, writes a byte, 0 or 1, for each hit
//   limiter kill TABLE KILLS      workers that are killed at random; exit status 0 if all stayed right
//   limiter threads TABLE         many threads on few keys, for ThreadSanitizer
//
// A trace is 32-bit words: limit, window in ms, number of hits, and for each hit the milliseconds that
// pass before it, twice, plus which of two keys it is of. Each trace has keys of its own.

#include <signal.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <map>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "base/check.h"
#include "base/die.h"
#include "ratelimit/ratelimit.h"
#include "support/fake_clock.h"

namespace {

using namespace latchkey;
using ratelimit::Counter;
using ratelimit::CounterKey;
using ratelimit::Decision;
using ratelimit::Limit;
using ratelimit::Rule;
using ratelimit::Table;
using std::chrono::milliseconds;

Decision HitKey(Table& table, uint64_t key, const Limit& limit) {
  const Counter counter{CounterKey().Append({reinterpret_cast<const char*>(&key), sizeof key}), limit};
  return table.Admit({Rule::kLogin, std::span(&counter, 1)});
}

// --- decide --------------------------------------------------------------------------------------

std::vector<uint32_t> ReadWords() {
  std::vector<uint32_t> words(1 << 16);
  size_t size = 0;
  while (size_t got = fread(words.data() + size, sizeof(uint32_t), words.size() - size, stdin)) {
    size += got;
    if (size == words.size()) words.resize(2 * size);
  }
  words.resize(size);
  return words;
}

int Decide(const std::string& path) {
  const std::vector<uint32_t> words = ReadWords();
  FakeClock clock;
  Table table = OrDie(Table::Open(path, 1 << 14, std::chrono::hours(24), clock));
  std::string answers;
  uint64_t trace = 0;
  for (size_t at = 0; at < words.size(); ++trace) {
    const Limit limit{words[at], milliseconds(words[at + 1])};
    const size_t end = at + 3 + words[at + 2];
    CHECK(end <= words.size());
    for (at += 3; at < end; ++at) {
      clock.Advance(milliseconds(words[at] / 2));
      answers += static_cast<char>(HitKey(table, 2 * trace + words[at] % 2, limit).admitted());
    }
  }
  CHECK(table.Read().evictions == 0);
  return fwrite(answers.data(), 1, answers.size(), stdout) == answers.size() ? 0 : 1;
}

// --- kill ----------------------------------------------------------------------------------------

constexpr int kWorkers = 4;
constexpr uint64_t kKeys = 64;
constexpr size_t kMostEntries = 1 << 22;
const Limit kLimit{20, milliseconds(50)};

struct Entry {
  uint32_t key;
  uint32_t end;  // of the window that admitted it
};
// What the workers share besides the table. What one admits and is killed over is missing in the list.
struct Shared {
  std::atomic<uint64_t> clock_ms;
  std::atomic<uint64_t> decisions;
  std::atomic<uint64_t> entry_count;
  Entry entries[kMostEntries];
};

class SharedClock final : public Clock {
 public:
  explicit SharedClock(Shared& shared) : shared_(shared) {}
  std::chrono::sys_seconds Now() const override { return {}; }
  milliseconds SinceBoot() const override {
    return last_ = milliseconds(static_cast<int64_t>(shared_.clock_ms.load()));
  }
  // What the decision was taken by.
  milliseconds last() const { return last_; }

 private:
  Shared& shared_;
  mutable milliseconds last_{0};
};

[[noreturn]] void Work(Shared& shared, Table& table, const SharedClock& clock, uint64_t seed) {
  std::mt19937_64 random(seed);
  while (true) {
    const uint64_t key = random() % kKeys;
    const Decision decision = HitKey(table, key, kLimit);
    // So that whoever kills gets its turn where there are fewer cores than workers.
    if (++shared.decisions % 64 == 0) std::this_thread::yield();
    if (!decision.admitted()) continue;
    const uint64_t at = shared.entry_count++;
    CHECK(at < kMostEntries);
    shared.entries[at] = {static_cast<uint32_t>(key),
                          static_cast<uint32_t>((clock.last() + decision.window_left).count())};
  }
}

// No window holds more than the limit, and none begins before the last one of its key has ended.
bool IsRight(const Shared& shared) {
  std::map<uint32_t, std::map<uint32_t, uint32_t>> windows;
  for (size_t i = 0; i < shared.entry_count; ++i) {
    const Entry& entry = shared.entries[i];
    if (entry.end != 0) ++windows[entry.key][entry.end];  // 0: killed before it was written
  }
  size_t count = 0, full = 0;
  for (const auto& [key, ends] : windows) {
    uint32_t last = 0;
    for (const auto& [end, admitted] : ends) {
      const bool apart = end - last >= static_cast<uint32_t>(kLimit.window.count());
      if (admitted > kLimit.count || (last != 0 && !apart)) {
        fprintf(stderr, "key %u: %u admitted in the window to %u, after %u\n", key, admitted, end, last);
        return false;
      }
      last = end;
      ++count;
      full += admitted == kLimit.count;
    }
  }
  printf("%zu windows, %zu full\n", count, full);
  return full > 0;
}

int Kill(const std::string& path, int kills) {
  void* memory = mmap(nullptr, sizeof(Shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  CHECK(memory != MAP_FAILED);
  auto& shared = *static_cast<Shared*>(memory);
  shared.clock_ms = 3'600'000;
  const SharedClock clock(shared);
  // So few words that its keys meet in their buckets, and still none is evicted.
  Table table = OrDie(Table::Open(path, 2 * kKeys, kLimit.window, clock));
  std::mt19937_64 random(std::random_device{}());
  const auto start = [&] {
    const uint64_t seed = random();
    const pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) Work(shared, table, clock, seed);
    return child;
  };
  std::vector<pid_t> workers;
  for (int i = 0; i < kWorkers; ++i) workers.push_back(start());
  for (int i = 0; i < kills; ++i) {
    // Each round some decisions later, so a table that is stuck hangs here: the caller's time runs out.
    const uint64_t enough = shared.decisions + 20 + random() % 500;
    while (shared.decisions < enough) std::this_thread::yield();
    pid_t& victim = workers[random() % workers.size()];
    kill(victim, SIGKILL);
    waitpid(victim, nullptr, 0);
    victim = start();
    shared.clock_ms += 3;
  }
  for (const pid_t worker : workers) kill(worker, SIGKILL);
  for (const pid_t worker : workers) waitpid(worker, nullptr, 0);
  // Nobody but us now: every key is counted right, whatever the killed left.
  shared.clock_ms += 50;
  for (uint64_t key = 0; key < kKeys; ++key) {
    uint32_t admitted = 0;
    for (int i = 0; i < 30; ++i) admitted += HitKey(table, key, kLimit).admitted();
    if (admitted == kLimit.count) continue;
    fprintf(stderr, "key %lu: %u admitted after the kills\n", key, admitted);
    return 1;
  }
  printf("%d kills, %lu decisions, ", kills, shared.decisions.load());
  return IsRight(shared) && table.Read().evictions == 0 ? 0 : 1;
}

// --- threads -------------------------------------------------------------------------------------

int Threads(const std::string& path) {
  FakeClock clock;
  Table table = OrDie(Table::Open(path, 64, std::chrono::seconds(60), clock));
  constexpr int kThreads = 4, kHits = 20'000;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&, i] {
      std::mt19937_64 random(static_cast<uint64_t>(i));
      for (int hit = 0; hit < kHits; ++hit) {
        const uint64_t key = random() % 40;
        HitKey(table, key, {3, std::chrono::seconds(60)});
        if (hit % 64 == 0) table.Clear(CounterKey().Append({reinterpret_cast<const char*>(&key), 8}));
        if (hit % 1024 == 0) table.Read();
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  const ratelimit::Tally tally = table.Read().rules[static_cast<size_t>(Rule::kLogin)];
  return tally.admitted + tally.over_limit == uint64_t{kThreads} * kHits ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  const std::string mode = argc > 2 ? argv[1] : "";
  if (mode == "decide") return Decide(argv[2]);
  if (mode == "kill" && argc == 4) return Kill(argv[2], std::stoi(argv[3]));
  if (mode == "threads") return Threads(argv[2]);
  fprintf(stderr, "usage: limiter decide|threads TABLE, limiter kill TABLE KILLS\n");
  return 2;
}
