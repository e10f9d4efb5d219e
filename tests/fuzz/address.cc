// What is taken for an address has one @, a dotted domain, and nothing a relay reads in two ways.

#include "fuzz/fuzz.h"
#include "mail/address.h"

using namespace latchkey;

FUZZ(address) {
  const auto address = mail::Address::Parse(input);
  if (!address.ok()) return;
  CHECK(address->text() == input && input.size() <= 254);
  CHECK(input.find('@') == input.rfind('@') && input.find('@') != 0);
  CHECK(address->domain().find('.') != std::string_view::npos);
  for (const char c : input) {
    CHECK(static_cast<unsigned char>(c) > ' ' && c != 0x7f);
    CHECK(std::string_view("\"(),:;<>[]\\%!").find(c) == std::string_view::npos);
  }
}
