#include "os/handover.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <cerrno>
#include <cstring>
#include <utility>

#include "base/check.h"

namespace latchkey::os {
namespace {

// FastCGI's records begin with their version, 1.
constexpr char kMark = '\0';

// A message of one byte with one descriptor.
class Message {
 public:
  Message() {
    header_.msg_iov = &part_;
    header_.msg_iovlen = 1;
    header_.msg_control = control_;
    header_.msg_controllen = sizeof control_;
  }
  Message(const Message&) = delete;
  Message& operator=(const Message&) = delete;

  bool Send(int over, int fd) {
    cmsghdr* rights = CMSG_FIRSTHDR(&header_);
    rights->cmsg_level = SOL_SOCKET;
    rights->cmsg_type = SCM_RIGHTS;
    rights->cmsg_len = CMSG_LEN(sizeof fd);
    std::memcpy(CMSG_DATA(rights), &fd, sizeof fd);
    return sendmsg(over, &header_, MSG_DONTWAIT | MSG_NOSIGNAL) == 1;
  }

  UniqueFd Receive(int from) {
    if (recvmsg(from, &header_, MSG_DONTWAIT | MSG_CMSG_CLOEXEC) != 1) return UniqueFd();
    const cmsghdr* rights = CMSG_FIRSTHDR(&header_);
    // There is room for one, so no more can have come.
    if (rights == nullptr || rights->cmsg_level != SOL_SOCKET || rights->cmsg_type != SCM_RIGHTS ||
        rights->cmsg_len != CMSG_LEN(sizeof(int))) {
      return UniqueFd();
    }
    int fd = -1;
    std::memcpy(&fd, CMSG_DATA(rights), sizeof fd);
    return UniqueFd(fd);
  }

 private:
  char mark_ = kMark;
  iovec part_{&mark_, 1};
  alignas(cmsghdr) char control_[CMSG_SPACE(sizeof(int))] = {};
  msghdr header_{};
};

int Option(const UniqueFd& fd, int name) {
  int value = -1;
  socklen_t size = sizeof value;
  return getsockopt(fd.get(), SOL_SOCKET, name, &value, &size) == 0 ? value : -1;
}

bool IsConnection(const UniqueFd& fd) {
  sockaddr_un peer{};
  socklen_t size = sizeof peer;
  return Option(fd, SO_DOMAIN) == AF_UNIX && Option(fd, SO_TYPE) == SOCK_STREAM &&
         Option(fd, SO_ACCEPTCONN) == 0 &&
         getpeername(fd.get(), reinterpret_cast<sockaddr*>(&peer), &size) == 0;
}

UniqueFd ConnectTo(const UniqueFd& listener) {
  sockaddr_un address{};
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (getsockname(listener.get(), generic, &size) != 0) return UniqueFd();
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd.valid() || connect(fd.get(), generic, size) != 0) return UniqueFd();
  return fd;
}

}  // namespace

Handover::Handover() {
  int ends[2];
  CHECK(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, ends) == 0);
  taking_end_.Reset(ends[0]);
  giving_end_.Reset(ends[1]);
}

Handover::Handover(UniqueFd taking_end, UniqueFd giving_end)
    : taking_end_(std::move(taking_end)), giving_end_(std::move(giving_end)) {}

bool Handover::Give(const UniqueFd& connection) const {
  return Message().Send(giving_end_.get(), connection.get());
}

UniqueFd Handover::Take() const { return Message().Receive(taking_end_.get()); }

int QueueUp(const Handover& handover, const UniqueFd& listener) {
  int queued = 0;
  for (UniqueFd connection; (connection = handover.Take()).valid();) {
    const UniqueFd bringer = ConnectTo(listener);
    if (bringer.valid() && Message().Send(bringer.get(), connection.get())) ++queued;
  }
  return queued;
}

Arrival LookAtArrival(const UniqueFd& connection, std::chrono::milliseconds io_timeout) {
  char first = 0;
  // At its end there is nothing to see, which is for whoever reads it to find out.
  if (recv(connection.get(), &first, 1, MSG_PEEK | MSG_DONTWAIT) != 1 || first != kMark) return {};
  Arrival arrival{.brings = true, .brought = Message().Receive(connection.get())};
  if (!arrival.brought.valid() || !IsConnection(arrival.brought))
    return {.brings = true, .brought = {}};
  SetTimeouts(arrival.brought.get(), io_timeout);
  return arrival;
}

}  // namespace latchkey::os
