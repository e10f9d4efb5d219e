// A cookie's value is a piece of the header; a request's target is cut, never altered.

#include "fuzz/fuzz.h"
#include "http/request.h"

using namespace latchkey;

namespace {

bool IsWithin(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() &&
                          part.data() + part.size() <= whole.data() + whole.size());
}

}  // namespace

FUZZ(cookie) {
  http::Request request;
  request.cookie_header = input;
  for (const std::string_view name : {"a", "__Host-latchkey-form-0123abcd", ""}) {
    const std::string_view value = request.Cookie(name);
    CHECK(IsWithin(value, request.cookie_header));
    CHECK(value.find(';') == std::string_view::npos);
  }
}

FUZZ(target) {
  const http::Target target = http::ParseTarget(input);
  CHECK(IsWithin(target.path, input) || target.path == "/");
  CHECK(IsWithin(target.query, input));
  CHECK(target.path.empty() || target.path.front() == '/');
  CHECK(target.path.find('?') == std::string_view::npos);
}
