#include <chrono>
#include <iomanip>
#include <memory>
#include <optional>
#include <ostream>
#include <thread>

#include "admin/commands.h"
#include "base/clock.h"
#include "config/config.h"
#include "os/process.h"
#include "ratelimit/limiter.h"
#include "token/keyring.h"

namespace latchkey::admin {
namespace {

constexpr size_t kBytesPerWord = 8;

// The limiter that latchkey-web has, as its user.
struct Opened {
  config::Limits limits;
  std::unique_ptr<token::Keyring> keyring;
  std::unique_ptr<ratelimit::Limiter> limiter;
};

Result<Opened> Open(const Options& options) {
  Result<config::Loaded<config::LimitsAdmin>> loaded = config::LoadLimits(ConfigPath(options));
  if (!loaded.ok()) return loaded.error();
  const config::LimitsAdmin& config = loaded->part;
  Opened opened{config.limits, nullptr, nullptr};
  if (!config.limits.enabled) {
    return loaded->positions.Blame("limits.enabled", "is false, so nothing is counted");
  }
  Result<token::Keyring> keyring = token::Keyring::Make(config.token_secrets);
  if (!keyring.ok()) return loaded->positions.Blame("token.secret_files", keyring.error().message);
  opened.keyring = std::make_unique<token::Keyring>(std::move(*keyring));
  const Status became = os::BecomeUser(config.user);
  if (!became.ok()) return became.error();
  Result<std::unique_ptr<ratelimit::Store>> store =
      ratelimit::OpenStore(config.limits, SystemClock());
  if (!store.ok()) {
    Error error = loaded->positions.Place(store.error()).error();
    error.message += "; run this as root or as " + config.user;
    return error;
  }
  opened.limiter = std::make_unique<ratelimit::Limiter>(
      ratelimit::ToSettings(config.limits), std::move(*store),
      opened.keyring->First(token::Purpose::kLimiter).hmac);
  return opened;
}

// "12", and in a watch "12 +3": what came since the last look.
std::string Cell(uint64_t now, uint64_t before, bool watch) {
  return std::to_string(now) + (watch ? " +" + std::to_string(now - before) : "");
}

void Print(const ratelimit::Usage& now, const ratelimit::Usage& before, bool watch,
           std::ostream& out) {
  const auto row = [&](std::string_view name, const std::string& admitted,
                       const std::string& refused, const std::string& over_ceiling) {
    out << std::left << std::setw(16) << name << std::right << std::setw(18) << admitted
        << std::setw(18) << refused << std::setw(18) << over_ceiling << "\n";
  };
  out << now.live << " counters of " << now.words << " live, "
      << Cell(now.evictions, before.evictions, watch) << " evictions\n";
  row("limit", "admitted", "refused", "over ceiling");
  for (size_t i = 0; i < ratelimit::kRules; ++i) {
    const ratelimit::Tally& tally = now.rules[i];
    const ratelimit::Tally& old = before.rules[i];
    row(ratelimit::Name(static_cast<ratelimit::Rule>(i)), Cell(tally.admitted, old.admitted, watch),
        Cell(tally.over_limit, old.over_limit, watch),
        Cell(tally.over_ceiling, old.over_ceiling, watch));
  }
  out << std::flush;
}

int Refuse(Io io, const Error& error) {
  io.err << error.message << "\n";
  return kNo;
}

}  // namespace

int ShowLimits(const Options& options, Io io) {
  const Result<Opened> opened = Open(options);
  if (!opened.ok()) return Refuse(io, opened.error());
  const bool watch = options.contains("--watch");
  ratelimit::Usage before = opened->limiter->Read();
  Print(before, before, watch, io.out);
  // Until somebody ends it, or nobody reads it any more.
  while (watch && io.out) {
    std::this_thread::sleep_for(std::chrono::seconds(1));
    const ratelimit::Usage now = opened->limiter->Read();
    io.out << "\n";
    Print(now, before, watch, io.out);
    before = now;
  }
  return kYes;
}

int ClearLimits(const Options& options, Io io) {
  const Result<Opened> opened = Open(options);
  if (!opened.ok()) return Refuse(io, opened.error());
  const std::string& whom = options.find(kPeerOrAddress)->second;
  const std::optional<IpAddress> peer = IpAddress::Parse(whom);
  const int forgotten =
      peer ? opened->limiter->Forget(*peer) : opened->limiter->ForgetMails(whom);
  io.out << forgotten << (forgotten == 1 ? " counter" : " counters") << " cleared\n";
  return kYes;
}

void PrintLimits(const Options& options, std::ostream& out) {
  const auto loaded = config::LoadLimits(ConfigPath(options));
  if (!loaded.ok() || !loaded->part.limits.enabled) {
    out << "limits: off\n";
    return;
  }
  const config::Limits& limits = loaded->part.limits;
  const uint64_t words = ratelimit::WordsFor(limits);
  const uint64_t live = ratelimit::MostLive(ratelimit::ToSettings(limits));
  out << "limits: a table of " << words << " words, " << words * kBytesPerWord / 1024
      << " KiB; under the ceilings up to " << live << " counters live at once\n";
  if (words / 2 < live) {
    out << "limits: that is more than half of the table, so some may be lost; set limits.words = 0\n";
  }
  if (limits.dry_run) out << "limits: a dry run, nobody is refused\n";
}

}  // namespace latchkey::admin
