// view.h -- pages and mails from templates, escaped by default
//
// The one place that knows ctemplate. A template is a file <name>.tpl in the template directory;
// every HTML one must begin with the auto-escape line and none may switch escaping off, which Load
// checks, together with the syntax and that every page we send is there. Values are raw text: the
// template's place decides how they are escaped. Once loaded nothing changes, and Render is safe
// from any thread.
//
// Names that end in .txt or .subject are plain text, all others HTML. {{>_part}} stands for the
// text of _part.tpl, which sees the values of the place it stands in; within a line, without its
// line ends.

#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"

namespace latchkey::view {

// What a template is filled with: names are the template's {{NAME}}s, in capitals. A section
// ({{#NAME}}...{{/NAME}}) is hidden unless shown; shown several times, it repeats.
class Values {
 public:
  void Set(std::string_view name, std::string_view text);
  // Shows the section once (more), and gives the values that hold inside it; valid until the next
  // call of Show on this object. Inside, outer values hold too.
  Values& Show(std::string_view section);

  const std::vector<std::pair<std::string, std::string>>& texts() const { return texts_; }
  const std::vector<std::pair<std::string, std::unique_ptr<Values>>>& sections() const {
    return sections_;
  }

 private:
  std::vector<std::pair<std::string, std::string>> texts_;
  std::vector<std::pair<std::string, std::unique_ptr<Values>>> sections_;
};

// Shows WAIT_SECONDS, from 90 seconds up WAIT_MINUTES, from two hours up WAIT_HOURS, with the number N
// (rounded up) and the section ONE or MANY in it.
void ShowWait(Values& values, std::chrono::seconds wait);

// The pages (HTML) and mails (a text and an HTML file each) that a program needs to be there.
extern const std::vector<std::string_view> kPageTemplates;  // "home", "login", ...
extern const std::vector<std::string_view> kMailTemplates;  // "mail_link.txt", ...

class Templates {
 public:
  // Reads `names` (and what they include) from the directory, or, file by file, from `overrides`
  // (empty: none) where a file of that name is there. kFixSetup names file, line where known, and
  // cure; also of what contract.h finds wrong.
  static Result<Templates> Load(const std::string& directory,
                                const std::vector<std::string_view>& names,
                                const std::string& overrides = "");

  Templates(Templates&&) noexcept;
  ~Templates();

  // REQUIRES: a name that was loaded.
  // common: more values, or nullptr.
  std::string Render(std::string_view name, const Values& values,
                     const Values* common = nullptr) const;

 private:
  struct Loaded;
  explicit Templates(std::unique_ptr<Loaded> loaded);
  std::unique_ptr<Loaded> loaded_;
};

}  // namespace latchkey::view
