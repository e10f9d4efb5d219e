// events.h -- waiting for descriptors, and waking another process or thread

#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <optional>

#include "base/unique_fd.h"

namespace latchkey::os {

// eventfd: Wake() makes fd() readable until Clear(). Shared over fork.
class WakeEvent {
 public:
  WakeEvent();                       // a new one, CLOEXEC, non-blocking
  explicit WakeEvent(UniqueFd fd);   // from whoever started us
  int fd() const { return fd_.get(); }
  void Wake() const;
  void Clear() const;

 private:
  UniqueFd fd_;
};

// Waits until the descriptor is readable; false at the end of the time.
bool WaitReadable(int fd, std::chrono::milliseconds most);
bool WaitReadable(std::initializer_list<int> fds, std::chrono::milliseconds most);

// epoll in one-shot mode: each watched descriptor is delivered to one thread, once, until it is armed
// again. `tag` is the caller's.
class Epoll {
 public:
  Epoll();
  void Add(int fd, uint64_t tag) const;
  void Rearm(int fd, uint64_t tag) const;
  void Remove(int fd) const;
  // Not one-shot: every thread is delivered it as long as it is readable.
  void AddForAll(int fd, uint64_t tag) const;
  // The tag of one that is readable (or closed by its peer); none after a signal.
  std::optional<uint64_t> Wait() const;

 private:
  UniqueFd fd_;
};

}  // namespace latchkey::os
