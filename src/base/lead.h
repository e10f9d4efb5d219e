// lead.h -- leader and followers: how many of the threads that share their events wait for them
//
// Threads that all wait for the same events wake each other for work of a few microseconds, and
// then take turns on the cores. So one of them leads: it waits for an event, answers it, and waits
// again, and the others rest. Whoever is about to wait for something else (a database, a permit, a
// slow peer) says so with GiveUp. From then on all may wait for events, since nobody knows who will be
// free for the next, until kCalm events in a row were answered without such a wait. Those who rest are
// let in one for each such wait.

#pragma once

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace latchkey {

class Lead {
 public:
  static constexpr int kCalm = 16;

  // Before each wait for an event: returns when this thread may, with the lead or because all may.
  void Take();
  // Before this thread waits for anything else. Nothing if it has never called Take.
  static void GiveUp();

  // A lead, from when a thread took it until it ends; 0: none.
  using Term = uint64_t;
  // This thread's.
  Term MyTerm() const;
  bool IsMine() const { return MyTerm() != 0; }
  // Whether threads rest that nothing but another's GiveUp lets in.
  bool HasResting() const { return resting_ > 0; }
  // From any thread, of one that waits for what nobody foresaw: ends its term if that is still on (0:
  // it had none), and lets another in where nobody leads.
  void Relieve(Term term);

 private:
  bool MayAllWait() const { return calm_ < kCalm; }

  std::atomic<int> calm_{0};     // events in a row after which nobody waited, up to kCalm
  std::atomic<int> resting_{0};  // threads in free_, or on their way there
  std::atomic<Term> term_{0};    // changed under mutex_ only
  std::mutex mutex_;
  std::condition_variable free_;
  Term last_term_ = 0;  // guarded by mutex_
};

}  // namespace latchkey
