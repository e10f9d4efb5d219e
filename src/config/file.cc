#include "config/file.h"

#include <algorithm>
#include <filesystem>
#include <set>

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
  const std::string prefix = table + ".";
  return std::any_of(entries.begin(), entries.end(),
                     [&prefix](const Entry& entry) { return entry.key.starts_with(prefix); });
}

// Where the presets lie that came with this program: share/latchkey/sites beside its bin or above
// its libexec/latchkey.
std::string PresetsOfProgram() {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path program = fs::read_symlink("/proc/self/exe", error).parent_path();
  for (const char* up : {"..", "../.."}) {
    const fs::path directory = (program / up / "share/latchkey/sites").lexically_normal();
    if (fs::is_directory(directory, error)) return directory.string();
  }
  return "/usr/share/latchkey/sites";
}

// "drupal, wordpress", for an error.
std::string PresetsIn(const std::string& directory) {
  std::set<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    if (entry.path().extension() == ".toml") names.insert(entry.path().stem().string());
  }
  std::string joined;
  for (const std::string& name : names) joined += (joined.empty() ? "" : ", ") + name;
  return joined.empty() ? "none" : joined;
}

// What a preset cannot say: who it is, and where the secret of this site lies.
bool MayStandInPreset(std::string_view key) {
  return key != "site.preset" && key != "site.presets" && key != "site.key_file";
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
  file.values_ = Defaults();
  if (auto taken = file.Take(std::move(*entries), path); !taken.ok()) return taken.error();
  if (file.Has("site.preset")) {
    auto preset = file.TakePreset(file.Text("site.preset"), file.Text("site.presets"));
    if (!preset.ok()) return preset.error();
  }
  if (auto checked = file.CheckMissing(); !checked.ok()) return checked.error();
  return file;
}

Result<File> File::ReadPreset(const std::string& name, const std::string& directory) {
  File file;
  file.positions_.path_ = "site.preset";
  file.values_ = Defaults();
  const std::string problem = FindRow("site.preset")->type.problem(name);
  if (!problem.empty()) return file.positions_.Blame("site.preset", problem);
  if (auto taken = file.TakePreset(name, directory); !taken.ok()) return taken.error();
  for (const Row& row : Rows()) file.values_.try_emplace(row.key, std::string());
  return file;
}

Status File::Take(std::vector<Entry> entries, const std::string& path) {
  // All places first: an error names the line of its own key.
  std::vector<bool> fresh;
  for (const Entry& entry : entries) {
    fresh.push_back(
        positions_.places_.try_emplace(entry.key, Positions::Point{path, entry.line, entry.column}).second);
  }
  for (size_t i = 0; i < entries.size(); ++i) {
    Entry& entry = entries[i];
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
    if (!fresh[i]) continue;
    const std::string problem = row->type.problem(entry.value);
    if (!problem.empty()) return positions_.Blame(entry.key, problem);
    values_[entry.key] = std::move(entry.value);
  }
  return Ok();
}

Status File::TakePreset(const std::string& name, std::string directory) {
  if (directory.empty()) directory = PresetsOfProgram();
  const std::string path = directory + "/" + name + ".toml";
  std::string text;
  const std::string problem = ReadSmallFile(path, text);
  if (!problem.empty()) {
    return positions_.Blame("site.preset", path + ": " + problem + "; there are " +
                                               PresetsIn(directory) +
                                               "; site.presets names another directory");
  }
  auto entries = ParseToml(text, path);
  if (!entries.ok()) return entries.error();
  for (Entry& entry : *entries) {
    entry.key = "site." + entry.key;
    if (MayStandInPreset(entry.key)) continue;
    return Error{Next::kFixSetup, path + ":" + std::to_string(entry.line) + ":" +
                                      std::to_string(entry.column) + ": " + entry.key +
                                      ": cannot stand in a preset; say it in the configuration"};
  }
  return Take(std::move(*entries), path);
}

Status File::CheckMissing() const {
  for (const Row& row : Rows()) {
    if (row.required() && !positions_.places_.contains(row.key)) {
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

Texts File::TextOrList(std::string_view key) const {
  const Value& value = Get(key);
  const auto* text = std::get_if<std::string>(&value);
  return text != nullptr ? Texts{*text} : std::get<Texts>(value);
}

int64_t File::Integer(std::string_view key) const { return std::get<int64_t>(Get(key)); }

double File::Number(std::string_view key) const {
  const Value& value = Get(key);
  if (const auto* integer = std::get_if<int64_t>(&value)) return static_cast<double>(*integer);
  return std::get<double>(value);
}

bool File::Boolean(std::string_view key) const { return std::get<bool>(Get(key)); }

std::string Positions::At(std::string_view key) const {
  while (true) {
    const auto place = places_.find(key);
    if (place != places_.end()) {
      const Positions::Point& point = place->second;
      return point.path + ":" + std::to_string(point.line) + ":" + std::to_string(point.column);
    }
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
