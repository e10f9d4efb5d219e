#include "os/socket.h"

#include <fcntl.h>
#include <grp.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <optional>
#include <vector>

namespace latchkey::os {
namespace {

// Unix sockets refuse at once when the queue is full; the kernel cuts this to net.core.somaxconn.
constexpr int kBacklog = 1024;

Error Wrong(const std::string& message) { return {Next::kFixSetup, message}; }

Error Failed(const std::string& path, const std::string& what) {
  return Wrong(path + ": " + what + ": " + std::strerror(errno));
}

sockaddr_un ToAddress(const std::string& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  return address;
}

template <typename Call>
int OnAddress(Call call, int fd, const sockaddr_un& address) {
  return call(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address);
}

UniqueFd NewSocket() {
  return UniqueFd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
}

// Removes a socket that nobody listens on any more.
Status ClearTheWay(const std::string& path) {
  struct stat found {};
  if (lstat(path.c_str(), &found) != 0) {
    return errno == ENOENT ? Ok() : Status(Failed(path, "cannot be looked at"));
  }
  if (!S_ISSOCK(found.st_mode)) {
    return Wrong(path + ": is there already and is no socket; remove it");
  }
  const UniqueFd probe = NewSocket();
  if (!probe.valid()) return Failed(path, "no socket");
  const int answer = OnAddress(connect, probe.get(), ToAddress(path));
  // A full queue (EAGAIN) is somebody who listens, too.
  if (answer == 0 || errno != ECONNREFUSED) {
    return Wrong(path + ": another program listens here; stop it or choose another path");
  }
  if (unlink(path.c_str()) != 0) return Failed(path, "cannot be removed");
  return Ok();
}

Result<gid_t> FindGroup(const std::string& group) {
  std::vector<char> buffer(1 << 16);
  struct ::group entry {};
  struct ::group* found = nullptr;
  errno = getgrnam_r(group.c_str(), &entry, buffer.data(), buffer.size(), &found);
  if (found != nullptr) return entry.gr_gid;
  return Wrong("there is no group " + group + " on this machine");
}

// Nobody can connect before the rights are as asked: the name is made with none at all.
Status BindWithRights(int fd, const std::string& path, unsigned mode, std::optional<gid_t> group) {
  const mode_t before = umask(0777);
  const int bound = OnAddress(bind, fd, ToAddress(path));
  const int error = errno;
  umask(before);
  errno = error;
  if (bound != 0) {
    return Failed(path, "cannot be made (is the directory there, and ours to write?)");
  }
  if (group && lchown(path.c_str(), static_cast<uid_t>(-1), *group) != 0) {
    return Failed(path, "cannot be given to its group");
  }
  if (chmod(path.c_str(), mode) != 0) return Failed(path, "cannot be given its permissions");
  return Ok();
}

bool IsListeningUnixSocket(int fd) {
  int domain = 0, listening = 0;
  socklen_t size = sizeof domain;
  if (getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) != 0) return false;
  size = sizeof listening;
  if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listening, &size) != 0) return false;
  return domain == AF_UNIX && listening != 0;
}

}  // namespace

Result<UniqueFd> ListenUnix(const std::string& path, unsigned mode, const std::string& group) {
  if (path.empty() || path.size() >= sizeof(sockaddr_un::sun_path)) {
    return Wrong(path + ": a socket's path has at most 107 bytes");
  }
  std::optional<gid_t> gid;
  if (!group.empty()) {
    const auto found = FindGroup(group);
    if (!found.ok()) return found.error();
    gid = *found;
  }
  if (auto cleared = ClearTheWay(path); !cleared.ok()) return cleared.error();
  UniqueFd fd = NewSocket();
  if (!fd.valid()) return Failed(path, "no socket");
  if (auto bound = BindWithRights(fd.get(), path, mode, gid); !bound.ok()) return bound.error();
  if (listen(fd.get(), kBacklog) != 0) return Failed(path, "cannot be listened on");
  return fd;
}

Result<UniqueFd> TakeListener(int fd) {
  if (!IsListeningUnixSocket(fd)) {
    return Wrong("file descriptor " + std::to_string(fd) +
                 " is no listening unix socket; start this program with latchkeyd or spawn-fcgi");
  }
  // Off the standard descriptors, so that whoever reads stdin finds its end and not a socket.
  UniqueFd listener(fcntl(fd, F_DUPFD_CLOEXEC, 3));
  const UniqueFd nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!listener.valid() || !nothing.valid() || dup2(nothing.get(), fd) != fd) {
    return Failed("listener", "cannot be taken over");
  }
  const int flags = fcntl(listener.get(), F_GETFL);
  if (fcntl(listener.get(), F_SETFL, flags | O_NONBLOCK) != 0) {
    return Failed("listener", "cannot be made non-blocking");
  }
  return listener;
}

Result<UniqueFd> TakeActivated() {
  const char* pid = getenv("LISTEN_PID");
  const char* count = getenv("LISTEN_FDS");
  // An older environment's words may be about another process.
  if (pid == nullptr || count == nullptr || std::to_string(getpid()) != pid) return UniqueFd();
  if (std::strcmp(count, "1") != 0) {
    return Wrong(std::string("systemd hands over ") + count +
                 " sockets; the socket unit must have exactly one ListenStream");
  }
  return TakeListener(/*fd=*/3);
}

Accepted Accept(int listener, std::chrono::milliseconds io_timeout) {
  UniqueFd fd(accept4(listener, nullptr, nullptr, SOCK_CLOEXEC));
  if (!fd.valid()) {
    const bool exhausted =
        errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM;
    return {UniqueFd(), exhausted};
  }
  SetTimeouts(fd.get(), io_timeout);
  return {std::move(fd), false};
}

void SetTimeouts(int fd, std::chrono::milliseconds timeout) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(timeout);
  const std::chrono::microseconds rest = timeout - seconds;
  const timeval value{seconds.count(), rest.count()};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &value, sizeof value);
  setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &value, sizeof value);
}

void AcknowledgeAtOnce(int fd) {
  const int on = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_QUICKACK, &on, sizeof on);
}

std::string_view Peek(int fd, std::span<char> bytes) {
  const ssize_t count = recv(fd, bytes.data(), bytes.size(), MSG_PEEK | MSG_DONTWAIT);
  return {bytes.data(), static_cast<size_t>(std::max<ssize_t>(count, 0))};
}

UniqueFd Duplicate(int fd) { return UniqueFd(fcntl(fd, F_DUPFD_CLOEXEC, 0)); }

bool HasSpareDescriptors(const UniqueFd& fd, int count) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return true;
  // The lowest free number is given out first, so a new one says how many are taken.
  const UniqueFd lowest_free = Duplicate(fd.get());
  return lowest_free.valid() &&
         static_cast<rlim_t>(lowest_free.get()) + static_cast<rlim_t>(count) <= limit.rlim_cur;
}

void ShutDown(int fd) { shutdown(fd, SHUT_RDWR); }

}  // namespace latchkey::os
