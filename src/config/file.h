// file.h -- one configuration file, checked key by key against the table of keys
//
// Read refuses what the table does not know, what has the wrong form, and what is missing. After
// it, every key has a value: the written one or the default. It opens no other file.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "config/toml.h"

namespace latchkey::config {

class File {
 public:
  static Result<File> Read(const std::string& path);
  static Result<File> Parse(std::string_view text, const std::string& path);

  // REQUIRES: a key of the table, of this type.
  const std::string& Text(std::string_view key) const;
  const Texts& List(std::string_view key) const;
  int64_t Integer(std::string_view key) const;
  double Number(std::string_view key) const;
  bool Boolean(std::string_view key) const;
  // An empty text counts as not given.
  bool Has(std::string_view key) const { return !Text(key).empty(); }

  const Positions& positions() const { return positions_; }

 private:
  const Value& Get(std::string_view key) const;
  Status Check(const std::vector<Entry>& entries) const;

  std::map<std::string, Value, std::less<>> values_;
  Positions positions_;
};

}  // namespace latchkey::config
