// seen.h -- which forms were taken lately, so that one that comes twice is taken once
//
// A web server sends a form again when the worker that had it was killed, and a person taps a
// button twice. The outbox knows the id of a note only until it was mailed, so this machine's
// processes keep it a little longer: in a table in shared memory of one word a place, where an id
// has one place and the newest stays. A word is written in one store, so a killed process leaves it
// whole. Nothing expires, for ids are drawn at random and none is used again on purpose.
//
// Limits: an id is forgotten once another has taken its place, which after n further ones has
// happened with probability n / 8192 at most; two ids are taken for one with 2^-77.

#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/mapping.h"

namespace latchkey::ratelimit {

class Seen {
 public:
  static constexpr size_t kPlaces = 1 << 13;
  static constexpr size_t kIdBytes = 16;

  // Opens the table at `path`, or makes it, whoever comes first. kFixSetup: no room or no right.
  static Result<Seen> Open(const std::string& path);

  // REQUIRES: kIdBytes that look random. Safe from any thread.
  bool Has(std::string_view id) const;
  void Add(std::string_view id);

 private:
  explicit Seen(os::Mapping mapping);
  std::atomic<uint64_t>& PlaceOf(std::string_view id) const;

  os::Mapping mapping_;
  std::atomic<uint64_t>* places_;  // shared
};

}  // namespace latchkey::ratelimit
