// keys.h -- the table of keys: the one place that says what may stand in the file

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/values.h"

namespace latchkey::config {

struct Row {
  std::string key;
  Type type;
  std::string default_value;  // TOML; empty: the key is required
  std::string help;

  bool required() const { return default_value.empty(); }
};

// In the order of the manual.
const std::vector<Row>& Rows();
const Row* FindRow(std::string_view key);  // nullptr: unknown
bool IsTable(std::string_view key);

// What to say of a key that is in no row: "is unknown; did you mean ...?"
std::string Unknown(std::string_view key);

}  // namespace latchkey::config
