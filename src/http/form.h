// form.h -- the fields of a posted form
//
// Every name is there once: a body in which a name comes twice, a field in the query, or a NUL is
// refused by the parser (fcgi/form_parser.h) and reaches a handler as a FormError. Values are wiped
// when the form goes, since some are passwords.

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <variant>

namespace latchkey::http {

enum class FormError {
  kDuplicateField,
  kFieldInQuery,
  kForbiddenByte,  // NUL
  kTruncated,      // the body ended before its Content-Length
};

class Form {
 public:
  Form() = default;
  Form(Form&&) = default;
  Form& operator=(Form&&) = default;
  ~Form();

  // False, and nothing changed, if the name is there already. Names compare without ASCII case.
  bool Add(std::string_view name, std::string value);
  // name in lower case. Empty for a field that is not there; valid as long as the form.
  std::string_view Get(std::string_view name) const;
  bool Has(std::string_view name) const;

 private:
  std::map<std::string, std::string, std::less<>> fields_;
};

using PostedForm = std::variant<Form, FormError>;

}  // namespace latchkey::http
