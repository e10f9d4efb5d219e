// admin.h -- the `latchkey` subcommands, as a table
//
// Exit statuses, the same for all: 0 yes or done; 1 no (a configuration that will not do, a
// password that does not match); 2 not understood (the command line, or a stored hash of no format we know).
// Errors are one line on stderr. Everything may block: an administrator waits for it.

#pragma once

#include <iosfwd>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey::admin {

inline constexpr int kYes = 0;
inline constexpr int kNo = 1;
inline constexpr int kNotUnderstood = 2;

struct Io {
  std::istream& in;
  std::ostream& out;
  std::ostream& err;
};

// What was given on the command line: an option that takes no value has an empty one.
using Options = std::map<std::string, std::string, std::less<>>;

struct Option {
  std::string_view name;   // "--config"
  std::string_view value;  // "FILE"; empty: takes none
  bool required = false;
};

struct Subcommand {
  std::string_view name;  // one word or two: "hash make"
  std::vector<Option> options;
  std::string_view help;
  int (*run)(const Options& options, Io io);
  // What stands on the command line without an option's name, "ADDRESS", and is in Options under that
  // name; empty: nothing may.
  std::string_view operand = {};
};

const std::vector<Subcommand>& Subcommands();

// arguments: without the program's name. Returns the exit status.
int Run(const std::vector<std::string>& arguments, Io io);

}  // namespace latchkey::admin
