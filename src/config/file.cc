#include "config/file.h"

#include <algorithm>

#include "base/check.h"
#include "config/keys.h"
#include "config/read.h"

namespace latchkey::config {
namespace {

// The defaults, written as a TOML text and read like the file.
const std::map<std::string, Value, std::less<>>& Defaults() {
  static const auto defaults = [] {
    std::string text;
    for (const Row& row : Rows()) {
      if (!row.required()) text += row.key + " = " + row.default_value + "\n";
    }
    std::map<std::string, Value, std::less<>> values;
    auto entries = ParseToml(text, "defaults");
    for (Entry& entry : entries.value()) values.emplace(entry.key, std::move(entry.value));
    return values;
  }();
  return defaults;
}

bool HasEntriesBelow(const std::vector<Entry>& entries, const std::string& table) {
  return std::any_of(entries.begin(), entries.end(), [&table](const Entry& entry) {
    return entry.key.starts_with(table + ".");
  });
}

}  // namespace

Result<File> File::Read(const std::string& path) {
  std::string text;
  const std::string problem = ReadSmallFile(path, text);
  if (problem.empty()) return Parse(text, path);
  return Error{Next::kFixSetup, path + ": " + problem + "; name another with --config FILE"};
}

Result<File> File::Parse(std::string_view text, const std::string& path) {
  auto entries = ParseToml(text, path);
  if (!entries.ok()) return entries.error();
  File file;
  file.positions_.path_ = path;
  for (const Entry& entry : *entries) file.positions_.lines_.emplace(entry.key, entry.line);
  if (auto checked = file.Check(*entries); !checked.ok()) return checked.error();
  file.values_ = Defaults();
  for (Entry& entry : *entries) file.values_[entry.key] = std::move(entry.value);
  return file;
}

Status File::Check(const std::vector<Entry>& entries) const {
  for (const Entry& entry : entries) {
    const Row* row = FindRow(entry.key);
    const bool is_table = std::holds_alternative<Table>(entry.value);
    if (row == nullptr && IsTable(entry.key)) {
      if (is_table) continue;
      return positions_.Blame(entry.key,
                              "is a table; write [" + entry.key + "] and its keys below");
    }
    if (row == nullptr) {
      // The first key inside an unknown table tells more than the table itself.
      if (is_table && HasEntriesBelow(entries, entry.key)) continue;
      return positions_.Blame(entry.key, Unknown(entry.key));
    }
    const std::string problem = row->type.problem(entry.value);
    if (!problem.empty()) return positions_.Blame(entry.key, problem);
  }
  for (const Row& row : Rows()) {
    if (row.required() && !positions_.lines_.contains(row.key)) {
      return positions_.Blame(row.key, "is missing; it is required: " + row.help);
    }
  }
  return Ok();
}

const Value& File::Get(std::string_view key) const {
  const auto at = values_.find(key);
  CHECK(at != values_.end());
  return at->second;
}

const std::string& File::Text(std::string_view key) const {
  return std::get<std::string>(Get(key));
}

const Texts& File::List(std::string_view key) const { return std::get<Texts>(Get(key)); }

int64_t File::Integer(std::string_view key) const { return std::get<int64_t>(Get(key)); }

double File::Number(std::string_view key) const {
  const Value& value = Get(key);
  if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
  return std::get<double>(value);
}

bool File::Boolean(std::string_view key) const { return std::get<bool>(Get(key)); }

std::string Positions::At(std::string_view key) const {
  while (true) {
    const auto line = lines_.find(key);
    if (line != lines_.end()) return path_ + ":" + std::to_string(line->second);
    const size_t dot = key.rfind('.');
    if (dot == std::string_view::npos) return path_;
    key = key.substr(0, dot);
  }
}

Error Positions::Blame(std::string_view key, std::string_view problem) const {
  return {Next::kFixSetup, At(key) + ": " + std::string(key) + ": " + std::string(problem)};
}

Status Positions::Place(const Status& status) const {
  if (status.ok()) return status;
  const std::string& message = status.error().message;
  const std::string key = message.substr(0, message.find(": "));
  if (FindRow(key) == nullptr && !IsTable(key)) return status;
  return Error{status.error().next, At(key) + ": " + message};
}

}  // namespace latchkey::config
