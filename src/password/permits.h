// permits.h -- how many hashes are computed at a time on this machine
//
// A hash takes a core and megabytes for tens of milliseconds, by design. So that a flood of them
// leaves the machine to others, whoever computes one holds a permit, and of these there are so
// many, for all processes together: one robust mutex each, in a file in shared memory. They guard
// no data, so a process that is killed with a permit costs nobody anything: the next gets it.
//
// Who waits does so in a line: one process-shared mutex, the gate, is held by the one that is next,
// and that one alone looks for a free permit. So who has just released a permit cannot take it
// again past those that wait, and who is next is woken by any permit that is released. A permit
// whose holder was killed is not announced, and is found within kLook.
//
// Every process looks at the first `count` permits of one file, whatever the others' count: while
// an old and a new configuration run side by side, the larger of the two holds. Takes and waits
// block. Run by latchkey-web, on its hash threads (hash_threads.h).

#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include "base/result.h"
#include "os/mapping.h"

namespace latchkey::password {

class Permits {
 private:
  struct Page;

 public:
  using Time = std::chrono::steady_clock::time_point;
  static constexpr int kMost = 254;
  static constexpr std::chrono::milliseconds kLook{20};

  // Opens the file "<prefix>.<8 hex digits>", or makes it, whoever comes first. The digits follow
  // from layout and boot, so that a file which does not fit is another one; what earlier boots left
  // is removed. count: 1 to kMost. kFixSetup when there is no room or no right.
  static Result<Permits> Open(const std::string& prefix, int count);
  Permits(Permits&& other) noexcept = default;

  // One that is held, until this is destroyed; by the thread that took it.
  class Permit {
   public:
    Permit(Permit&& other) noexcept
        : page_(std::exchange(other.page_, nullptr)), number_(other.number_) {}
    Permit& operator=(Permit&&) = delete;
    ~Permit();

   private:
    friend class Permits;
    Permit(Page& page, int number) : page_(&page), number_(number) {}
    Page* page_;
    int number_;
  };
  // The next one that is free, in the order of asking. nullopt: none before that time.
  std::optional<Permit> Take(Time until);

  struct Usage {
    int permits = 0;
    int taken = 0;
  };
  // Cheap, and never waits. A dead holder's is not taken.
  Usage Read() const;

 private:
  Permits(os::Mapping mapping, int count);
  std::optional<Permit> TakeFree(Time until);

  os::Mapping mapping_;
  Page* page_;  // shared
  int count_;
};

// What a configuration asks for; 0: one fewer than there are cores, at least one, so that a core
// stays free for everything else.
int CountPermits(int configured);

}  // namespace latchkey::password
