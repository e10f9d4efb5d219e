// A posted form, behind the first line as the query: refused, or each name once and no NUL.

#include "fcgi/form_parser.h"
#include "fuzz/fuzz.h"

using namespace latchkey;

FUZZ(form) {
  if (input.size() > 8192) return;  // the longest body that is read
  const auto parts = fuzz::Split(input, 2);
  const http::PostedForm posted = fcgi::ParseForm(std::string(parts[1]), parts[0]);
  const auto* form = std::get_if<http::Form>(&posted);
  if (form == nullptr) return;
  for (const std::string_view name : {"email", "password", "password2", "csrf_token", "link"}) {
    CHECK(form->Get(name).find('\0') == std::string_view::npos);
    CHECK(form->Has(name) || form->Get(name).empty());
  }
}
