// message.h -- one mail as bytes for the wire
//
// multipart/alternative, text then HTML, each quoted-printable (so no line begins with a dot that a
// relay could misread and none is over 76 characters), CRLF throughout. A value with a control
// character is refused here, whoever checked it before.

#pragma once

#include <chrono>
#include <string>

#include "base/result.h"
#include "mail/address.h"

namespace latchkey::mail {

struct Message {
  std::string from_name;  // UTF-8, may be empty; encoded by RFC 2047 where it must be
  Address from;
  Address to;
  std::string subject;    // UTF-8, one line
  std::string message_id; // "local@domain", without angle brackets
  std::chrono::sys_seconds date;
  std::string text;       // UTF-8, LF or CRLF
  std::string html;
};

// Also adds MIME-Version, Auto-Submitted: auto-generated (RFC 3834), X-Auto-Response-Suppress: All.
// The same message gives the same bytes (the boundary follows from message_id). kFixInput for a
// control character in a header or text that is not UTF-8.
Result<std::string> Compose(const Message& message);

// RFC 2045 section 6.7 of text with any line ends; soft breaks at 76. CRLF at line ends.
std::string EncodeQuotedPrintable(std::string_view text);

}  // namespace latchkey::mail
