// head.h -- what is taken of a FastCGI request's parameters, and nothing else

#pragma once

#include <optional>

#include "fcgi/connection.h"
#include "http/request.h"

namespace latchkey::fcgi {

// REQUIRES: exchange.ok(). The request without its body. nullopt: a parameter that must be there is not,
// or the peer is no address, so that a head which was cut short (the library does not say) is never
// taken for a whole one.
std::optional<http::Request> ReadHead(const Exchange& exchange);

}  // namespace latchkey::fcgi
