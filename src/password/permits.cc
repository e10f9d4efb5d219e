#include "password/permits.h"

#include <algorithm>
#include <array>
#include <cstring>
#include <fstream>
#include <new>
#include <string_view>
#include <thread>

#include "base/check.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"
#include "os/happenings.h"
#include "os/robust_mutex.h"

namespace latchkey::password {
namespace {

constexpr size_t kLineBytes = 64;
constexpr size_t kDigits = 8;  // at the end of a file's name
constexpr std::array<char, 8> kMagic = {'L', 'K', 'P', 'E', 'R', 'M', 'I', '1'};

// At the front of the file; written once, before the file has a name.
struct Facts {
  std::array<char, 8> magic = kMagic;
  std::array<char, 40> boot_id{};
};

Facts CurrentFacts() {
  Facts facts;
  const std::string id = os::BootId();
  std::copy_n(id.begin(), std::min(id.size(), facts.boot_id.size()), facts.boot_id.begin());
  return facts;
}

// Another layout, another libc's mutex or another boot is another file. A boot is told apart
// because a mutex that was held when the machine stopped is held for ever.
std::string NameOfPage(const std::string& prefix, const Facts& facts) {
  const std::string text = std::string(facts.magic.data(), facts.magic.size()) + "/" +
                           std::to_string(sizeof(os::RobustMutex)) + "/" +
                           std::string(facts.boot_id.data(), facts.boot_id.size());
  return prefix + "." + crypto::EncodeHex(crypto::Sha256(text)).substr(0, kDigits);
}

bool IsOfAnotherBoot(const std::string& path, const Facts& now) {
  Facts facts;
  std::ifstream file(path, std::ios::binary);
  file.read(reinterpret_cast<char*>(&facts), sizeof facts);
  constexpr std::string_view kAnyLayout(kMagic.data(), kMagic.size() - 1);
  return file.good() && std::string_view(facts.magic.data(), kAnyLayout.size()) == kAnyLayout &&
         facts.boot_id != now.boot_id;
}

}  // namespace

// Each mutex on a line of its own, so that one who takes a permit does not slow another's release.
struct Permits::Page {
  Facts facts;
  alignas(kLineBytes) os::RobustMutex gate;
  os::Happenings released;
  struct alignas(kLineBytes) Slot {
    os::RobustMutex mutex;
  };
  std::array<Slot, kMost> slots;
};

Result<Permits> Permits::Open(const std::string& prefix, int count) {
  static_assert(sizeof(Page) == 4 * 4096);
  CHECK(count >= 1 && count <= kMost);
  const Facts now = CurrentFacts();
  const std::string path = NameOfPage(prefix, now);
  const auto fits = [&now](std::span<const std::byte> bytes) {
    return std::memcmp(bytes.data(), &now, sizeof now) == 0;
  };
  const auto fill = [&now](std::span<std::byte> bytes) { (new (bytes.data()) Page)->facts = now; };
  os::RemoveOfEarlierBoots(prefix, kDigits, [&](const std::string& old) {
    return IsOfAnotherBoot(old, now);
  });

  Result<os::Mapping> mapping = os::Mapping::OpenOrPublish(path, sizeof(Page), fits, fill);
  if (!mapping.ok()) return mapping.error();
  return Permits(std::move(*mapping), count);
}

Permits::Permits(os::Mapping mapping, int count)
    : mapping_(std::move(mapping)),
      page_(reinterpret_cast<Page*>(mapping_.bytes().data())),
      count_(count) {}

std::optional<Permits::Permit> Permits::Take(Time until) {
  if (!page_->gate.Lock(until)) return std::nullopt;
  std::optional<Permit> permit = TakeFree(until);
  page_->gate.Unlock();
  return permit;
}

std::optional<Permits::Permit> Permits::TakeFree(Time until) {
  while (true) {
    const uint32_t seen = page_->released.count();
    for (int i = 0; i < count_; ++i) {
      if (page_->slots[i].mutex.TryLock()) return Permit(*page_, i);
    }
    const auto left = until - std::chrono::steady_clock::now();
    if (left.count() <= 0) return std::nullopt;
    page_->released.Wait(seen, std::min<std::chrono::nanoseconds>(left, kLook));
  }
}

Permits::Permit::~Permit() {
  if (page_ == nullptr) return;
  page_->slots[number_].mutex.Unlock();
  page_->released.Add();
}

Permits::Usage Permits::Read() const {
  Usage usage{.permits = count_};
  for (int i = 0; i < count_; ++i) {
    // Only asking tells a dead holder's from a living one's.
    if (page_->slots[i].mutex.TryLock()) {
      static_cast<void>(Permit(*page_, i));
    } else {
      ++usage.taken;
    }
  }
  return usage;
}

int CountPermits(int configured) {
  if (configured > 0) return configured;
  const auto cores = static_cast<int>(std::thread::hardware_concurrency());
  return std::clamp(cores - 1, 1, Permits::kMost);
}

}  // namespace latchkey::password
