#include "fcgi/form_parser.h"

#include <cgicc/CgiInput.h>
#include <cgicc/Cgicc.h>

#include <algorithm>
#include <cstring>
#include <exception>

#include "base/secret.h"

namespace latchkey::fcgi {
namespace {

// What cgicc may see of the request: a form body of this length and nothing else. The query is kept
// from it, since it would mix the two.
class BodyInput final : public cgicc::CgiInput {
 public:
  explicit BodyInput(std::string_view body) : body_(body) {}

  size_t read(char* data, size_t length) override {
    const size_t count = std::min(length, body_.size() - taken_);
    std::memcpy(data, body_.data() + taken_, count);
    taken_ += count;
    return count;
  }

  std::string getenv(const char* name) override {
    const std::string_view wanted = name;
    if (wanted == "REQUEST_METHOD") return "POST";
    if (wanted == "CONTENT_TYPE") return "application/x-www-form-urlencoded";
    if (wanted == "CONTENT_LENGTH") return std::to_string(body_.size());
    return {};
  }

 private:
  std::string_view body_;
  size_t taken_ = 0;
};

bool HasNul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

http::PostedForm Collect(const cgicc::Cgicc& parsed) {
  http::Form form;
  for (const cgicc::FormEntry& entry : parsed.getElements()) {
    std::string value = entry.getValue();
    if (HasNul(value) || HasNul(entry.getName())) return http::FormError::kForbiddenByte;
    if (!form.Add(entry.getName(), std::move(value))) return http::FormError::kDuplicateField;
  }
  return form;
}

}  // namespace

http::PostedForm ParseForm(std::string body, std::string_view query) {
  if (!query.empty()) return http::FormError::kFieldInQuery;
  if (HasNul(body)) return http::FormError::kForbiddenByte;
  try {
    BodyInput input(body);
    const cgicc::Cgicc parsed(&input);
    http::PostedForm form = Collect(parsed);
    Wipe(body);
    return form;
  } catch (const std::exception&) {
    // cgicc throws on what it cannot read; with the checks above that is nothing a browser sends.
    return http::FormError::kTruncated;
  }
}

}  // namespace latchkey::fcgi
