// programs.h -- latchkey-web and latchkey-mailer as processes
//
// They lie beside this program's own file. Each web process gets the listener as fd 0, and both ends
// of a pair of sockets, over which those that end give their connections to those that stay; all
// share one eventfd, by which web wakes the mailer. What a check complains of comes over a pipe.

#pragma once

#include <map>
#include <string>

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
  std::string socket_;  // where the listener is
  std::map<int, UniqueFd> complaints_;  // by check
};

// Until Stop is through: SIGTERM and SIGINT stop, SIGHUP reloads. `signals` has these and SIGCHLD.
void Run(Supervisor& supervisor, os::SignalEvents& signals);

}  // namespace latchkey::supervisor
