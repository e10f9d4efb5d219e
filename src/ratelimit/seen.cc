#include "ratelimit/seen.h"

#include <cstring>
#include <utility>

#include "base/check.h"

namespace latchkey::ratelimit {
namespace {

static_assert(std::atomic<uint64_t>::is_always_lock_free);

// Never 0, which is an empty place.
uint64_t WordOf(std::string_view id) {
  uint64_t word = 0;
  std::memcpy(&word, id.data(), sizeof word);
  return word == 0 ? 1 : word;
}

}  // namespace

Result<Seen> Seen::Open(const std::string& path) {
  constexpr size_t kSizeBytes = kPlaces * sizeof(uint64_t);
  // Any bits will do, so there is nothing to look at but the size.
  Result<os::Mapping> mapping =
      os::Mapping::OpenOrPublish(path, kSizeBytes, [](auto) { return true; }, [](auto) {});
  if (!mapping.ok()) return mapping.error();
  return Seen(std::move(*mapping));
}

Seen::Seen(os::Mapping mapping)
    : mapping_(std::move(mapping)),
      places_(reinterpret_cast<std::atomic<uint64_t>*>(mapping_.bytes().data())) {}

std::atomic<uint64_t>& Seen::PlaceOf(std::string_view id) const {
  CHECK(id.size() == kIdBytes);
  uint16_t place = 0;
  std::memcpy(&place, id.data() + sizeof(uint64_t), sizeof place);
  return places_[place % kPlaces];
}

bool Seen::Has(std::string_view id) const {
  return PlaceOf(id).load(std::memory_order_relaxed) == WordOf(id);
}

void Seen::Add(std::string_view id) { PlaceOf(id).store(WordOf(id), std::memory_order_relaxed); }

}  // namespace latchkey::ratelimit
