// limiter.cc -- nanoseconds for a decision of the shared table, beside memory, a map with a mutex, Redis
//
//   limiter DIRECTORY REDIS_SOCKET SECONDS_EACH
//
// DIRECTORY is for the tables, best on a tmpfs. One line a case: what, ns by the clock on the wall and
// of the processor (where others use the machine only that tells), and how it compares. Each case runs
// for SECONDS_EACH three times, in turn with the others of its group, and the median is told. The
// table's clock stands still, so that no reading of it is among the numbers.

#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "base/check.h"
#include "base/die.h"
#include "os/mapping.h"
#include "ratelimit/ratelimit.h"
#include "ratelimit/siphash.h"
#include "ratelimit/spot.h"
#include "support/fake_clock.h"

namespace {

using namespace latchkey;
using namespace latchkey::ratelimit;
using std::chrono::steady_clock;

constexpr Limit kFew{1, std::chrono::minutes(1)};
constexpr Limit kMany{255, std::chrono::minutes(1)};

std::string directory;
double seconds_each = 0.2;
FakeClock clock_of_all;

// Two multiplications: cheap enough not to count. (Knuth's constants; only upper bits are used.)
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed * 0x9e3779b97f4a7c15 + 1) {}
  uint64_t Below(uint64_t end) {
    state_ = state_ * 6364136223846793005 + 1442695040888963407;
    return static_cast<uint64_t>(static_cast<unsigned __int128>(state_) * end >> 64);
  }

 private:
  uint64_t state_;
};

Decision HitKey(Table& table, uint64_t key, const Limit& limit) {
  Counter counter{{}, limit};
  counter.key.Append({reinterpret_cast<const char*>(&key), sizeof key});
  return table.Admit({Rule::kLogin, std::span(&counter, 1)});
}

using Work = std::function<uint64_t(uint64_t turn)>;  // what it did, so that it is not left out

struct Ns {
  double wall = 0;
  double processor = 0;

  Ns& operator+=(const Ns& other) {
    wall += other.wall;
    processor += other.processor;
    return *this;
  }
  Ns operator/(double by) const { return {wall / by, processor / by}; }
};

double ProcessorNs() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
}

template <typename Work>
Ns NsEach(Work work) {
  constexpr uint64_t kAtATime = 256;
  uint64_t turns = 0, sum = 0;
  const auto start = steady_clock::now();
  const double processor_start = ProcessorNs();
  std::chrono::duration<double, std::nano> taken{};
  do {
    for (uint64_t i = 0; i < kAtATime; ++i) sum += work(turns + i);
    turns += kAtATime;
    taken = steady_clock::now() - start;
  } while (taken.count() < seconds_each * 1e9);
  volatile uint64_t kept = sum;
  (void)kept;
  return Ns{taken.count(), ProcessorNs() - processor_start} / static_cast<double>(turns);
}

// The same work in so many processes at once: the mean of what each says.
Ns NsInProcesses(int count, const std::function<Work(int)>& make) {
  int ends[2];
  CHECK(pipe(ends) == 0);
  for (int i = 0; i < count; ++i) {
    if (fork() != 0) continue;
    Ns ns;
    std::thread([&] { ns = NsEach(make(i)); }).join();  // a forked one would share its slot of statistics
    _exit(write(ends[1], &ns, sizeof ns) == sizeof ns ? 0 : 1);
  }
  Ns sum;
  for (int i = 0; i < count; ++i) {
    Ns ns;
    CHECK(read(ends[0], &ns, sizeof ns) == sizeof ns);
    sum += ns;
  }
  for (int i = 0; i < count; ++i) wait(nullptr);
  close(ends[0]);
  close(ends[1]);
  return sum / count;
}

Ns NsInThreads(int count, const std::function<Work(int)>& make) {
  std::vector<Ns> ns(static_cast<size_t>(count));
  std::vector<std::thread> threads;
  for (int i = 0; i < count; ++i) {
    threads.emplace_back([&, i] { ns[static_cast<size_t>(i)] = NsEach(make(i)); });
  }
  for (std::thread& thread : threads) thread.join();
  Ns sum;
  for (const Ns& one : ns) sum += one;
  return sum / count;
}

struct Case {
  std::string name;
  std::function<Ns()> ns;
  const char* goal = "";
};

// In turn, so that what else the machine does falls on all alike.
void RunAll(const std::string& title, const std::vector<Case>& cases) {
  printf("\n%s\n", title.c_str());
  std::vector<std::array<Ns, 3>> taken(cases.size());
  for (size_t round = 0; round < 3; ++round) {
    for (size_t i = 0; i < cases.size(); ++i) taken[i][round] = cases[i].ns();
  }
  const auto median = [](std::array<Ns, 3>& of, double Ns::* what) {
    std::sort(of.begin(), of.end(), [&](const Ns& x, const Ns& y) { return x.*what < y.*what; });
    return of[1].*what;
  };
  for (size_t i = 0; i < cases.size(); ++i) {
    const double wall = median(taken[i], &Ns::wall);
    printf("  %-46s %9.1f %9.1f   x %.2f  %s\n", cases[i].name.c_str(), wall,
           median(taken[i], &Ns::processor), wall / median(taken[0], &Ns::wall), cases[i].goal);
  }
  fflush(stdout);
}

Table OpenTable(const std::string& name, uint64_t words) {
  return OrDie(Table::Open(directory + "/" + name, words, kMany.window, clock_of_all));
}

// What no decision can be below: a key is hashed as the table does it, and words are read where the
// hash says, in the file of a table, which is mapped once more in the same way.
class Memory {
 public:
  explicit Memory(uint64_t words) : mapping_(OrDie(os::Mapping::Open(OnlyFile(), BytesOfFile()))) {
    mapping_.UseHugePages();
    words_ = reinterpret_cast<std::atomic<uint64_t>*>(mapping_.bytes().data() + BytesOfFile() - words * 8);
    mask_ = words - 1;
  }
  uint64_t ReadOne(uint64_t key) const { return At(Hash(key)); }
  uint64_t ReadTwo(uint64_t key) const {
    const Spot spot = SpotOf(Hash(key), BucketMask(mask_ + 1));
    return At(spot.buckets[0]) + At(spot.buckets[1]);
  }
  // Both of one page of 4 KiB.
  uint64_t ReadTwoOfAPage(uint64_t key) const {
    const uint64_t hash = Hash(key);
    return At(hash) + At(hash ^ (hash >> 32) % 512);
  }

 private:
  static std::string OnlyFile() {
    return std::filesystem::directory_iterator(directory)->path().string();
  }
  static uint64_t BytesOfFile() { return std::filesystem::file_size(OnlyFile()); }
  static uint64_t Hash(uint64_t key) {
    return SipHash13({1, 2}, {reinterpret_cast<const char*>(&key), sizeof key});
  }
  uint64_t At(uint64_t place) const { return words_[place & mask_].load(); }

  os::Mapping mapping_;
  const std::atomic<uint64_t>* words_;
  uint64_t mask_;
};

// Keys of so many at random; the next one when the last is answered, as where one form comes in at
// a time. Otherwise the processor begins with the next as soon as it has room for it, which the
// decision has too many instructions for, and two reads of memory have not.
template <typename Decide>
Ns NsAtRandom(uint64_t keys, bool one_by_one, Decide decide) {
  Random random(7);
  uint64_t last = 0;
  return NsEach([&](uint64_t) {
    const uint64_t answer = decide(random.Below(keys) + last);
    if (one_by_one) last = answer == UINT64_MAX;  // never, which only the answer tells
    return answer;
  });
}

// Of keys that were counted already, at 60 % of the words.
void RunSize(uint64_t words, const char* goal) {
  Table table = OpenTable("size", words);
  const uint64_t keys = words / 5 * 3;
  for (uint64_t key = 0; key < keys; ++key) HitKey(table, key, kMany);
  const Memory memory(words);
  const auto hits = [&](const Limit& limit, bool one_by_one) {
    return [=, &table] {
      return NsAtRandom(keys, one_by_one, [&](uint64_t key) {
        return static_cast<uint64_t>(HitKey(table, key, limit).window_left.count());
      });
    };
  };
  const auto reads = [&](uint64_t (Memory::*read)(uint64_t) const, bool one_by_one) {
    return [=, &memory] {
      return NsAtRandom(keys, one_by_one, [&](uint64_t key) { return (memory.*read)(key); });
    };
  };
  RunAll(std::to_string(words) + " words, " + std::to_string(words >> 17) + " MiB, 60 % live, keys at random",
         {{"control: a hash, a line, one by one", reads(&Memory::ReadOne, true)},
          {"control: a hash, two lines, one by one", reads(&Memory::ReadTwo, true)},
          {"control: a hash, two of a page, one by one", reads(&Memory::ReadTwoOfAPage, true)},
          {"control: a hash, a line", reads(&Memory::ReadOne, false)},
          {"refused, one by one", hits(kFew, true)},
          {"refused", hits(kFew, false), goal},
          {"admitted", hits(kMany, false), goal}});
  std::filesystem::remove_all(directory);
  std::filesystem::create_directories(directory);
}

void RunHot() {
  Table table = OpenTable("hot", 1 << 20);
  HitKey(table, 1, kFew);
  const auto admitted = [&] {
    return NsEach([&](uint64_t turn) {
      if (turn % 200 == 0) clock_of_all.Advance(kMany.window);
      return HitKey(table, 2, kMany).admitted();
    });
  };
  uint64_t fresh = 1000;
  const auto inserted = [&] {
    return NsEach([&](uint64_t turn) {
      if (turn % 600'000 == 0) clock_of_all.Advance(kMany.window);
      return HitKey(table, ++fresh, kMany).admitted();
    });
  };
  RunAll("1048576 words, 8 MiB: one key again and again",
         {{"refused", [&] { return NsEach([&](uint64_t) { return HitKey(table, 1, kFew).admitted(); }); },
           "goal: 40"},
          {"admitted", admitted, "goal: 40"},
          {"new keys, one after the other", inserted}});
}

// What a form costs: IPv4 is one counter, IPv6 two, each with the ceiling of its route.
void RunTiers() {
  Table table = OpenTable("tiers", 1 << 20);
  static const Ceiling ceiling{1 << 30, std::chrono::minutes(1)};
  const auto hit = [&](size_t tiers, uint64_t key, const Limit& limit) {
    std::array<Counter, 2> counters;
    for (size_t i = 0; i < tiers; ++i) {
      counters[i].key.Append({reinterpret_cast<const char*>(&key), sizeof key - 2 * i});
      counters[i].limit = limit;
    }
    return table.Admit({Rule::kLogin, std::span(counters).first(tiers), &ceiling}).admitted();
  };
  std::vector<Case> cases;
  for (const size_t tiers : {size_t{1}, size_t{2}}) {
    const std::string what = tiers == 1 ? "1 tier and the ceiling, " : "2 tiers and the ceiling, ";
    hit(tiers, 1, kFew);
    cases.push_back({what + "refused", [=] {
                       return NsEach([=](uint64_t) { return hit(tiers, 1, kFew); });
                     }});
    cases.push_back({what + "admitted", [=] {
                       return NsEach([=](uint64_t turn) {
                         if (turn % 200 == 0) clock_of_all.Advance(kMany.window);
                         return hit(tiers, 2, kMany);
                       });
                     }});
  }
  RunAll("8 MiB: one key again and again, as a form is counted", cases);
}

void RunFlood() {
  Table table = OpenTable("flood", 1 << 20);
  HitKey(table, 1, kFew);
  const auto refused = [&](int) -> Work {
    return [&](uint64_t) { return HitKey(table, 1, kFew).admitted(); };
  };
  static std::atomic<uint64_t> word;
  const auto writes = [](int) -> Work { return [](uint64_t) { return word.fetch_add(1); }; };
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  std::vector<Case> cases, controls;
  for (int count = 1; count <= cores; count *= 2) {
    const std::string many = std::to_string(count);
    cases.push_back({many + " threads", [=] { return NsInThreads(count, refused); }});
    cases.push_back({many + " processes", [=] { return NsInProcesses(count, refused); }});
    controls.push_back({many + " threads", [=] { return NsInThreads(count, writes); }});
  }
  RunAll("a flood of one refused key: a decision takes no longer when all cores refuse", cases);
  RunAll("control: one word that each hit adds to", controls);
}

// What one writes first.
class MutexMap {
 public:
  bool Hit(uint64_t key, const Limit& limit, std::chrono::milliseconds now) {
    const std::lock_guard lock(mutex_);
    Window& window = windows_[key];
    if (window.end <= now) window = {now + limit.window, 0};
    if (window.count >= limit.count) return false;
    ++window.count;
    return true;
  }

 private:
  struct Window {
    std::chrono::milliseconds end{0};
    uint32_t count = 0;
  };
  std::mutex mutex_;
  std::unordered_map<uint64_t, Window> windows_;
};

class Redis {
 public:
  explicit Redis(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM, 0)) {
    sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
    CHECK(path.size() < sizeof address.sun_path);
    std::strcpy(address.sun_path, path.c_str());
    CHECK(connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  }
  ~Redis() { close(fd_); }
  // One round trip; a window would take a second command or a script.
  uint64_t Increment(uint64_t key) {
    char text[64];
    const int size = snprintf(text, sizeof text, "INCR k%lu\r\n", key);
    CHECK(write(fd_, text, static_cast<size_t>(size)) == size);
    CHECK(read(fd_, text, sizeof text) > 1 && text[0] == ':');
    return static_cast<uint64_t>(text[1]);
  }

 private:
  int fd_;
};

void RunOthers(const std::string& redis_path) {
  constexpr uint64_t kKeys = 600'000;
  const int cores = static_cast<int>(std::thread::hardware_concurrency());
  Table table = OpenTable("others", 1 << 20);
  for (uint64_t key = 0; key < kKeys; ++key) HitKey(table, key, kMany);
  MutexMap map;
  const auto now = clock_of_all.SinceBoot();
  for (uint64_t key = 0; key < kKeys; ++key) map.Hit(key, kMany, now);
  const auto ours = [&](int i) -> Work {
    return [&table, random = Random(static_cast<uint64_t>(i + 1))](uint64_t) mutable {
      return HitKey(table, random.Below(kKeys), kMany).admitted();
    };
  };
  const auto mutex_map = [&](int i) -> Work {
    return [&map, now, random = Random(static_cast<uint64_t>(i + 1))](uint64_t) mutable {
      return map.Hit(random.Below(kKeys), kMany, now);
    };
  };
  const auto redis = [&] {
    Redis connection(redis_path);
    Random random(3);
    return NsEach([&](uint64_t) { return connection.Increment(random.Below(kKeys)); });
  };
  const std::string all = std::to_string(cores) + " threads";
  RunAll("600000 peers at random, beside others",
         {{"ours, 1 thread", [&] { return NsInThreads(1, ours); }, "goal: 80"},
          {"ours, " + all, [&] { return NsInThreads(cores, ours); }},
          {"a map with a mutex, 1 thread", [&] { return NsInThreads(1, mutex_map); }},
          {"a map with a mutex, " + all, [&] { return NsInThreads(cores, mutex_map); }},
          {"Redis, INCR over a unix socket, 1 client", redis}});
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    fprintf(stderr, "usage: limiter DIRECTORY REDIS_SOCKET SECONDS_EACH\n");
    return 2;
  }
  directory = argv[1];
  seconds_each = std::stod(argv[3]);
  printf("ns for one decision by the wall's clock and of the processor, the median of three;\n"
         "x: by the wall's clock, beside the first line of its group\n");
  RunHot();
  RunTiers();
  RunSize(2 << 20, "goal: 80");
  RunSize(16 << 20, "");
  RunSize(128 << 20, "goal: 150");
  RunFlood();
  RunOthers(argv[2]);
  return 0;
}
