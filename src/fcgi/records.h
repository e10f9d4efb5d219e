// records.h -- what of a FastCGI request can be seen before anybody reads it

#pragma once

#include <string_view>

namespace latchkey::fcgi {

// Whether these bytes, the first of what a connection holds, have a request to the end of its body:
// whoever reads it then does not wait. True of no more than that; the library reads and checks it.
bool HasWholeRequest(std::string_view bytes);

}  // namespace latchkey::fcgi
