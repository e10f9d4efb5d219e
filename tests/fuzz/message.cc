// A mail from any texts: no header that we did not write, no line that is too long.

#include <algorithm>

#include "fuzz/fuzz.h"
#include "mail/message.h"

using namespace latchkey;

namespace {

void CheckLines(std::string_view mail) {
  while (!mail.empty()) {
    const size_t end = mail.find("\r\n");
    const std::string_view line = mail.substr(0, end);
    CHECK(line.size() <= 998 && line.find_first_of("\r\n") == std::string_view::npos);
    CHECK(line != ".");
    mail.remove_prefix(end == std::string_view::npos ? mail.size() : end + 2);
  }
}

size_t Count(std::string_view text, std::string_view what) {
  size_t count = 0;
  for (size_t at = 0; (at = text.find(what, at)) != std::string_view::npos; ++at) ++count;
  return count;
}

int HexDigit(char c) {
  return static_cast<int>(std::string_view("0123456789ABCDEF").find(c));
}

// RFC 2045 section 6.7, written apart from the encoder.
std::string Decode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      decoded += text[i];
      continue;
    }
    CHECK(i + 2 < text.size());
    if (text.substr(i + 1, 2) != "\r\n") {
      decoded += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
    }
    i += 2;
  }
  return decoded;
}

}  // namespace

FUZZ(message) {
  static const mail::Address from = mail::Address::Parse("a@example.org").value();
  const auto parts = fuzz::Split(input, 4);
  auto to = mail::Address::Parse(parts[0]);
  if (!to.ok()) to = from;
  const auto mail = mail::Compose({.from_name = std::string(parts[1]),
                                   .from = from,
                                   .to = *to,
                                   .subject = std::string(parts[2]),
                                   .message_id = "1@example.org",
                                   .date = {},
                                   .text = std::string(parts[3]),
                                   .html = std::string(parts[3])});
  if (!mail.ok()) return;
  CheckLines(*mail);
  const std::string_view head = std::string_view(*mail).substr(0, mail->find("\r\n\r\n"));
  for (const std::string_view name : {"\r\nTo:", "\r\nSubject:", "\r\nMIME-Version:"}) {
    CHECK(Count("\r\n" + std::string(head), name) == 1);
  }
  for (const std::string_view name : {"\r\nBcc:", "\r\nCc:"}) CHECK(Count(head, name) == 0);
}

FUZZ(quoted_printable) {
  const std::string encoded = mail::EncodeQuotedPrintable(input);
  CheckLines(encoded);
  std::string wanted;
  for (size_t i = 0; i < input.size(); ++i) {
    if (input[i] == '\r' && i + 1 < input.size() && input[i + 1] == '\n') continue;
    const bool is_end = input[i] == '\n' || input[i] == '\r';
    wanted += is_end ? "\r\n" : std::string(1, input[i]);
  }
  CHECK(Decode(encoded) == wanted);
}
