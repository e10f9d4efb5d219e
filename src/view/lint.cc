#include "view/lint.h"

#include <algorithm>
#include <vector>

namespace latchkey::view {
namespace {

constexpr std::string_view kOpen = "{{";
constexpr std::string_view kClose = "}}";

bool IsName(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

bool IsPartName(std::string_view text) {
  return text.starts_with('_') && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

class Linter {
 public:
  Linter(const std::string& path, std::string_view text, const Contract* contract)
      : path_(path), rest_(text), contract_(contract) {}

  Status Run(Kind kind) {
    if (Status status = FirstLine(kind); !status.ok()) return status;
    while (true) {
      const size_t at = rest_.find(kOpen);
      if (at == std::string_view::npos) return AllClosed();
      Skip(at);
      const size_t end = rest_.find(kClose);
      if (end == std::string_view::npos) return Refuse("{{ without }}", "close it");
      if (Status status = Marker(rest_.substr(2, end - 2)); !status.ok()) return status;
      Skip(end + kClose.size());
    }
  }

 private:
  struct Section {
    std::string_view name;
    size_t line;
  };

  void Skip(size_t bytes) {
    line_ += std::count(rest_.begin(), rest_.begin() + static_cast<std::ptrdiff_t>(bytes), '\n');
    rest_.remove_prefix(bytes);
  }

  Error Refuse(std::string_view fault, std::string_view cure) const {
    return Error{Next::kFixSetup, path_ + ":" + std::to_string(line_) + ": " + std::string(fault) +
                                      "; " + std::string(cure)};
  }

  Status FirstLine(Kind kind) {
    if (kind == Kind::kPart) return Ok();
    const std::string_view wanted = kind == Kind::kHtml ? kHtmlFirstLine : kTextFirstLine;
    if (rest_.substr(0, rest_.find('\n')) != wanted) {
      return Refuse(kind == Kind::kHtml ? "without its first line nothing here would be escaped"
                                        : "the first line must say that this is plain text",
                    "make it exactly " + std::string(wanted));
    }
    Skip(wanted.size());
    return Ok();
  }

  Status Marker(std::string_view inside) {
    const std::string whole = std::string(kOpen) + std::string(inside) + std::string(kClose);
    const bool comment = inside.starts_with('!');
    const bool runs_on = !comment && inside.find('\n') != std::string_view::npos;
    if (runs_on || inside.find(kOpen) != std::string_view::npos) {
      return Refuse("{{ without }}", "close it on its line");
    }
    if (comment) return Ok();
    if (inside.starts_with('%')) {
      return Refuse(whole + " may stand in the first line of a page or mail only", "remove it");
    }
    if (inside.starts_with('>')) {
      if (IsPartName(inside.substr(1))) return Ok();
      return Refuse(whole + " names no part", "write {{>_name}} for the file _name.tpl");
    }
    if (inside.starts_with('#')) return Open(inside.substr(1), whole);
    if (inside.starts_with('/')) return Close(inside.substr(1), whole);
    return Variable(inside, whole);
  }

  Status Open(std::string_view name, const std::string& whole) {
    if (!IsName(name)) return Refuse(whole + " is no section", "names are capitals, digits and _");
    if (contract_ != nullptr && !contract_->HasSection(name)) {
      return Refuse(whole + " is not a section this " + Holder() + " gets",
                    contract_->HasValue(name) ? "it is a value, {{" + std::string(name) + "}}"
                                              : Advise(*contract_, name, "{{#"));
    }
    open_.push_back({name, line_});
    return Ok();
  }

  Status Close(std::string_view name, const std::string& whole) {
    if (open_.empty())
      return Refuse(whole + " closes what is not open", "remove it or open it before");
    const Section last = open_.back();
    open_.pop_back();
    if (name == last.name) return Ok();
    return Refuse(whole + " stands where {{#" + std::string(last.name) + "}} of line " +
                      std::to_string(last.line) + " is open",
                  "close that first");
  }

  Status Variable(std::string_view inside, const std::string& whole) {
    const size_t colon = inside.find(':');
    if (!IsName(inside.substr(0, colon))) {
      return Refuse(whole + " is no value", "names are capitals, digits and _, without blanks");
    }
    const std::string_view name = inside.substr(0, colon);
    if (contract_ != nullptr && !contract_->HasValue(name)) {
      return Refuse(whole + " is not a value this " + Holder() + " gets",
                    contract_->HasSection(name) ? "it is a section, {{#" + std::string(name) + "}}"
                                                : Advise(*contract_, name, "{{"));
    }
    if (colon == std::string_view::npos || inside.substr(colon) == ":url_query_escape") return Ok();
    return Refuse(
        whole + " changes how the value is escaped",
        "remove " + std::string(inside.substr(colon)) + " (only :url_query_escape may stand here)");
  }

  std::string Holder() const { return contract_->name.starts_with("mail") ? "mail" : "page"; }

  Status AllClosed() {
    if (open_.empty()) return Ok();
    line_ = open_.back().line;
    return Refuse("{{#" + std::string(open_.back().name) + "}} is never closed",
                  "add {{/" + std::string(open_.back().name) + "}}");
  }

  const std::string& path_;
  std::string_view rest_;
  const Contract* contract_;
  size_t line_ = 1;
  std::vector<Section> open_;
};

}  // namespace

Status Lint(const std::string& path, std::string_view text, Kind kind, const Contract* contract) {
  return Linter(path, text, contract).Run(kind);
}

}  // namespace latchkey::view
