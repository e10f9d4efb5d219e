#include "mail/message.h"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "base/text.h"

namespace latchkey::mail {
namespace {

constexpr size_t kLongestLine = 76;         // RFC 2045 section 6.7 (5), RFC 2047 section 2
constexpr size_t kLongestEncodedWord = 75;  // RFC 2047 section 2
constexpr std::string_view kWordStart = "=?utf-8?Q?";
constexpr std::string_view kWordEnd = "?=";

void AppendHex(std::string& out, char byte) {
  constexpr std::string_view kHex = "0123456789ABCDEF";
  const auto value = static_cast<unsigned char>(byte);
  out += '=';
  out += kHex[value >> 4];
  out += kHex[value & 15];
}

bool IsPrintableAscii(char c) { return c >= ' ' && c <= '~'; }

bool IsAlphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Bytes of the code point at the front. REQUIRES: text is valid UTF-8 and not empty
size_t CodePointSize(std::string_view text) {
  const auto first = static_cast<unsigned char>(text.front());
  return first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
}

// One line to every reader: no controls, nor those of U+0080 up or the line ends that Unicode adds
// (some parsers cut a header there).
bool IsHeaderText(std::string_view text) {
  if (!IsValidUtf8(text) || HasControls(text)) return false;
  for (size_t i = 0; i + 1 < text.size(); ++i) {
    const auto second = static_cast<unsigned char>(text[i + 1]);
    if (text[i] == '\xc2' && second < 0xa0) return false;
  }
  return text.find("\u2028") == std::string_view::npos &&
         text.find("\u2029") == std::string_view::npos;
}

// What stands as it is in an encoded word anywhere, a display name included (RFC 2047 section 5
// (3)).
std::string EncodeForWord(std::string_view code_point) {
  std::string encoded;
  for (const char c : code_point) {
    if (c == ' ') {
      encoded += '_';
    } else if (IsAlphanumeric(c) || c == '-') {
      encoded += c;
    } else {
      AppendHex(encoded, c);
    }
  }
  return encoded;
}

// RFC 2047 words, folded; the first line has `used` characters already.
std::string EncodeWords(std::string_view text, size_t used) {
  std::string words(kWordStart);
  size_t room =
      std::min(kLongestEncodedWord, kLongestLine - used) - kWordStart.size() - kWordEnd.size();
  while (!text.empty()) {
    const size_t size = CodePointSize(text);
    const std::string encoded = EncodeForWord(text.substr(0, size));
    text.remove_prefix(size);
    if (encoded.size() > room) {
      words.append(kWordEnd).append("\r\n ").append(kWordStart);
      room = kLongestEncodedWord - kWordStart.size() - kWordEnd.size();
    }
    words += encoded;
    room -= encoded.size();
  }
  return words.append(kWordEnd);
}

// As it is only if no reader can take it for something else.
bool IsPlain(std::string_view text, size_t used) {
  return used + text.size() <= kLongestLine && !text.empty() && text.front() != ' ' &&
         text.back() != ' ' && text.find("=?") == std::string_view::npos &&
         std::all_of(text.begin(), text.end(), IsPrintableAscii);
}

std::string Quote(std::string_view text) {
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted += '"';
}

std::string FromHeader(const Message& message) {
  constexpr std::string_view kName = "From: ";
  const std::string& name = message.from_name;
  std::string header(kName);
  if (name.empty()) return header + message.from.text();
  const std::string quoted = Quote(name);
  header += IsPlain(quoted, kName.size()) ? quoted : EncodeWords(name, kName.size());
  const std::string address = "<" + message.from.text() + ">";
  const size_t line_start = header.rfind('\n') + 1;  // 0 if there is none
  const bool fits = header.size() - line_start + 1 + address.size() <= kLongestLine;
  return header + (fits ? " " : "\r\n ") + address;
}

std::string SubjectHeader(std::string_view subject) {
  constexpr std::string_view kName = "Subject: ";
  return std::string(kName) + (IsPlain(subject, kName.size()) ? std::string(subject)
                                                              : EncodeWords(subject, kName.size()));
}

std::string TwoDigits(unsigned value) {
  return {static_cast<char>('0' + value / 10), static_cast<char>('0' + value % 10)};
}

// RFC 5322 section 3.3.
std::string DateHeader(std::chrono::sys_seconds when) {
  constexpr std::array kDays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss time{when - day};
  const auto two = [](auto count) { return TwoDigits(static_cast<unsigned>(count)); };
  return std::string("Date: ") + kDays[std::chrono::weekday{day}.c_encoding()] + ", " +
         two(static_cast<unsigned>(date.day())) + " " +
         kMonths[static_cast<unsigned>(date.month()) - 1] + " " +
         std::to_string(static_cast<int>(date.year())) + " " + two(time.hours().count()) + ":" +
         two(time.minutes().count()) + ":" + two(time.seconds().count()) + " +0000";
}

bool IsMessageId(std::string_view id) {
  const auto unsafe = [](char c) {
    return !IsPrintableAscii(c) ||
           std::string_view(" <>\"\\()[]:;,").find(c) != std::string_view::npos;
  };
  const size_t at = id.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < id.size() && at == id.rfind('@') &&
         id.size() <= 250 && std::none_of(id.begin(), id.end(), unsafe);
}

// Quoted-printable holds no "=_", so no line of a part can be the boundary.
std::string Boundary(std::string_view message_id) {
  std::string boundary = "=_";
  for (const char c : message_id) {
    if (IsAlphanumeric(c) && boundary.size() < 40) boundary += c;
  }
  return boundary;
}

std::string Part(const std::string& boundary, std::string_view type, std::string_view body) {
  return "--" + boundary + "\r\nContent-Type: " + std::string(type) +
         "; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
         EncodeQuotedPrintable(body) + "\r\n";
}

std::optional<std::string> Fault(const Message& message) {
  if (!IsHeaderText(message.from_name)) return "the sender's name";
  if (!IsHeaderText(message.subject)) return "the subject";
  if (!IsMessageId(message.message_id)) return "the Message-ID";
  if (!IsValidUtf8(message.text)) return "the text";
  if (!IsValidUtf8(message.html)) return "the HTML";
  return std::nullopt;
}

// Of the first byte of what is left of a line.
bool MustEncode(std::string_view rest, size_t column) {
  const char c = rest.front();
  if (c == ' ' || c == '\t') return rest.size() == 1;
  if (c == '=' || !IsPrintableAscii(c)) return true;
  // A relay's dot-stuffing and an mbox's ">From" begin at the start of a line on the wire.
  return column == 0 && (c == '.' || rest.starts_with("From "));
}

// One line of text, without its end.
void AppendEncodedLine(std::string& out, std::string_view rest) {
  size_t column = 0;
  while (!rest.empty()) {
    const size_t room = kLongestLine - (rest.size() == 1 ? 0 : 1);
    if (column + (MustEncode(rest, column) ? 3 : 1) > room) {
      out += "=\r\n";
      column = 0;
    }
    size_t taken = 1;
    if (MustEncode(rest, column)) {
      AppendHex(out, rest.front());
      column += 3;
    } else {
      // With all that stands as it is anywhere within a line.
      while (taken + 1 < rest.size() && column + taken < kLongestLine - 1 &&
             IsPrintableAscii(rest[taken]) && rest[taken] != '=') {
        ++taken;
      }
      out += rest.substr(0, taken);
      column += taken;
    }
    rest.remove_prefix(taken);
  }
}

size_t FirstLineSize(std::string_view text) {
  const auto is_end = [](char c) { return c == '\r' || c == '\n'; };
  return static_cast<size_t>(std::find_if(text.begin(), text.end(), is_end) - text.begin());
}

}  // namespace

std::string EncodeQuotedPrintable(std::string_view text) {
  std::string encoded;
  encoded.reserve(text.size() + text.size() / 8);
  while (true) {
    const size_t end = FirstLineSize(text);
    AppendEncodedLine(encoded, text.substr(0, end));
    if (end == text.size()) return encoded;
    encoded += "\r\n";
    text.remove_prefix(end + (text.substr(end).starts_with("\r\n") ? 2 : 1));
  }
}

Result<std::string> Compose(const Message& message) {
  if (const auto fault = Fault(message)) {
    return Error{Next::kFixInput, *fault + " holds what may not stand in a mail"};
  }
  const std::string boundary = Boundary(message.message_id);
  std::string mail;
  const auto line = [&mail](const std::string& text) { mail.append(text).append("\r\n"); };
  line(FromHeader(message));
  line("To: " + message.to.text());
  line(SubjectHeader(message.subject));
  line(DateHeader(message.date));
  line("Message-ID: <" + message.message_id + ">");
  line("Auto-Submitted: auto-generated");
  line("X-Auto-Response-Suppress: All");
  line("MIME-Version: 1.0");
  line("Content-Type: multipart/alternative;\r\n boundary=\"" + boundary + "\"");
  line("");
  mail += Part(boundary, "text/plain", message.text);
  mail += Part(boundary, "text/html", message.html);
  line("--" + boundary + "--");
  return mail;
}

}  // namespace latchkey::mail
