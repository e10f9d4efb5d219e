#include <algorithm>
#include <ostream>

#include "admin/commands.h"
#include "password/hash_threads.h"
#include "password/permits.h"
#include "password/scheme.h"

namespace latchkey::admin {
namespace {

using password::Memory;
using password::Scheme;

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

}  // namespace

void PrintHashing(const config::Admin& settings, std::ostream& out) {
  const auto permits = static_cast<uint64_t>(password::CountPermits(settings.hashing.permits));
  const int queue = password::CountQueue(settings.hashing.queue, settings.threads);
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
