// supervisor.h -- what runs, when it is started again, and how it ends
//
// The logic of latchkeyd without a process in it: it is told what happened (Ended, Reload, Stop,
// the time by Tick) and acts through Processes. A reload checks the configuration by child processes
// and never waits: while they run, and if they refuse, the old programs go on. Once they agree, the new
// programs are started on the same socket, and when all of them are ready the old ones are asked to
// end. If one of the new ends before that, the new are ended and the old go on.
//
// At most two generations run at any time: a reload that is asked for while another is on its way, or
// while old programs have not ended, is done after that, once however often it was asked for. So
// what a generation takes of the database's connections is needed twice and never more.
//
// One thread; nothing here blocks.

#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "os/process.h"
#include "supervisor/backoff.h"

namespace latchkey::supervisor {

enum class Program { kWeb, kMailer };
// "latchkey-web", "latchkey-mailer".
std::string_view Name(Program program);

struct Plan {
  int workers = 1;                 // web processes
  std::chrono::seconds drain{10};  // what an ending one may take
};

class Processes {
 public:
  virtual ~Processes() = default;
  // The process's id; none if it could not be started.
  virtual std::optional<int> Start(Program program) = 0;
  // The same with --check.
  virtual std::optional<int> StartCheck(Program program) = 0;
  // What an ended check said: one line, or nothing.
  virtual std::string Complaint(int pid) = 0;
  // Asks to end in good order; SIGTERM.
  virtual void End(int pid) = 0;
  // SIGKILL.
  virtual void Kill(int pid) = 0;
  // The plan of the configuration as it is now.
  virtual Result<Plan> ReadPlan() = 0;
};

class Supervisor {
 public:
  // Beyond the drain time, before SIGKILL.
  static constexpr std::chrono::seconds kGrace{5};
  // A check that takes longer is refused.
  static constexpr std::chrono::seconds kLongestCheck{60};
  // New programs that are not ready by then are ended.
  static constexpr std::chrono::seconds kLongestStart{60};

  // Starts everything. The arguments outlive this object.
  Supervisor(const Plan& plan, Processes& processes, const Clock& clock);

  void Ended(const os::Exit& exit);
  // A program that was started serves.
  void Ready(int pid);
  void Reload();
  // The second time: at once.
  void Stop();
  // Does what is due, and says how long nothing else will be.
  std::chrono::milliseconds Tick();
  // Stopped, and every process has ended.
  bool over() const { return stopping_ && leaving_.empty(); }

 private:
  using Time = std::chrono::milliseconds;  // since boot
  struct Slot {
    Program program;
    Backoff backoff{};
    std::optional<int> pid{};
    Time started{0};
    Time due{0};  // when to start it, where there is no pid
  };
  struct Check {
    std::map<int, Program> running;
    Plan plan;
    Time deadline{0};
  };

  // What is to take over, and is not ready yet.
  struct Successors {
    std::vector<Slot> slots{};
    std::set<int> awaited{};
    Plan plan;
    Time deadline{0};
  };

  static std::vector<Slot> SlotsOf(const Plan& plan);
  void Start(Slot& slot);
  void StartSlot(Slot& slot);
  void Wait(Slot& slot, std::string_view how, int code);
  // Asks those that run to end, and gives them this long.
  void Leave(const std::vector<Slot>& slots, Time drain);
  void CheckEnded(const os::Exit& exit);
  void StartNext();
  void NextEnded(const os::Exit& exit);
  void Refuse(std::string_view program, std::string_view reason);
  void SwitchOver();
  void ReloadIfHeld();

  Processes& processes_;
  const Clock& clock_;
  Plan plan_;
  std::vector<Slot> slots_;
  std::map<int, Time> leaving_;  // asked to end: when to kill
  std::optional<Check> check_;
  std::optional<Successors> next_;
  bool reload_again_ = false;
  bool stopping_ = false;
};

}  // namespace latchkey::supervisor
