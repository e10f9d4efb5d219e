#include "admin/admin.h"

#include <algorithm>
#include <optional>
#include <ostream>

#include "admin/commands.h"

namespace latchkey::admin {
namespace {

constexpr Option kConfig{"--config", "FILE"};
constexpr Option kJson{"--json", ""};
constexpr Option kLine{"--line", ""};
constexpr Option kStored{"--hash", "STORED", true};
constexpr Option kSalt{"--salt", "SALT"};
constexpr Option kLogin{"--login", "NAME"};
constexpr Option kKey{"--key", "KEY"};
constexpr Option kPreset{"--preset", "NAME"};
constexpr Option kPresets{"--presets", "DIRECTORY"};

std::string Usage(const Subcommand& command) {
  std::string usage = "latchkey " + std::string(command.name);
  if (!command.operand.empty()) usage += " " + std::string(command.operand);
  for (const Option& option : command.options) {
    std::string text(option.name);
    if (!option.value.empty()) text += " " + std::string(option.value);
    usage += option.required ? " " + text : " [" + text + "]";
  }
  return usage;
}

void PrintHelp(std::ostream& out) {
  out << "usage: latchkey SUBCOMMAND [OPTION...]\n\n";
  for (const Subcommand& command : Subcommands()) {
    out << "  " << Usage(command) << "\n      " << command.help << "\n";
  }
  out << "\nThe default FILE is /etc/latchkey/latchkey.toml; see latchkey.toml(5).\n"
         "Exit status: 0 yes or done, 1 no, 2 not understood.\n";
}

// The subcommand at the front, of one word or two; `words` says which.
const Subcommand* Find(const std::vector<std::string>& arguments, size_t& words) {
  for (words = std::min<size_t>(2, arguments.size()); words > 0; --words) {
    const std::string name = words == 2 ? arguments[0] + " " + arguments[1] : arguments[0];
    for (const Subcommand& command : Subcommands()) {
      if (command.name == name) return &command;
    }
  }
  return nullptr;
}

// Fills `options`; returns what is wrong, or the empty text.
std::string Parse(const Subcommand& command, const std::vector<std::string>& words,
                  Options& options) {
  for (size_t i = 0; i < words.size(); ++i) {
    const bool is_operand = !command.operand.empty() && !words[i].starts_with("--");
    if (is_operand && options.emplace(command.operand, words[i]).second) continue;
    const std::string name = words[i].substr(0, words[i].find('='));
    const auto option = std::find_if(command.options.begin(), command.options.end(),
                                     [&name](const Option& known) { return known.name == name; });
    if (option == command.options.end()) return "does not take " + words[i];
    const bool has_value = name.size() < words[i].size();
    if (option->value.empty() && has_value) return name + " takes no value";
    std::string value;
    if (has_value) value = words[i].substr(name.size() + 1);
    if (!option->value.empty() && !has_value) {
      if (++i == words.size()) return name + " needs " + std::string(option->value);
      value = words[i];
    }
    if (!options.emplace(name, value).second) return name + " is given twice";
  }
  if (!command.operand.empty() && !options.contains(command.operand)) {
    return "needs " + std::string(command.operand);
  }
  for (const Option& option : command.options) {
    if (option.required && !options.contains(option.name)) {
      return "needs " + std::string(option.name) + " " + std::string(option.value);
    }
  }
  return "";
}

int NotUnderstood(Io io, const std::string& line) {
  io.err << line << "\n";
  return kNotUnderstood;
}

}  // namespace

const std::vector<Subcommand>& Subcommands() {
  static const std::vector<Subcommand> commands = {
      {"check-config", {kConfig, {"--keys", ""}},
       "Says whether latchkey-web and latchkey-mailer would start; --keys lists what may be set.",
       CheckConfig},
      {"schema", {kConfig, {"--upgrade", ""}},
       "Prints SQL: our tables, the two database users (locked) and their rights; may be run again.\n"
       "      --upgrade: and what tables of an earlier version lack.",
       PrintSchema},
      {"queue", {kConfig, kJson}, "Counts the notes of the outbox: what waits, what ended and how.",
       ShowQueue},
      {"queue list", {kConfig, kJson, {"--state", "STATE"}},
       "Lists notes with their age and reason: waiting, failed, abandoned, no_account, muted.",
       ListQueue},
      {"queue retry", {kConfig}, "Has the note, or \"all\", sent again, at once.", RetryQueue, "NOTE"},
      {"queue drop", {kConfig}, "Deletes the note, or \"all\".", DropQueue, "NOTE"},
      {"link", {kConfig}, "Mails a link to a person, at their address or user name.", MailLink,
       "ADDRESS"},
      {"revoke", {kConfig},
       "Ends a person's links and sessions, and mails them no link for a day.", RevokeLinks,
       "ADDRESS"},
      {"limits", {kConfig, {"--watch", ""}},
       "Shows what the limits counted and refused, and how full their table is; --watch: every second.",
       ShowLimits},
      {"limits clear", {kConfig}, "Forgets what was counted of a peer, or of an address's mails.",
       ClearLimits, kPeerOrAddress},
      {"hash make", {{"--scheme", "NAME", true}, kPreset, kPresets, kLogin, kKey, kLine},
       "Hashes the password on standard input; --line drops one newline at its end.", MakeHash},
      {"hash verify", {kStored, kPreset, kPresets, kSalt, kLogin, kKey, kLine},
       "Says by its exit status whether the password on standard input is the stored one.",
       VerifyHash},
      {"hash detect", {kStored, kSalt}, "Prints the scheme of a stored hash.", DetectHash},
      {"bench-hash", {{"--time", "MS"}, {"--only", "NAME"}},
       "Measures the schemes on this machine, and says which costs would take so long: 250 ms.",
       BenchHash},
      {"hash schemes", {}, "Lists the schemes; those marked \"read only\" are not written.",
       ListSchemes},
  };
  return commands;
}

int Run(const std::vector<std::string>& arguments, Io io) {
  if (arguments.empty()) {
    return NotUnderstood(io, "latchkey: name a subcommand; see latchkey --help");
  }
  if (arguments[0] == "--help" || arguments[0] == "help") {
    PrintHelp(io.out);
    return kYes;
  }
  if (arguments[0] == "--version") {
    io.out << "latchkey " LATCHKEY_VERSION "\n";
    return kYes;
  }
  size_t words = 0;
  const Subcommand* command = Find(arguments, words);
  if (command == nullptr) {
    return NotUnderstood(io, "latchkey: no subcommand " + arguments[0] + "; see latchkey --help");
  }
  const std::vector<std::string> rest(arguments.begin() + static_cast<ptrdiff_t>(words),
                                      arguments.end());
  if (std::find(rest.begin(), rest.end(), "--help") != rest.end()) {
    io.out << "usage: " << Usage(*command) << "\n" << command->help << "\n";
    return kYes;
  }
  Options options;
  const std::string problem = Parse(*command, rest, options);
  if (problem.empty()) return command->run(options, io);
  return NotUnderstood(io, "latchkey " + std::string(command->name) + ": " + problem + "; usage: " +
                               Usage(*command));
}

std::string ConfigPath(const Options& options) {
  const auto given = options.find("--config");
  return given == options.end() ? "/etc/latchkey/latchkey.toml" : given->second;
}

}  // namespace latchkey::admin
