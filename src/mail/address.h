// address.h -- a mail address we are willing to send to
//
// Stricter than RFC 5321 on purpose: what a relay might read in two ways is refused. local@domain;
// local is a dot-atom (no quoted strings, no % or !) of at most 64 bytes, or UTF-8 letters (RFC
// 6531); domain is letters, digits, hyphens and dots, or UTF-8 labels, at least two labels, no
// address literal; 254 bytes in all. No controls, blanks, commas, semicolons, angle brackets,
// U+2028/2029 or other invisible characters, and no compatibility forms such as full-width letters.

#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace latchkey::mail {

class Address {
 public:
  // kFixInput with a reason that does not quote the text. No trimming: the caller trims.
  static Result<Address> Parse(std::string_view text);

  const std::string& text() const { return text_; }
  std::string_view domain() const;
  bool is_ascii() const;
  // The same with its domain as DNS has it (IDNA 2008: "xn--bcher-kva.example"), so that a relay needs no
  // SMTPUTF8 for it. kFixInput for a domain that IDNA does not allow.
  Result<Address> WithAsciiDomain() const;

 private:
  explicit Address(std::string text) : text_(std::move(text)) {}
  std::string text_;
};

}  // namespace latchkey::mail
