// yield_often.h -- work that can wait, in small pieces
//
// When somebody wakes for a core where another thread is in the middle of its slice, the kernel (EEVDF,
// since Linux 6.6) lets that one go on, however little weight it has, and looks again at its next tick:
// up to 4 ms on most machines, which is a long time for a page beside a hash.
//
// And asking the kernel gives a core away within one's own session or service only, so a web server in
// another has little of that. A sleep gives it to everybody, but makes the work longer; so there is one
// only where much is answered meanwhile (CountAnswer).

#pragma once

#include <ctime>

namespace latchkey::os {

// As long as one lives, a timer's signal interrupts its thread and no other, which then asks the kernel
// whether anybody wants its core. For work that computes: a sleep would be cut short. It costs 1 or 2 %.
// Where the system has no timer left the work goes on without.
class YieldOften {
 public:
  YieldOften();
  ~YieldOften();
  YieldOften(const YieldOften&) = delete;
  YieldOften& operator=(const YieldOften&) = delete;

 private:
  timer_t timer_;
  bool has_timer_;
};

// Of what is not to wait for such work: from 5,000 a second on, in one process, the work sleeps in
// between.
void CountAnswer();

}  // namespace latchkey::os
