// handover.h -- open connections on their way from one process to the next
//
// A connection that the web server keeps cannot be closed without harm: it may be writing on it
// just then, nginx repeats such a request and Apache does not. So a process that ends gives its
// idle connections to those that stay, over a pair of sockets that all share, and the web server
// notices nothing. What nobody has taken yet waits in the pair, as a new connection does in the
// listener's queue, and what was written on it meanwhile stays in it.
//
// When all end and the listener stays (systemd keeps it), what is in the pair is put into that
// queue: each as the one message of a connection of its own, marked by a byte that no FastCGI
// record begins with. Who may connect to the listener could do that, too, and gains nothing by it.
//
// Nothing here blocks.

#pragma once

#include <chrono>

#include "base/unique_fd.h"
#include "os/socket.h"

namespace latchkey::os {

class Handover {
 public:
  Handover();  // a new one
  // From whoever started us.
  Handover(UniqueFd taking_end, UniqueFd giving_end);

  int taking_fd() const { return taking_end_.get(); }  // readable: there is one to take
  int giving_fd() const { return giving_end_.get(); }

  // False: there is no room now, and nothing was given. Else the caller closes its descriptor.
  bool Give(const UniqueFd& connection) const;
  // Invalid: there is none.
  UniqueFd Take() const;

 private:
  UniqueFd taking_end_;
  UniqueFd giving_end_;
};

// Puts all that is in the pair into the listener's queue. How many; the rest is closed.
int QueueUp(const Handover& handover, const UniqueFd& listener);

// Of an accepted connection that is readable: the connection that it brings, or an invalid
// descriptor where it speaks for itself. Brought ones are CLOEXEC, blocking, with these timeouts.
struct Arrival {
  bool brings = false;  // then the connection itself is of no more use, even if it brought nothing
  UniqueFd brought;
};
Arrival LookAtArrival(const UniqueFd& connection, std::chrono::milliseconds io_timeout);

}  // namespace latchkey::os
