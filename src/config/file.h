// file.h -- one configuration file, checked key by key against the table of keys
//
// Read refuses what the table does not know, what has the wrong form, and what is missing. After
// it, every key has a value: the written one, that of the preset which site.preset names, or the
// default. A preset is a file with keys of [site]; apart from that no other file is opened.

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
  // A preset alone. What only a configuration says has its default, or an empty text.
  static Result<File> ReadPreset(const std::string& name, const std::string& directory);

  // REQUIRES: a key of the table, of this type.
  const std::string& Text(std::string_view key) const;
  const Texts& List(std::string_view key) const;
  // Of a key that takes a text or a list of them.
  Texts TextOrList(std::string_view key) const;
  int64_t Integer(std::string_view key) const;
  double Number(std::string_view key) const;
  bool Boolean(std::string_view key) const;
  // An empty text counts as not given.
  bool Has(std::string_view key) const { return !Text(key).empty(); }

  const Positions& positions() const { return positions_; }

 private:
  const Value& Get(std::string_view key) const;
  // Takes over what the text says, for keys that have no place yet.
  Status Take(std::vector<Entry> entries, const std::string& path);
  Status TakePreset(const std::string& name, std::string directory);
  Status CheckMissing() const;

  std::map<std::string, Value, std::less<>> values_;
  Positions positions_;
};

}  // namespace latchkey::config
