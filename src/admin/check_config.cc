#include <ostream>

#include "admin/commands.h"
#include "config/config.h"
#include "os/process.h"

namespace latchkey::admin {
namespace {

void PrintKeys(std::ostream& out) {
  for (const config::KeyHelp& key : config::Keys()) {
    out << key.key << "  (" << key.type << "; "
        << (key.required ? "required" : "default " + key.default_value) << ")\n    " << key.help
        << "\n";
  }
}

}  // namespace

int CheckConfig(const Options& options, Io io) {
  if (options.contains("--keys")) {
    PrintKeys(io.out);
    return kYes;
  }
  const std::string path = ConfigPath(options);
  const auto settings = config::LoadSupervisor(path);
  if (!settings.ok()) {
    io.err << settings.error().message << "\n";
    return kNo;
  }
  std::string told;
  for (const std::string program : {"latchkey-web", "latchkey-mailer"}) {
    const Status checked =
        os::RunCheck({os::OwnDirectory() + "/" + program, "--config", path, "--check"});
    if (checked.ok()) {
      io.out << program << ": ok\n" << std::flush;
    } else if (told != checked.error().message) {
      told = checked.error().message;
      io.err << told << "\n";
    }
  }
  if (!told.empty()) return kNo;
  PrintLimits(options, io.out);
  const auto admin = config::LoadAdmin(path);
  if (admin.ok()) PrintHashing(admin->part, io.out);
  return CheckConnections(path, settings->part, io) ? kYes : kNo;
}

}  // namespace latchkey::admin
