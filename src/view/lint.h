// lint.h -- what a template file may hold
//
// Stricter than ctemplate, and with line numbers: what it would read as text, or read silently in
// another way (escaping switched off, other delimiters, a misspelt section), is refused. One file
// at a time, before its parts are put in; so an error names the file that has to be changed.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "view/contract.h"

namespace latchkey::view {

enum class Kind {
  kHtml,  // first line kHtmlFirstLine
  kText,  // first line kTextFirstLine
  kPart,  // stands in either; no such line
};

inline constexpr std::string_view kHtmlFirstLine = "{{%AUTOESCAPE context=\"HTML\"}}";
// ctemplate has no pragma for text, where nothing is escaped: so it is said in a comment.
inline constexpr std::string_view kTextFirstLine = "{{!plain text, nothing is escaped}}";

// kFixSetup: "<path>:<line>: what is wrong; cure". contract: whose names alone may stand there; nullptr:
// any may.
Status Lint(const std::string& path, std::string_view text, Kind kind,
            const Contract* contract = nullptr);

}  // namespace latchkey::view
