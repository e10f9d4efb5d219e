#include "http/form.h"

#include "base/secret.h"
#include "base/text.h"

namespace latchkey::http {

Form::~Form() {
  for (auto& [name, value] : fields_) Wipe(value);
}

bool Form::Add(std::string_view name, std::string value) {
  const bool added = fields_.try_emplace(AsciiLower(name), std::move(value)).second;
  return added;
}

std::string_view Form::Get(std::string_view name) const {
  const auto field = fields_.find(name);
  return field == fields_.end() ? std::string_view() : field->second;
}

bool Form::Has(std::string_view name) const { return fields_.contains(name); }

}  // namespace latchkey::http
