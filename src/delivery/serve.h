// serve.h -- the mailer's threads: one watches, the others send
//
// Of the threads that have nothing to do one is the watcher: it waits for the wake event or half a
// second, claims, and hands the watch to the next before it sends what it got. So an idle mailer asks
// the database with one thread, and a relay that hangs on one mail holds up that mail alone.

#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <set>
#include <string>

#include "delivery/delivery.h"
#include "os/events.h"
#include "os/signals.h"

namespace latchkey::delivery {

// A Mailer and what it needs, for one thread.
using MakeMailer = std::function<std::shared_ptr<Mailer>()>;

class Crew {
 public:
  // signals: SIGTERM and SIGINT end all. wake: may be null. All outlive this object.
  Crew(MakeMailer make, RelayPool& relays, const os::WakeEvent* wake, os::SignalEvents& signals);

  // Runs so many threads until a signal, which ends the waiting at once and the work after each
  // thread's current note.
  void Serve(int threads);

 private:
  void RunThread();
  // After an error, which may have left notes with this thread: until there are none. They are nobody
  // else's before their lease is over.
  void RetryLeft(Mailer& mailer);
  // Waits for the watch, then for notes. None: it is time to stop.
  std::vector<outbox::Note> Watch(Mailer& mailer);
  void Wait();
  void PurgeSometimes(Mailer& mailer);
  bool AskedToStop();
  void Tell(const Error* error);

  const MakeMailer make_;
  RelayPool& relays_;
  const os::WakeEvent* const wake_;
  os::SignalEvents& signals_;
  std::mutex watch_;
  std::chrono::steady_clock::time_point purged_{};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> down_{false};  // the database, as far as we know
  std::mutex telling_;
  std::set<std::string> reasons_;  // for which it is down, those that were told
};

}  // namespace latchkey::delivery
