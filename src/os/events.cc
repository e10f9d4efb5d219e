#include "os/events.h"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <array>
#include <algorithm>
#include <cerrno>

#include "base/check.h"

namespace latchkey::os {
namespace {

int ToPollTimeout(std::chrono::milliseconds most) {
  return static_cast<int>(std::min<std::chrono::milliseconds::rep>(most.count(), 1'000'000'000));
}

}  // namespace

WakeEvent::WakeEvent() : fd_(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) { CHECK(fd_.valid()); }

WakeEvent::WakeEvent(UniqueFd fd) : fd_(std::move(fd)) {}

void WakeEvent::Wake() const {
  const uint64_t one = 1;
  // Full means that it is readable already, which is all that is wanted.
  [[maybe_unused]] const ssize_t written = write(fd_.get(), &one, sizeof one);
}

void WakeEvent::Clear() const {
  uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = read(fd_.get(), &count, sizeof count);
}

bool WaitReadable(int fd, std::chrono::milliseconds most) { return WaitReadable({fd}, most); }

bool WaitReadable(std::initializer_list<int> fds, std::chrono::milliseconds most) {
  std::array<pollfd, 8> waiting{};
  CHECK(fds.size() <= waiting.size());
  size_t count = 0;
  for (const int fd : fds) waiting[count++] = {.fd = fd, .events = POLLIN, .revents = 0};
  return poll(waiting.data(), count, ToPollTimeout(most)) > 0;
}

Epoll::Epoll() : fd_(epoll_create1(EPOLL_CLOEXEC)) { CHECK(fd_.valid()); }

void Epoll::Add(int fd, uint64_t tag) const {
  epoll_event event{.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data = {.u64 = tag}};
  CHECK(epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) == 0);
}

void Epoll::Rearm(int fd, uint64_t tag) const {
  epoll_event event{.events = EPOLLIN | EPOLLRDHUP | EPOLLONESHOT, .data = {.u64 = tag}};
  CHECK(epoll_ctl(fd_.get(), EPOLL_CTL_MOD, fd, &event) == 0);
}

void Epoll::Remove(int fd) const {
  CHECK(epoll_ctl(fd_.get(), EPOLL_CTL_DEL, fd, nullptr) == 0);
}

void Epoll::AddForAll(int fd, uint64_t tag) const {
  epoll_event event{.events = EPOLLIN, .data = {.u64 = tag}};
  CHECK(epoll_ctl(fd_.get(), EPOLL_CTL_ADD, fd, &event) == 0);
}

std::optional<uint64_t> Epoll::Wait() const {
  epoll_event event{};
  // No limit of time: a timer for each wait would cost more than the one event that ends them all.
  if (epoll_wait(fd_.get(), &event, 1, -1) <= 0) return std::nullopt;
  const uint64_t tag = event.data.u64;  // a copy: epoll_event is packed
  return tag;
}

}  // namespace latchkey::os
