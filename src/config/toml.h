// toml.h -- a TOML text as a flat list of keys
//
// The only file behind which toml++ is seen.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"

namespace latchkey::config {

struct Table {
  bool operator==(const Table&) const = default;
};
using Texts = std::vector<std::string>;
// monostate: a date, or a list of anything but texts; no key of ours takes one.
using Value = std::variant<std::monostate, Table, std::string, int64_t, double, bool, Texts>;

struct Entry {
  std::string key;  // "web.threads"
  int line;         // from 1
  int column;       // where its value begins; of a table, its name
  Value value;
};

// Keys and tables in the order of their lines. kFixSetup: not TOML; the message begins with
// "path:line:column: ".
Result<std::vector<Entry>> ParseToml(std::string_view text, std::string_view path);

}  // namespace latchkey::config
