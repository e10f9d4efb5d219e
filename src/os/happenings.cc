#include "os/happenings.h"

#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>

namespace latchkey::os {

static_assert(sizeof(std::atomic<uint32_t>) == sizeof(uint32_t));

void Happenings::Add() {
  count_.fetch_add(1, std::memory_order_release);
  syscall(SYS_futex, &count_, FUTEX_WAKE, 1, nullptr, nullptr, 0);
}

void Happenings::Wait(uint32_t seen, std::chrono::nanoseconds most) {
  most = std::max(most, std::chrono::nanoseconds(0));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(most);
  const timespec time{.tv_sec = static_cast<time_t>(seconds.count()),
                      .tv_nsec = static_cast<long>((most - seconds).count())};
  syscall(SYS_futex, &count_, FUTEX_WAIT, seen, &time, nullptr, 0);
}

}  // namespace latchkey::os
