#include "view/view.h"

#include <ctemplate/template.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <map>
#include <sstream>

#include "base/check.h"
#include "base/text.h"
#include "view/contract.h"
#include "view/lint.h"

namespace latchkey::view {
namespace {

namespace fs = std::filesystem;

// Parts in parts: far more than anybody needs, and an end for a part that holds itself.
constexpr int kDeepestPart = 8;

bool IsText(std::string_view name) { return name.ends_with(".txt") || name.ends_with(".subject"); }

Kind KindOf(std::string_view name) {
  return name.starts_with('_') ? Kind::kPart : IsText(name) ? Kind::kText : Kind::kHtml;
}

// Where templates are looked for: the site's own first, file by file.
struct Directories {
  std::string shipped;
  std::string overrides;  // empty: none
};

std::string FileOf(const std::string& directory, std::string_view name) {
  return directory + "/" + std::string(name) + ".tpl";
}

std::string PathOf(const Directories& directories, std::string_view name) {
  if (directories.overrides.empty()) return FileOf(directories.shipped, name);
  std::error_code ignored;
  const std::string own = FileOf(directories.overrides, name);
  // A link that leads nowhere is there too: reading it says so.
  return fs::exists(fs::symlink_status(own, ignored)) ? own : FileOf(directories.shipped, name);
}

Result<std::string> ReadFile(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  if (file.is_open()) text << file.rdbuf();
  if (!file.is_open() || file.bad()) {
    return Error{Next::kFixSetup, path + ": cannot be read (" + std::strerror(errno) +
                                      "); put the template there or correct [pages] templates"};
  }
  return std::move(text).str();
}

bool IsTemplate(std::string_view name) { return name.starts_with('_') || FindContract(name) != nullptr; }

// A file that stands in for nothing would be left unread without a word.
Status CheckOverrides(const std::string& directory) {
  std::error_code error;
  fs::directory_iterator files(directory, error);
  if (error) {
    return Error{Next::kFixSetup, directory + ": cannot be read (" + error.message() +
                                      "); make the directory or correct [pages] overrides"};
  }
  for (; files != fs::directory_iterator(); files.increment(error)) {
    const fs::path path = files->path();
    if (path.extension() != ".tpl" || IsTemplate(path.stem().string())) continue;
    return Error{Next::kFixSetup,
                 path.string() + ": no shipped template has that name; rename it or remove it"};
  }
  return Ok();
}

// Without a marker that stands alone on its line the line is gone, so that sections can be laid out
// in plain text without leaving blank lines.
bool IsAloneOnItsLine(std::string_view line) {
  return line.size() > 4 && line.starts_with("{{") && line.find_first_of("#/!") == 2 &&
         line.find("}}") == line.size() - 2;
}

std::string DropMarkerLines(std::string_view text) {
  std::string kept;
  while (!text.empty()) {
    const size_t end = std::min(text.find('\n'), text.size() - 1) + 1;
    const std::string_view line = text.substr(0, end);
    const std::string_view content = TrimBlanks(line);
    kept += IsAloneOnItsLine(content) ? content : line;
    text.remove_prefix(end);
  }
  return kept;
}

// Reads templates with the parts they name put in, each file checked by itself.
class Reader {
 public:
  Reader(const Directories& directories, std::string_view page)
      : directories_(directories), page_(page) {}

  Result<std::string> Read() const {
    Result<std::string> text = ReadWhole(page_, /*depth=*/0);
    const Contract* contract = FindContract(page_);
    if (!text.ok() || contract == nullptr) return text;
    const Status whole = CheckIsWhole(*contract, PathOf(directories_, page_), *text);
    if (!whole.ok()) return whole.error();
    return text;
  }

 private:
  Result<std::string> ReadWhole(std::string_view name, int depth) const {
    const std::string path = PathOf(directories_, name);
    if (depth > kDeepestPart)
      return Error{Next::kFixSetup, path + ": holds itself; remove the circle"};
    Result<std::string> text = ReadFile(path);
    if (!text.ok()) return text;
    const Contract* contract = depth == 0 ? FindContract(page_) : ContractOfParts(page_);
    if (Status status = Lint(path, *text, KindOf(name), contract); !status.ok()) {
      return status.error();
    }
    return WithParts(*std::move(text), depth);
  }

  Result<std::string> WithParts(std::string text, int depth) const {
    constexpr std::string_view kOpen = "{{>";
    for (size_t at = 0; (at = text.find(kOpen, at)) != std::string::npos;) {
      const size_t end = text.find("}}", at);
      const std::string name = text.substr(at + kOpen.size(), end - at - kOpen.size());
      Result<std::string> part = ReadWhole(name, depth + 1);
      if (!part.ok()) return part;
      if (part->ends_with('\n')) part->pop_back();
      const bool alone = (at == 0 || text[at - 1] == '\n') && text[end + 2] == '\n';
      if (!alone) std::erase(*part, '\n');
      text.replace(at, end + 2 - at, *part);
      at += part->size();
    }
    return text;
  }

  const Directories& directories_;
  std::string_view page_;
};

// ctemplate says why it refuses on std::cerr only. Used while loading, when no thread runs.
class CaughtCerr {
 public:
  CaughtCerr() : before_(std::cerr.rdbuf(caught_.rdbuf())) {}
  ~CaughtCerr() { std::cerr.rdbuf(before_); }
  CaughtCerr(const CaughtCerr&) = delete;

  std::string OneLine() const {
    std::string line = caught_.str();
    for (char& c : line) c = IsControl(c) ? ' ' : c;
    return std::string(TrimBlanks(line));
  }

 private:
  std::ostringstream caught_;
  std::streambuf* before_;
};

using Parsed = std::unique_ptr<ctemplate::Template>;

// A Template of its own, outside any cache: a cache takes a write lock at each expansion.
Result<Parsed> Parse(const Directories& directories, std::string_view name) {
  Result<std::string> text = Reader(directories, name).Read();
  if (!text.ok()) return text.error();
  std::string prepared = IsText(name) ? DropMarkerLines(*text) : *std::move(text);
  // A subject is one line.
  if (name.ends_with(".subject")) prepared = TrimBlanks(prepared);
  const CaughtCerr caught;
  Parsed parsed(ctemplate::Template::StringToTemplate(
      prepared, IsText(name) ? ctemplate::DO_NOT_STRIP : ctemplate::STRIP_BLANK_LINES));
  if (parsed != nullptr) return parsed;
  return Error{Next::kFixSetup, PathOf(directories, name) +
                                    ": ctemplate cannot tell how to escape it (" +
                                    caught.OneLine() + "); correct the HTML around its values"};
}

ctemplate::TemplateString View(std::string_view text) { return {text.data(), text.size()}; }

// The dictionary refers to the values, which outlive it.
void Fill(ctemplate::TemplateDictionary& dictionary, const Values& values) {
  for (const auto& [name, text] : values.texts()) {
    dictionary.SetValueWithoutCopy(View(name), View(text));
  }
  for (const auto& [name, inner] : values.sections()) {
    Fill(*dictionary.AddSectionDictionary(View(name)), *inner);
  }
}

}  // namespace

const std::vector<std::string_view> kPageTemplates = {
    "home", "login", "request", "set_password", "outcome", "not_me", "other_link",
    "error"};
const std::vector<std::string_view> kMailTemplates = {"mail_link.subject", "mail_link.txt",
                                                      "mail_link.html",    "mail_changed.subject",
                                                      "mail_changed.txt",  "mail_changed.html"};

void Values::Set(std::string_view name, std::string_view text) { texts_.emplace_back(name, text); }

Values& Values::Show(std::string_view section) {
  return *sections_.emplace_back(section, std::make_unique<Values>()).second;
}

void ShowWait(Values& values, std::chrono::seconds wait) {
  std::string_view unit = "WAIT_SECONDS";
  int64_t count = std::max<int64_t>(wait.count(), 1);
  if (wait >= std::chrono::minutes(120)) {
    unit = "WAIT_HOURS";
    count = std::chrono::ceil<std::chrono::hours>(wait).count();
  } else if (wait >= std::chrono::seconds(90)) {
    unit = "WAIT_MINUTES";
    count = std::chrono::ceil<std::chrono::minutes>(wait).count();
  }
  Values& inner = values.Show(unit);
  inner.Set("N", std::to_string(count));
  inner.Show(count == 1 ? "ONE" : "MANY");
}

struct Templates::Loaded {
  std::map<std::string, Parsed, std::less<>> templates;
};

Result<Templates> Templates::Load(const std::string& directory,
                                  const std::vector<std::string_view>& names,
                                  const std::string& overrides) {
  if (!overrides.empty()) {
    if (Status status = CheckOverrides(overrides); !status.ok()) return status.error();
  }
  const Directories directories{directory, overrides};
  auto loaded = std::make_unique<Loaded>();
  for (const std::string_view name : names) {
    Result<Parsed> parsed = Parse(directories, name);
    if (!parsed.ok()) return parsed.error();
    loaded->templates.emplace(name, *std::move(parsed));
  }
  return Templates(std::move(loaded));
}

Templates::Templates(std::unique_ptr<Loaded> loaded) : loaded_(std::move(loaded)) {}
Templates::Templates(Templates&&) noexcept = default;
Templates::~Templates() = default;

std::string Templates::Render(std::string_view name, const Values& values,
                              const Values* common) const {
  const auto found = loaded_->templates.find(name);
  CHECK(found != loaded_->templates.end());
  ctemplate::TemplateDictionary dictionary("");
  Fill(dictionary, values);
  if (common != nullptr) Fill(dictionary, *common);
  std::string text;
  CHECK(found->second->Expand(&text, &dictionary));
  return text;
}

}  // namespace latchkey::view
