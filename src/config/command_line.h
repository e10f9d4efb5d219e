// command_line.h -- the options that every program of ours takes

#pragma once

#include <algorithm>
#include <string>

#include "base/result.h"

namespace latchkey::config {

struct CommandLine {
  std::string config_path = "/etc/latchkey/latchkey.toml";
  int wake_fd = -1;    // --wake-fd N: the eventfd between web and mailer
  int take_fd = -1;    // --take-fd N: where connections of ended workers come from
  int give_fd = -1;    // --give-fd N: where one that ends gives its own
  int ready_fd = -1;   // --ready-fd N: where one that serves tells so
  bool check = false;  // --check: all that starting does, then exit

  bool has_descriptors() const { return std::max({wake_fd, take_fd, give_fd, ready_fd}) >= 0; }
};

// --help and --version are answered on stdout and end the program with 0; anything unknown ends it
// with one line and 1. usage: the program's options, for --help.
CommandLine ParseCommandLineOrExit(int argc, char** argv, const std::string& usage);

// The same without an end; knows neither --help nor --version.
Result<CommandLine> ParseCommandLine(int argc, const char* const* argv);

}  // namespace latchkey::config
