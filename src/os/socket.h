// socket.h -- the listener and the connections that come to it

#pragma once

#include <chrono>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/unique_fd.h"

namespace latchkey::os {

// A listening unix socket at `path` with exactly this mode and, if not empty, this group. A stale
// socket (nobody answers) is replaced; a live one, or a file that is no socket, is kFixSetup.
Result<UniqueFd> ListenUnix(const std::string& path, unsigned mode, const std::string& group);

// A listening unix socket from whoever started us, made non-blocking. kFixSetup: fd is none.
Result<UniqueFd> TakeListener(int fd);

// The listener that systemd handed over (sd_listen_fds(3)); an invalid descriptor if it did not.
// kFixSetup: what it handed over is not one listening unix socket.
Result<UniqueFd> TakeActivated();

// CLOEXEC, blocking, with these timeouts for each read and write. Invalid fd: nobody is waiting
// (kTryLater in `exhausted`: out of descriptors or memory, back off).
struct Accepted {
  UniqueFd fd;
  bool exhausted = false;
};
Accepted Accept(int listener, std::chrono::milliseconds io_timeout);

// For each read and write on it.
void SetTimeouts(int fd, std::chrono::milliseconds timeout);

// Of a TCP socket: what comes next is acknowledged at once and not 40 ms later. For a while only.
void AcknowledgeAtOnce(int fd);

// What has come on it and nobody has read, the first `bytes.size()` of it, without reading it or waiting.
std::string_view Peek(int fd, std::span<char> bytes);

// A second descriptor of the same connection.
UniqueFd Duplicate(int fd);

// Whether this process may open about `count` descriptors more (RLIMIT_NOFILE). fd: any that is open.
bool HasSpareDescriptors(const UniqueFd& fd, int count);

// Makes a blocked read or write on this descriptor, by any thread, return at once.
void ShutDown(int fd);

}  // namespace latchkey::os
