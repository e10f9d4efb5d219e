// json.h -- a text as JSON writes it

#pragma once

#include <string>
#include <string_view>

namespace latchkey::admin {

// In quotes, everything escaped that RFC 8259 section 7 wants escaped, and every byte beyond ASCII of
// what is no UTF-8 as the code point of its number: a damaged row is shown too.
std::string JsonText(std::string_view text);

}  // namespace latchkey::admin
