// programs.h -- latchkey-web and latchkey-mailer as processes
//
// They lie beside this program's own file. Each web process gets the listener as fd 0, and both ends
// of a pair of sockets, over which those that end give their connections to those that stay; all
// share one eventfd, by which web wakes the mailer, and a pipe, by which each tells that it is ready.
// What a check complains of comes over a pipe of its own.

#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/unique_fd.h"
#include "config/config.h"
#include "os/handover.h"
#include "os/signals.h"
#include "supervisor/supervisor.h"

namespace latchkey::supervisor {

// The part of the configuration that the plan is made of.
Plan ToPlan(const config::Supervisor& settings);

class Programs final : public Processes {
 public:
  Programs(std::string directory, std::string config_path);

  // Both with --check, one after the other, waiting for them: before anything else is started. The
  // error is the line of the one that refused.
  Status CheckAll();

  // What the started ones share; owned by the caller. REQUIRED before Start.
  void Share(int listener, int wake_fd, const os::Handover& handover,
             const config::Supervisor& settings);

  // Readable when one that was started is ready; then who.
  int ready_fd() const { return ready_.read_end.get(); }
  std::vector<int> ReadReady() const { return os::ReadReady(ready_fd()); }

  std::optional<int> Start(Program program) override;
  std::optional<int> StartCheck(Program program) override;
  std::string Complaint(int pid) override;
  void End(int pid) override;
  void Kill(int pid) override;
  Result<Plan> ReadPlan() override;

 private:
  std::string Path(Program program) const;
  std::vector<std::string> CheckCommand(Program program) const;

  std::string directory_;
  std::string config_path_;
  int listener_ = -1;
  int wake_fd_ = -1;
  const os::Handover* handover_ = nullptr;
  os::Pipe ready_;
  std::string socket_;  // where the listener is
  std::map<int, UniqueFd> complaints_;  // by check
};

// Until Stop is through: SIGTERM and SIGINT stop, SIGHUP reloads. `signals` has these and SIGCHLD.
void Run(Supervisor& supervisor, const Programs& programs, os::SignalEvents& signals);

}  // namespace latchkey::supervisor
