#include "os/robust_mutex.h"

#include <cerrno>
#include <ctime>
#ifdef __SANITIZE_THREAD__
#include <sanitizer/tsan_interface.h>
#endif

#include "base/check.h"

namespace latchkey::os {
namespace {

timespec ToTimespec(RobustMutex::Time time) {
  const auto since = time.time_since_epoch();
  const auto seconds = std::chrono::floor<std::chrono::seconds>(since);
  return {.tv_sec = static_cast<time_t>(seconds.count()),
          .tv_nsec = static_cast<long>(std::chrono::nanoseconds(since - seconds).count())};
}

// ThreadSanitizer of g++ 12 does not see pthread_mutex_clocklock by itself.
#ifdef __SANITIZE_THREAD__
int ClockLock(pthread_mutex_t* mutex, const timespec& end) {
  __tsan_mutex_pre_lock(mutex, __tsan_mutex_try_lock);
  const int error = pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &end);
  const bool held = error == 0 || error == EOWNERDEAD;
  __tsan_mutex_post_lock(
      mutex, __tsan_mutex_try_lock | (held ? 0 : __tsan_mutex_try_lock_failed), 0);
  return error;
}
#else
int ClockLock(pthread_mutex_t* mutex, const timespec& end) {
  return pthread_mutex_clocklock(mutex, CLOCK_MONOTONIC, &end);
}
#endif

}  // namespace

RobustMutex::RobustMutex() {
  pthread_mutexattr_t attributes;
  CHECK(pthread_mutexattr_init(&attributes) == 0);
  CHECK(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED) == 0);
  CHECK(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST) == 0);
  CHECK(pthread_mutex_init(&mutex_, &attributes) == 0);
  pthread_mutexattr_destroy(&attributes);
}

bool RobustMutex::TryLock() { return Holds(pthread_mutex_trylock(&mutex_)); }

bool RobustMutex::Lock(Time until) {
  // steady_clock is CLOCK_MONOTONIC.
  return Holds(ClockLock(&mutex_, ToTimespec(until)));
}

bool RobustMutex::Holds(int error) {
  if (error == EBUSY || error == ETIMEDOUT) return false;
  // Its holder died. There is nothing to mend, but the mutex wants to hear so.
  if (error == EOWNERDEAD) error = pthread_mutex_consistent(&mutex_);
  CHECK(error == 0);
  return true;
}

void RobustMutex::Unlock() { CHECK(pthread_mutex_unlock(&mutex_) == 0); }

}  // namespace latchkey::os
