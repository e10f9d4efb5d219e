#include "os/large_block.h"

#include <sys/mman.h>

#include <cstdint>
#include <utility>

#include "base/check.h"

namespace latchkey::os {
namespace {

constexpr size_t kHugePage = 2 << 20;

size_t RoundUp(size_t size) { return (size + kHugePage - 1) / kHugePage * kHugePage; }

struct Kept {
  bool wanted = false;
  void* block = nullptr;
  size_t size = 0;
};
thread_local Kept t_kept;

void Unmap(char* from, const char* to) {
  if (from != to) CHECK(munmap(from, static_cast<size_t>(to - from)) == 0);
}

}  // namespace

void* AllocateLarge(size_t size_bytes) {
  const size_t size = RoundUp(size_bytes);
  if (t_kept.block != nullptr && t_kept.size == size) return std::exchange(t_kept.block, nullptr);
  FreeKeptBlock();
  void* const mapped =
      mmap(nullptr, size + kHugePage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (mapped == MAP_FAILED) return nullptr;
  // Only what begins at a multiple of its size can be a huge page.
  auto* const begin = static_cast<char*>(mapped);
  char* const block =
      begin + (RoundUp(reinterpret_cast<uintptr_t>(begin)) - reinterpret_cast<uintptr_t>(begin));
  Unmap(begin, block);
  Unmap(block + size, begin + size + kHugePage);
  madvise(block, size, MADV_HUGEPAGE);
  return block;
}

void FreeLarge(void* block, size_t size_bytes) {
  if (t_kept.wanted) {
    FreeKeptBlock();
    t_kept.block = block;
    t_kept.size = RoundUp(size_bytes);
  } else {
    CHECK(munmap(block, RoundUp(size_bytes)) == 0);
  }
}

void FreeKeptBlock() {
  if (t_kept.block != nullptr) CHECK(munmap(std::exchange(t_kept.block, nullptr), t_kept.size) == 0);
}

KeepLargeBlock::KeepLargeBlock() { t_kept.wanted = true; }

KeepLargeBlock::~KeepLargeBlock() {
  t_kept.wanted = false;
  FreeKeptBlock();
}

}  // namespace latchkey::os
