// server.h -- accept, park, read form, write
//
// epoll holds the listener and every idle connection; a thread takes what is readable, handles one
// request and parks the connection again: so many idle connections cost no thread (measured behind
// one nginx: 1.5 times the requests a second of a thread per connection, and a p99 that does not
// explode when clients outnumber threads).
//
// While requests are answered without a wait, one thread does it all (base/lead.h). It leads no more
// when it reads a request of which not all has come, asks the database, waits for a hash or closes.
//
// Forms that only have to be noted wait without a thread: others, few, store many notes at a time and
// send the answers (base/batches.h).
//
// Each thread may need descriptors while it works (its database session, the second descriptor of
// its connection), so nothing is accepted that would leave too few: who connects then waits in the
// socket's queue, and those that are served are served as always.
//
// Stopping: nothing is accepted any more, what is being answered is answered, and each idle
// connection is given to the workers that stay (os/handover.h), for closing it just as the web server
// writes would cost a visitor the answer. Where there is nobody to give it to, each is answered once
// more and then closed; what is idle still at the end of the drain time is closed. What is being
// answered then is still answered, and its connection given away, as long as a request may last.

#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "base/batches.h"
#include "base/lead.h"
#include "base/unique_fd.h"
#include "fcgi/connection.h"
#include "os/events.h"
#include "os/handover.h"
#include "os/socket.h"
#include "web/app.h"

namespace latchkey::fcgi {

// A web::App and what it needs, for one thread.
using MakeApp = std::function<std::shared_ptr<web::App>()>;

struct Options {
  int threads = 8;
  int storing_threads = 2;
  std::chrono::seconds io_timeout{10};        // of one read or write
  std::chrono::seconds request_deadline{30};  // of a whole request: then its connection is shut down
  std::chrono::seconds drain{10};
  const os::Handover* handover = nullptr;  // to the other workers; nullptr: there are none
};

class Server {
 public:
  // listener: a listening socket. make_app is called once in each thread.
  Server(UniqueFd listener, Options options, MakeApp make_app);

  // Serves until stop_fd is readable, then drains. REQUIRES: InitialiseLibrary() was called.
  void Serve(int stop_fd);

 private:
  struct Parked {
    UniqueFd fd;
    bool is_new = false;  // nothing was read from it yet
  };
  // A request that is being answered.
  struct Job {
    Job(uint64_t its_serial, UniqueFd fd) : serial(its_serial), exchange(std::move(fd)) {}

    uint64_t serial;
    Exchange exchange;
    std::optional<http::Request> request;
    std::optional<web::App::Asked> asked;  // what it waits for
  };
  using Jobs = std::vector<std::unique_ptr<Job>>;

  void RunThread();
  void RunStoringThread();
  // Of a burst of connections only one, so that each worker takes its share.
  void AcceptOne(uint64_t tag);
  os::Accepted Next(uint64_t tag);
  bool IsCrowded();
  void HandleOne(web::App& app, int number);
  void Answer(web::App& app, std::unique_ptr<Job> job);
  // Leaves it to the storing threads; where they have too much to do already, stores it.
  void HandOn(web::App& app, std::unique_ptr<Job> job);
  void Store(web::App& app, Jobs jobs);
  void Finish(std::unique_ptr<Job> job, const http::Response& response);
  void Park(UniqueFd fd);
  // After a request; kept: invalid where its connection is closed.
  void ParkAgain(uint64_t serial, UniqueFd kept);
  Parked TakeParked(int number, uint64_t serial);
  void Drain();
  // What the end of the drain time finds being answered. Those that take requests are told to stop.
  void FinishBusy();
  void GiveParked();
  void ShutDownOverdue();
  bool IsDrained();
  bool IsBusy();

  const UniqueFd listener_;
  const Options options_;
  const MakeApp make_app_;
  os::Epoll epoll_;
  Lead lead_;  // who waits at epoll_
  Batches<std::unique_ptr<Job>> asked_{{}};

  std::atomic<bool> draining_{false};
  const os::WakeEvent stop_;          // ends the threads
  std::atomic<bool> crowded_{false};  // so that the log has it once
  std::atomic<int> accepting_{0};     // threads in AcceptOne
  std::atomic<int> arming_{0};        // threads that have parked, and not yet armed, a connection

  using Time = std::chrono::steady_clock::time_point;
  struct Busy {
    int number;
    // A duplicate, which only what lasts half its time is given: the library may close the original, and
    // its number be given away, just before this entry goes.
    UniqueFd connection;
    Time since;
    Lead::Term term;  // its thread's, if that led
    bool has_thread = true;
  };
  std::atomic<uint64_t> next_serial_{0};
  std::mutex mutex_;
  std::map<int, Parked> parked_;    // by descriptor
  std::map<uint64_t, Busy> busy_;   // by serial number of the request
};

}  // namespace latchkey::fcgi
