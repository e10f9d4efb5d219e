#include <algorithm>
#include <chrono>
#include <iomanip>
#include <optional>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "admin/commands.h"
#include "base/text.h"
#include "password/hash_threads.h"
#include "password/permits.h"
#include "password/scheme.h"
#include "password/tuning.h"

namespace latchkey::admin {
namespace {

using password::Memory;
using password::Scheme;
using Milliseconds = std::chrono::duration<double, std::milli>;

std::string Size(uint64_t bytes) {
  constexpr uint64_t kMiB = 1 << 20;
  return bytes >= kMiB ? std::to_string((bytes + kMiB / 2) / kMiB) + " MiB"
                       : std::to_string(bytes / 1024) + " KiB";
}

// Of all that the site reads: a row says itself what it takes.
uint64_t MostBytes(const config::Site& site) {
  uint64_t most = 0;
  for (const Scheme* scheme : password::AllSchemes()) {
    const auto& reads = site.reads;
    const bool is_read =
        scheme->name() == site.scheme ||
        (reads.empty() ? scheme->self_describing()
                       : std::find(reads.begin(), reads.end(), scheme->name()) != reads.end());
    if (is_read) most = std::max<uint64_t>(most, scheme->memory().most_bytes);
  }
  return most;
}

// Of one hash, the median of some.
Milliseconds Measure(const Scheme& scheme, const std::string& stored) {
  using Clock = std::chrono::steady_clock;
  constexpr size_t kFewest = 3, kMost = 1000;
  constexpr std::chrono::milliseconds kEnough{60};
  std::vector<Clock::duration> times;
  const Clock::time_point begun = Clock::now();
  while (times.size() < kFewest || (Clock::now() - begun < kEnough && times.size() < kMost)) {
    const Clock::time_point before = Clock::now();
    static_cast<void>(scheme.Verify("nobody's password", stored));
    times.push_back(Clock::now() - before);
  }
  std::sort(times.begin(), times.end());
  return times[times.size() / 2];
}

std::string Ms(Milliseconds time) {
  std::ostringstream text;
  text << std::fixed << std::setprecision(time.count() < 10 ? 3 : 1) << time.count();
  return text.str();
}

void PrintRow(std::ostream& out, std::string_view name, const std::string& ms,
              const std::string& memory, std::string_view proposal) {
  out << std::left << std::setw(25) << name << std::right << std::setw(9) << ms << std::setw(9)
      << memory << "  " << proposal << "\n"
      << std::flush;
}

// "13 (231.2)", or "-" where the format has no cost to choose.
std::string Proposal(const Scheme& scheme, const std::string& stored, Milliseconds took,
                     double goal_ms, const Stopwatch& stopwatch) {
  if (!scheme.writes()) return "read only";
  double factor = goal_ms / took.count();
  std::string proposal = "-";
  // More memory costs more than its share, once it is more than the caches hold.
  for (int turn = 0; turn < 4; ++turn) {
    const std::string tuned = password::Tune(scheme, stored, factor);
    if (tuned.empty()) return proposal;
    const double tuned_ms = stopwatch(scheme, tuned).count();
    proposal = std::string(scheme.CostOf(tuned)) + " (" + Ms(Milliseconds(tuned_ms)) + ")";
    if (tuned_ms <= goal_ms) return proposal;
    factor *= 0.95 * goal_ms / tuned_ms;
  }
  return proposal;
}

void Bench(const Scheme& scheme, double goal_ms, const Stopwatch& stopwatch, std::ostream& out) {
  const std::string stored = password::Sample(scheme);
  const Milliseconds took = stopwatch(scheme, stored);
  PrintRow(out, scheme.name(), Ms(took), Size(scheme.memory().written_bytes),
           Proposal(scheme, stored, took, goal_ms, stopwatch));
}

int Say(Io io, const std::string& line) {
  io.err << line << "\n";
  return kNotUnderstood;
}

}  // namespace

int BenchHash(const Options& options, Io io) { return BenchHash(options, io, Measure); }

int BenchHash(const Options& options, Io io, const Stopwatch& stopwatch) {
  constexpr uint64_t kMostMs = 10'000;
  const auto time = options.find("--time"), only = options.find("--only");
  const auto goal_ms =
      time == options.end() ? std::optional<uint64_t>(250) : ParseUnsigned(time->second);
  if (!goal_ms || *goal_ms < 1 || *goal_ms > kMostMs) {
    return Say(io, "--time is in milliseconds, 1 to " + std::to_string(kMostMs));
  }
  std::vector<const Scheme*> schemes = password::AllSchemes();
  if (only != options.end()) {
    schemes = {password::FindScheme(only->second)};
    if (schemes[0] == nullptr) {
      return Say(io, "there is no scheme " + only->second + "; see latchkey hash schemes");
    }
  }
  PrintRow(io.out, "scheme", "ms", "memory",
           "cost for " + std::to_string(*goal_ms) + " ms (measured)");
  for (const Scheme* scheme : schemes) {
    Bench(*scheme, static_cast<double>(*goal_ms), stopwatch, io.out);
  }
  return kYes;
}

void PrintHashing(const config::Admin& settings, std::ostream& out) {
  const auto permits = static_cast<uint64_t>(password::CountPermits(settings.hashing.permits));
  const int queue = password::CountQueue(settings.hashing.queue,
                                         config::Share(settings.threads).answering);
  const Scheme* const scheme = password::FindScheme(settings.site.scheme);
  if (scheme == nullptr) return;
  out << "hashing: " << permits << " at a time on this machine, " << queue
      << " in each worker at it or waiting, for " << settings.hashing.wait.count() << "s at most\n";
  const uint64_t written = scheme->memory().written_bytes;
  out << "hashing: " << Size(permits * written) << " of memory with " << scheme->name() << " ("
      << Size(written) << " each); stored hashes may ask for up to "
      << Size(permits * MostBytes(settings.site)) << "\n";
}

}  // namespace latchkey::admin
