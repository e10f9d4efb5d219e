// unreadable.h -- a megabyte that nobody may look at: who reads a byte of it ends the test
//
// For what is to be refused by its length alone (Django CVE-2013-1443: hashing a megabyte of password).

#pragma once

#include <sys/mman.h>

#include <string_view>

#include "base/check.h"

namespace latchkey {

class Unreadable {
 public:
  Unreadable() : pages_(mmap(nullptr, kBytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)) {
    CHECK(pages_ != MAP_FAILED);
  }
  Unreadable(const Unreadable&) = delete;
  Unreadable& operator=(const Unreadable&) = delete;
  ~Unreadable() { munmap(pages_, kBytes); }

  std::string_view text() const { return {static_cast<const char*>(pages_), kBytes}; }

 private:
  static constexpr size_t kBytes = 1 << 20;
  void* pages_;
};

}  // namespace latchkey
