#include "supervisor/programs.h"

#include <csignal>

#include "base/check.h"
#include "base/die.h"
#include "base/log.h"
#include "os/events.h"
#include "os/process.h"

namespace latchkey::supervisor {

Plan ToPlan(const config::Supervisor& settings) {
  return {.workers = settings.workers, .drain = settings.drain};
}

Programs::Programs(std::string directory, std::string config_path)
    : directory_(std::move(directory)), config_path_(std::move(config_path)) {}

Status Programs::CheckAll() {
  for (const Program program : {Program::kWeb, Program::kMailer}) {
    if (auto checked = os::RunCheck(CheckCommand(program)); !checked.ok()) return checked;
  }
  return Ok();
}

void Programs::Share(int listener, int wake_fd, const os::Handover& handover,
                     const config::Supervisor& settings) {
  listener_ = listener;
  wake_fd_ = wake_fd;
  handover_ = &handover;
  ready_ = OrDie(os::MakePipe());
  socket_ = settings.socket;
}

std::string Programs::Path(Program program) const {
  return directory_ + "/" + std::string(Name(program));
}

std::vector<std::string> Programs::CheckCommand(Program program) const {
  return {Path(program), "--config", config_path_, "--check"};
}

std::optional<int> Programs::Start(Program program) {
  CHECK(listener_ >= 0);
  const int ready = ready_.write_end.get();
  std::vector<std::string> arguments = {Path(program), "--config", config_path_, "--wake-fd",
                                        std::to_string(wake_fd_), "--ready-fd",
                                        std::to_string(ready)};
  std::vector<int> kept = {wake_fd_, ready};
  int listener = -1;
  if (program == Program::kWeb) {
    const int take = handover_->taking_fd(), give = handover_->giving_fd();
    arguments.insert(arguments.end(), {"--take-fd", std::to_string(take), "--give-fd",
                                       std::to_string(give)});
    kept.insert(kept.end(), {take, give});
    listener = listener_;
  }
  const auto child = os::Spawn(arguments, listener, kept);
  if (child.ok()) return child->pid;
  return std::nullopt;
}

std::optional<int> Programs::StartCheck(Program program) {
  auto pipe = os::MakePipe();
  if (!pipe.ok()) return std::nullopt;
  const auto child = os::Spawn(CheckCommand(program), -1, {}, pipe->write_end.get());
  if (!child.ok()) return std::nullopt;
  complaints_[child->pid] = std::move(pipe->read_end);
  return child->pid;
}

std::string Programs::Complaint(int pid) {
  const auto pipe = complaints_.extract(pid);
  if (pipe.empty()) return "";
  return os::FirstLine(pipe.mapped().get());
}

void Programs::End(int pid) { os::Kill(os::Child{pid}, SIGTERM); }

void Programs::Kill(int pid) { os::Kill(os::Child{pid}, SIGKILL); }

Result<Plan> Programs::ReadPlan() {
  const auto settings = config::LoadSupervisor(config_path_);
  if (!settings.ok()) return settings.error();
  if (settings->part.socket != socket_) {
    log::Warning("socket_kept", {{"socket", socket_}, {"cure", "restart latchkeyd to move it"}});
  }
  return ToPlan(settings->part);
}

void Run(Supervisor& supervisor, const Programs& programs, os::SignalEvents& signals) {
  while (!supervisor.over()) {
    os::WaitReadable({signals.fd(), programs.ready_fd()}, supervisor.Tick());
    for (const int pid : programs.ReadReady()) supervisor.Ready(pid);
    while (const auto signal = signals.Next()) {
      if (*signal == SIGHUP) supervisor.Reload();
      if (*signal == SIGTERM || *signal == SIGINT) supervisor.Stop();
    }
    for (const os::Exit& exit : os::Reap()) supervisor.Ended(exit);
  }
}

}  // namespace latchkey::supervisor
