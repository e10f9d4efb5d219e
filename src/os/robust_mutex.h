// robust_mutex.h -- a lock in shared memory that its holder's death frees
//
// For processes that may be killed at any time. The kernel marks what a dead thread held, and the
// next who asks gets it: so it may guard no data that could be left half-changed. A lock is
// released by the thread that took it. Limits: the kernel knows a holder by the number that it has
// in its own PID namespace, so all who share one are of one namespace.

#pragma once

#include <pthread.h>

#include <chrono>

namespace latchkey::os {

class RobustMutex {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // In memory that is or will be shared; once, before anybody else sees it. It is never destroyed:
  // who maps the memory last does not know that.
  RobustMutex();
  RobustMutex(const RobustMutex&) = delete;
  RobustMutex& operator=(const RobustMutex&) = delete;

  bool TryLock();
  // False: not before that time. What is free is taken even if the time is over.
  bool Lock(Time until);
  // REQUIRES: locked by this thread.
  void Unlock();

 private:
  bool Holds(int error);

  pthread_mutex_t mutex_;
};

}  // namespace latchkey::os
