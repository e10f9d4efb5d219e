#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
// It asserts of a text what it then checks and words as an error: "[{x]" must not abort.
#define TOML_ASSERT(condition) static_assert(true)

#include "config/toml.h"

#include <toml++/toml.h>

#include <algorithm>

namespace latchkey::config {
namespace {

Value ListValue(const toml::array& list) {
  Texts texts;
  for (const toml::node& item : list) {
    const auto* text = item.as_string();
    if (text == nullptr) return {};
    texts.push_back(text->get());
  }
  return texts;
}

Value ToValue(const toml::node& node) {
  if (node.is_table()) return Table{};
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* integer = node.as_integer()) return integer->get();
  if (const auto* number = node.as_floating_point()) return number->get();
  if (const auto* boolean = node.as_boolean()) return boolean->get();
  if (const auto* list = node.as_array()) return ListValue(*list);
  return {};
}

// No key of ours has more parts than three. What lies deeper is unknown by its beginning already, and
// a thousand tables in one another would make a thousand long keys.
constexpr int kDeepest = 8;

void Flatten(const toml::table& table, const std::string& prefix, int depth,
             std::vector<Entry>& entries) {
  for (const auto& [name, node] : table) {
    // "a.b" in quotes is one name, not b in the table a.
    std::string own(name.str());
    if (own.find('.') != std::string::npos) own = "'" + own + "'";
    const std::string key = prefix + own;
    const auto& at = node.is_table() ? name.source().begin : node.source().begin;
    entries.push_back({key, static_cast<int>(at.line), static_cast<int>(at.column), ToValue(node)});
    const auto* inner = node.as_table();
    if (inner != nullptr && depth < kDeepest) Flatten(*inner, key + ".", depth + 1, entries);
  }
}

}  // namespace

Result<std::vector<Entry>> ParseToml(std::string_view text, std::string_view path) {
  const toml::parse_result parsed = toml::parse(text, path);
  if (!parsed) {
    const toml::parse_error& error = parsed.error();
    const toml::source_position& at = error.source().begin;
    return Error{Next::kFixSetup, std::string(path) + ":" + std::to_string(at.line) + ":" +
                                      std::to_string(at.column) + ": syntax: " + std::string(error.description()) +
                                      "; see latchkey.toml(5)"};
  }
  std::vector<Entry> entries;
  Flatten(parsed.table(), "", /*depth=*/1, entries);
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.line < b.line; });
  return entries;
}

}  // namespace latchkey::config
