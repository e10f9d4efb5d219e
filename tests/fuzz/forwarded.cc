// A list of hops, as visitors and proxies may write it: read to its end, element by element.

#include "fuzz/fuzz.h"
#include "http/forwarded.h"

using namespace latchkey;

FUZZ(forwarded) {
  std::string_view list = input;
  while (!list.empty()) {
    const size_t before = list.size();
    const std::string_view element = http::TakeLastElement(list);
    CHECK(list.size() < before);
    if (const auto node = http::ForOf(element)) (void)http::ParseHop(*node);
    (void)http::ParseHop(element);
  }
  // Nobody is listed: what is said of others changes nothing.
  http::Request request;
  request.x_forwarded_for = request.forwarded = input;
  CHECK(http::PeerOf(request, {}) == http::PeerOf(http::Request(), {}));
}
