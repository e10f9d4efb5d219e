// latchkeyd.cc -- the supervisor: its contract of rights, top to bottom
//
// Started as root or as an ordinary user. It opens no secret, speaks to no database, reads no byte
// of a visitor; it keeps its user, because its children take theirs.

#include <unistd.h>

#include <csignal>

#include "base/clock.h"
#include "base/die.h"
#include "base/log.h"
#include "config/command_line.h"
#include "config/config.h"
#include "os/events.h"
#include "os/handover.h"
#include "os/process.h"
#include "os/signals.h"
#include "os/socket.h"
#include "supervisor/programs.h"
#include "supervisor/supervisor.h"

namespace {

constexpr char kUsage[] =
    "usage: latchkeyd [--config FILE] [--check]\n"
    "Starts latchkey-web and latchkey-mailer and keeps them running; --check asks both whether\n"
    "they would start, and ends. SIGHUP checks the configuration and moves to it; SIGTERM ends all\n"
    "in good order. The default FILE is /etc/latchkey/latchkey.toml; see latchkey.toml(5).";

}  // namespace

int main(int argc, char** argv) {
  using namespace latchkey;
  const config::CommandLine line = config::ParseCommandLineOrExit(argc, argv, kUsage);
  if (line.has_descriptors()) {
    Die("latchkeyd makes the descriptors of its programs itself; leave out --wake-fd, --take-fd, "
        "--give-fd and --ready-fd");
  }
  const config::Supervisor settings = OrDie(config::LoadSupervisor(line.config_path)).part;
  log::Start("latchkeyd", settings.log.target, settings.log.level);
  supervisor::Programs programs(os::OwnDirectory(), line.config_path);
  OrDie(programs.CheckAll());
  if (line.check) return 0;

  os::SignalEvents signals({SIGTERM, SIGINT, SIGHUP, SIGCHLD});
  os::LimitSelf();
  UniqueFd listener = OrDie(os::TakeActivated());
  const bool is_ours = !listener.valid();
  if (is_ours) {
    listener = OrDie(os::ListenUnix(settings.socket, settings.socket_mode, settings.socket_group));
  }
  const os::WakeEvent wake;
  const os::Handover handover;
  programs.Share(listener.get(), wake.fd(), handover, settings);
  log::Info("supervisor_started", {{"socket", settings.socket}});
  supervisor::Supervisor all(supervisor::ToPlan(settings), programs, SystemClock());
  supervisor::Run(all, programs, signals);
  // What the web server keeps open waits with the socket for whoever serves it next.
  const int left = is_ours ? 0 : os::QueueUp(handover, listener);
  if (is_ours) unlink(settings.socket.c_str());
  log::Info("supervisor_stopped", {{"connections_left", left}});
}
