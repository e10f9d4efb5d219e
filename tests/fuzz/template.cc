// A site's own template: refused with file and line, or rendered with every value escaped.

#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "fuzz/fuzz.h"
#include "view/lint.h"
#include "view/view.h"

using namespace latchkey;

namespace {

constexpr std::string_view kMarkup = "<qz>\"'&";

struct Directory {
  std::string path = std::filesystem::temp_directory_path() / ("fuzz-" + std::to_string(getpid()));
  Directory() { std::filesystem::create_directories(path); }
  ~Directory() { std::filesystem::remove_all(path); }
};

}  // namespace

FUZZ(template_page) {
  static const Directory directory;
  for (const view::Kind kind : {view::Kind::kHtml, view::Kind::kText, view::Kind::kPart}) {
    const Status status = view::Lint("x.tpl", input, kind);
    if (!status.ok()) CHECK(status.error().message.starts_with("x.tpl"));
  }
  if (!view::Lint("x.tpl", input, view::Kind::kHtml).ok()) return;
  std::ofstream(directory.path + "/page.tpl", std::ios::binary) << input;
  const auto templates = view::Templates::Load(directory.path, {"page"});
  if (!templates.ok()) return;
  view::Values values;
  values.Set("V", kMarkup);
  values.Show("S").Set("W", kMarkup);
  const std::string page = templates->Render("page", values);
  CHECK(page.find("<qz>") == std::string::npos || input.find("<qz>") != std::string_view::npos);
}
