#include "http/request.h"

#include <algorithm>

#include "base/text.h"

namespace latchkey::http {

std::string_view Request::Cookie(std::string_view name) const {
  for (std::string_view rest = cookie_header; !rest.empty();) {
    const size_t end = std::min(rest.find(';'), rest.size());
    const std::string_view pair = TrimBlanks(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const size_t equals = pair.find('=');
    if (equals == std::string_view::npos) continue;
    if (pair.substr(0, equals) == name) return pair.substr(equals + 1);
  }
  return {};
}

bool Request::HasFormBody() const {
  const std::string_view type = std::string_view(content_type).substr(0, content_type.find(';'));
  return EqualsIgnoringAsciiCase(TrimBlanks(type), "application/x-www-form-urlencoded");
}

std::string CleanLanguages(std::string_view header) {
  const auto belongs = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view(" *-,;=.").find(c) != std::string_view::npos;
  };
  const bool clean = header.size() <= 200 && std::all_of(header.begin(), header.end(), belongs);
  return clean ? std::string(header) : "";
}

Target ParseTarget(std::string_view target) {
  const size_t scheme_end = target.find("://");
  if (!target.starts_with('/') && scheme_end != std::string_view::npos) {
    const size_t path_start = target.find('/', scheme_end + 3);
    if (path_start == std::string_view::npos) return {};
    target.remove_prefix(path_start);
  }
  if (!target.starts_with('/')) return {};
  const size_t question = target.find('?');
  if (question == std::string_view::npos) return {target, {}};
  return {target.substr(0, question), target.substr(question + 1)};
}

}  // namespace latchkey::http
