// latchkey_web.cc -- answers the web server; see man/latchkey-web.8
//
// Holds: the listener, the token key, a database login that may read accounts, write their hash and
// drop notes. Cannot: reach the relay, read the outbox.

#include <csignal>
#include <memory>
#include <optional>

#include "base/clock.h"
#include "base/die.h"
#include "base/log.h"
#include "config/command_line.h"
#include "config/config.h"
#include "db/db.h"
#include "fcgi/connection.h"
#include "fcgi/server.h"
#include "metrics/metrics.h"
#include "os/events.h"
#include "os/handover.h"
#include "os/process.h"
#include "os/signals.h"
#include "os/socket.h"
#include "ratelimit/seen.h"
#include "ratelimit/settings.h"
#include "web/counters.h"
#include "web/shared.h"
#include "web/worker.h"

namespace {

using namespace latchkey;

constexpr char kUsage[] =
    "latchkey-web [--config FILE] [--wake-fd N] [--take-fd N --give-fd N]\n"
    "             [--ready-fd N] [--check]   (a listening unix socket on fd 0)";

std::unique_ptr<ratelimit::Store> OpenLimitsOrDie(const config::Loaded<config::Web>& loaded) {
  auto store = ratelimit::OpenStore(loaded.part.limits, SystemClock());
  if (!store.ok()) OrDie(loaded.positions.Place(store.error()));
  return std::move(*store);
}

metrics::Counters OpenCountersOrDie(const config::Loaded<config::Web>& loaded) {
  auto counters = metrics::Counters::Open(loaded.part.counters, web::kCounters);
  if (!counters.ok()) Die(loaded.positions.Blame("web.counters", counters.error().message).message);
  return std::move(*counters);
}

std::unique_ptr<ratelimit::Seen> OpenSeenOrDie(const config::Loaded<config::Web>& loaded) {
  auto seen = ratelimit::Seen::Open(loaded.part.limits.table + ".seen");
  if (!seen.ok()) Die(loaded.positions.Blame("limits.table", seen.error().message).message);
  return std::make_unique<ratelimit::Seen>(std::move(*seen));
}

}  // namespace

// For jemalloc(3), which the Makefile links: blocks of a mebibyte and more, such as a hash takes, go
// back to the system when they are freed. Else a worker keeps what its largest ones took.
extern "C" const char* malloc_conf;
const char* malloc_conf = "oversize_threshold:1048576";

int main(int argc, char** argv) {
  const config::CommandLine options = config::ParseCommandLineOrExit(argc, argv, kUsage);
  const os::SignalEvents stop({SIGTERM, SIGINT});
  const config::Loaded<config::Web> loaded = OrDie(config::LoadWeb(options.config_path));
  const config::Web& config = loaded.part;
  log::Start("latchkey-web", config.log.target, config.log.level);
  UniqueFd listener;
  if (!options.check) listener = OrDie(os::TakeListener(/*fd=*/0));
  OrDie(os::BecomeUser(config.user));
  os::LimitSelf();

  db::InitialiseLibrary();
  fcgi::InitialiseLibrary();
  const os::WakeEvent mailer = options.wake_fd >= 0 ? os::WakeEvent(UniqueFd(options.wake_fd))
                                                    : os::WakeEvent();
  const std::unique_ptr<web::Shared> shared =
      OrDie(web::Shared::Build(loaded, OpenLimitsOrDie(loaded), OpenCountersOrDie(loaded),
                               [&] { mailer.Wake(); }, SystemClock()));
  shared->seen = OpenSeenOrDie(loaded);
  if (options.check) {
    OrDie(loaded.positions.Place(web::Worker(*shared, config).Check()));
    return 0;
  }

  std::optional<os::Handover> handover;
  if (options.take_fd >= 0 && options.give_fd >= 0) {
    handover.emplace(UniqueFd(options.take_fd), UniqueFd(options.give_fd));
  }
  const config::Threads threads = config::Share(config.threads);
  const fcgi::Options serving{.threads = threads.answering,
                              .storing_threads = threads.storing,
                              .drain = config.drain,
                              .handover = handover ? &*handover : nullptr};
  fcgi::Server server(std::move(listener), serving, [&] {
    auto worker = std::make_shared<web::Worker>(*shared, config);
    return std::shared_ptr<web::App>(worker, &worker->app());
  });
  log::Info("web_started", {{"threads", config.threads}});
  if (options.ready_fd >= 0) os::TellReady(options.ready_fd);
  server.Serve(stop.fd());
  log::Info("web_stopped");
  return 0;
}
