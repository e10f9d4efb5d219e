// latchkeyd.cc -- the supervisor: its contract of rights, top to bottom
//
// Started as root or as an ordinary user. It opens no secret, speaks to no database, reads no byte of
// a visitor; it keeps its user, because its children take theirs.

#include <getopt.h>
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "base/clock.h"
#include "base/die.h"
#include "base/log.h"
#include "config/config.h"
#include "os/events.h"
#include "os/process.h"
#include "os/signals.h"
#include "os/socket.h"
#include "supervisor/programs.h"
#include "supervisor/supervisor.h"

namespace {

constexpr char kHelp[] =
    "usage: latchkeyd [--config FILE]\n"
    "Starts latchkey-web and latchkey-mailer and keeps them running.\n"
    "SIGHUP checks the configuration and moves to it; SIGTERM ends all in good order.\n"
    "The default FILE is /etc/latchkey/latchkey.toml; see latchkey.toml(5).\n";

std::string ParseOptions(int argc, char** argv) {
  const option options[] = {{"config", required_argument, nullptr, 'c'},
                            {"help", no_argument, nullptr, 'h'},
                            {"version", no_argument, nullptr, 'v'},
                            {}};
  std::string config_path = "/etc/latchkey/latchkey.toml";
  for (int option; (option = getopt_long(argc, argv, "", options, nullptr)) != -1;) {
    if (option == 'c') config_path = optarg;
    if (option == '?') std::exit(1);
    if (option == 'c') continue;
    std::fputs(option == 'h' ? kHelp : "latchkeyd " LATCHKEY_VERSION "\n", stdout);
    std::exit(0);
  }
  if (optind < argc) latchkey::Die("latchkeyd takes no arguments; see latchkeyd --help");
  return config_path;
}

}  // namespace

int main(int argc, char** argv) {
  using namespace latchkey;
  const std::string config_path = ParseOptions(argc, argv);
  const config::Supervisor settings = OrDie(config::LoadSupervisor(config_path)).part;
  log::Start("latchkeyd", settings.log.target, settings.log.level);
  supervisor::Programs programs(os::OwnDirectory(), config_path);
  OrDie(programs.CheckAll());

  os::SignalEvents signals({SIGTERM, SIGINT, SIGHUP, SIGCHLD});
  os::LimitSelf();
  const UniqueFd listener =
      OrDie(os::ListenUnix(settings.socket, settings.socket_mode, settings.socket_group));
  const os::WakeEvent wake;
  programs.Share(listener.get(), wake.fd(), settings);
  log::Info("supervisor_started", {{"socket", settings.socket}});
  supervisor::Supervisor all(supervisor::ToPlan(settings), programs, SystemClock());
  supervisor::Run(all, signals);
  unlink(settings.socket.c_str());
  log::Info("supervisor_stopped");
}
