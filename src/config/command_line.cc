#include "config/command_line.h"

#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "base/die.h"
#include "base/text.h"

namespace latchkey::config {
namespace {

constexpr uint64_t kHighestFd = 1 << 20;

struct Descriptor {
  std::string_view option;
  int CommandLine::* field;
};
constexpr Descriptor kDescriptors[] = {{"--wake-fd", &CommandLine::wake_fd},
                                       {"--take-fd", &CommandLine::take_fd},
                                       {"--give-fd", &CommandLine::give_fd},
                                       {"--ready-fd", &CommandLine::ready_fd}};

int CommandLine::* FieldOf(std::string_view option) {
  for (const Descriptor& descriptor : kDescriptors) {
    if (descriptor.option == option) return descriptor.field;
  }
  return nullptr;
}

Error Wrong(std::string_view problem) {
  return {Next::kFixInput, std::string(problem) + "; --help lists the options"};
}

}  // namespace

Result<CommandLine> ParseCommandLine(int argc, const char* const* argv) {
  CommandLine line;
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option == "--check") {
      line.check = true;
      continue;
    }
    int CommandLine::* const field = FieldOf(option);
    if (option != "--config" && field == nullptr) {
      return Wrong("no such option: " + std::string(option));
    }
    if (++i == argc) return Wrong(std::string(option) + " needs a value");
    if (option == "--config") {
      line.config_path = argv[i];
      continue;
    }
    const std::optional<uint64_t> fd = ParseUnsigned(argv[i]);
    if (!fd || *fd > kHighestFd) {
      return Wrong(std::string(option) + " needs the number of a descriptor");
    }
    line.*field = static_cast<int>(*fd);
  }
  return line;
}

CommandLine ParseCommandLineOrExit(int argc, char** argv, const std::string& usage) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view option = argv[i];
    if (option != "--help" && option != "--version") continue;
    std::puts(option == "--help" ? usage.c_str() : "latchkey " LATCHKEY_VERSION);
    std::exit(0);
  }
  const Result<CommandLine> line = ParseCommandLine(argc, argv);
  if (!line.ok()) Die(std::string(argv[0]) + ": " + line.error().message);
  return *line;
}

}  // namespace latchkey::config
