// form_parser.h -- cgicc ends here: a posted body in, http::PostedForm out
//
// cgicc lets the first of two fields of one name win, adds the query's fields to the body's, and is
// quadratic in empty pairs; so the body is bounded before it gets here (web::kMaxFormBytes), and what
// comes twice or in the query is refused, never chosen from.

#pragma once

#include <string>
#include <string_view>

#include "http/form.h"

namespace latchkey::fcgi {

// body: an application/x-www-form-urlencoded one. query: the request's, which may hold no fields.
http::PostedForm ParseForm(std::string body, std::string_view query);

}  // namespace latchkey::fcgi
