#include "config/values.h"

#include <algorithm>

#include "base/ip.h"
#include "base/text.h"

namespace latchkey::config {
namespace {

using std::chrono::seconds;

constexpr size_t kMaxTextBytes = 1024;
constexpr size_t kMaxIdentifierBytes = 64;

bool IsLetterOrDigit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

bool ConsistsOf(std::string_view text, std::string_view others) {
  return std::all_of(text.begin(), text.end(), [others](char c) {
    return IsLetterOrDigit(c) || others.find(c) != std::string_view::npos;
  });
}

std::string WrongType(const Value& value, std::string_view wanted) {
  constexpr std::string_view kNames[] = {"is a date or a list of something else than texts",
                                         "is a table", "is a text", "is an integer",
                                         "is a number with a point", "is true or false",
                                         "is a list"};
  return std::string(kNames[value.index()]) + "; it takes " + std::string(wanted);
}

// A type whose value is a text that `problem` judges.
Type TextType(std::string name, std::function<std::string(const std::string&)> problem) {
  return {name, [name, problem](const Value& value) -> std::string {
            const auto* text = std::get_if<std::string>(&value);
            if (text == nullptr) return WrongType(value, name + " in quotes");
            if (HasControls(*text)) return "holds a control character; remove it";
            if (text->size() > kMaxTextBytes) return "is too long; it takes at most 1024 bytes";
            return problem(*text);
          }};
}

// A text that must be in a form, or may be empty if the form says so.
Type Form(std::string name, std::string cure, std::function<bool(const std::string&)> fits) {
  return TextType(std::move(name), [cure, fits](const std::string& text) -> std::string {
    if (fits(text)) return "";
    if (text.empty()) return "is empty; " + cure;
    return "\"" + text + "\" will not do; " + cure;
  });
}

std::string WriteDuration(seconds duration) {
  const auto count = duration.count();
  if (count > 86400 && count % 86400 == 0) return std::to_string(count / 86400) + "d";
  if (count != 0 && count % 3600 == 0) return std::to_string(count / 3600) + "h";
  if (count != 0 && count % 60 == 0) return std::to_string(count / 60) + "m";
  return std::to_string(count) + "s";
}

bool IsIdentifier(std::string_view text) {
  return !text.empty() && text.size() <= kMaxIdentifierBytes && ConsistsOf(text, "_$");
}

bool IsColumn(std::string_view text) {
  const auto parts = Split(text, '.');
  return parts.size() <= 2 && std::all_of(parts.begin(), parts.end(), IsIdentifier);
}

bool IsVersion(std::string_view text) {
  if (text.size() > 20) return false;
  const auto parts = Split(text, '.');
  return std::all_of(parts.begin(), parts.end(), [](std::string_view part) {
    return ParseUnsigned(part).has_value();
  });
}

// The texts of a list, or the one text; none of any other value.
std::optional<Texts> TextsOf(const Value& value) {
  if (const auto* text = std::get_if<std::string>(&value)) return Texts{*text};
  if (const auto* texts = std::get_if<Texts>(&value)) return *texts;
  return std::nullopt;
}

// What is wrong with a text of a list.
std::string ProblemOfText(const std::string& text) {
  if (text.empty()) return "holds an empty text; remove it";
  if (HasControls(text)) return "holds a control character; remove it";
  if (text.size() > kMaxTextBytes) return "holds a text that is too long; 1024 bytes are the most";
  return IsValidUtf8(text) ? "" : "is not UTF-8; save the file as UTF-8";
}

bool IsAbsolute(std::string_view path) { return path.starts_with('/'); }

// A host's name or an IPv4 address: labels of letters, digits and hyphens.
// What ends in a number is an address to browsers and to the resolver: 127.1 is 127.0.0.1.
bool IsHostName(std::string_view host) {
  if (host.empty() || host.size() > 253) return false;
  const auto labels = Split(host, '.');
  if (ParseUnsigned(labels.back()) && !IpAddress::Parse(host)) return false;
  return std::all_of(labels.begin(), labels.end(), [](std::string_view label) {
    return !label.empty() && label.size() <= 63 && ConsistsOf(label, "-_") &&
           label.front() != '-' && label.back() != '-';
  });
}

bool IsIpv6(std::string_view text) {
  return text.find(':') != std::string_view::npos && IpAddress::Parse(text).has_value();
}

// Takes "host", "host:port", "[v6]" or "[v6]:port" from the front of `rest`.
std::optional<std::string> TakeHost(std::string_view& rest) {
  std::string_view authority = rest.substr(0, rest.find('/'));
  rest.remove_prefix(authority.size());
  std::string_view host;
  if (authority.starts_with('[')) {
    const size_t end = authority.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    host = authority.substr(1, end - 1);
    if (!IsIpv6(host)) return std::nullopt;
    authority.remove_prefix(end + 1);
  } else {
    host = authority.substr(0, authority.find(':'));
    if (!IsHostName(host)) return std::nullopt;
    authority.remove_prefix(host.size());
  }
  if (authority.empty()) return AsciiLower(host);
  const std::string_view digits = authority.substr(1);
  const auto port = ParseUnsigned(digits);
  if (authority.front() != ':' || !port || *port > 65535 || digits.front() == '0') {
    return std::nullopt;
  }
  return AsciiLower(host);
}

bool TakePrefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

bool IsPageUrl(std::string_view text) {
  if (!TakePrefix(text, "https://") && !TakePrefix(text, "http://")) return false;
  return TakeHost(text) && ConsistsOf(text, "/._~!$&'()*+,;=:@%?-") && !text.starts_with("//");
}

// Letters beyond ASCII are the program's to judge that sends to them: here each byte stands for one.
bool IsMailAddress(std::string_view text) {
  const size_t at = text.find('@');
  std::string domain(text.substr(at + 1));
  std::replace_if(domain.begin(), domain.end(), [](char c) { return (c & 0x80) != 0; }, 'x');
  return at != std::string_view::npos && at > 0 && text.size() <= 254 && IsHostName(domain) &&
         text.find_first_of(" <>,;\"\\()[]") == std::string_view::npos;
}

}  // namespace

Type Boolean() {
  return {"true or false", [](const Value& value) -> std::string {
            return std::holds_alternative<bool>(value) ? "" : WrongType(value, "true or false");
          }};
}

Type Integer(int64_t least, int64_t most) {
  const std::string range = std::to_string(least) + " to " + std::to_string(most);
  return {"integer, " + range, [=](const Value& value) -> std::string {
            const auto* integer = std::get_if<int64_t>(&value);
            if (integer == nullptr) return WrongType(value, "an integer, without quotes");
            if (*integer >= least && *integer <= most) return "";
            return std::to_string(*integer) + " is out of range; it takes " + range;
          }};
}

Type Number(double least, double most) {
  const std::string range = std::to_string(static_cast<int>(least)) + " to " +
                            std::to_string(static_cast<int>(most));
  return {"number, " + range, [=](const Value& value) -> std::string {
            double number = 0;
            if (const auto* integer = std::get_if<int64_t>(&value)) {
              number = static_cast<double>(*integer);
            } else if (const auto* point = std::get_if<double>(&value)) {
              number = *point;
            } else {
              return WrongType(value, "a number, without quotes");
            }
            // Written so that NaN is refused.
            if (number >= least && number <= most) return "";
            return "is out of range; it takes " + range;
          }};
}

Type Text() {
  return TextType("text", [](const std::string& text) -> std::string {
    return IsValidUtf8(text) ? "" : "is not UTF-8; save the file as UTF-8";
  });
}

Type Choice(std::initializer_list<std::string_view> choices) {
  std::string names;
  for (const std::string_view choice : choices) {
    names += (names.empty() ? "\"" : " or \"") + std::string(choice) + "\"";
  }
  const std::vector<std::string> allowed(choices.begin(), choices.end());
  return Form(names, "it takes " + names, [allowed](const std::string& text) {
    return std::find(allowed.begin(), allowed.end(), text) != allowed.end();
  });
}

Type Duration(seconds least, seconds most) {
  const std::string range = WriteDuration(least) + " to " + WriteDuration(most);
  return Form("duration, " + range, "it takes a duration of " + range + ", like \"90s\" or \"10m\"",
              [=](const std::string& text) {
                const auto duration = ParseDuration(text);
                return duration && *duration >= least && *duration <= most;
              });
}

namespace {

Type Rate(std::string name, uint32_t most) {
  return Form(std::move(name),
              "it takes \"N/second\", N/minute, N/hour, N/day or a window like \"N/90s\" of at most "
              "24 days, with N from 1 to " + std::to_string(most),
              [most](const std::string& text) { return ParseLimit(text, most).has_value(); });
}

}  // namespace

Type LimitText() { return Rate("limit", kMostOfLimit); }

Type CeilingText() { return Rate("ceiling", kMostOfCeiling); }

Type Path() {
  // Not quoted in the error: it may be a password that was meant for the file.
  return TextType("path", [](const std::string& text) -> std::string {
    if (text.empty() || IsAbsolute(text)) return "";
    return "is no absolute path; it takes one that begins with /";
  });
}

Type PathList() {
  return {"list of paths", [](const Value& value) -> std::string {
            // An empty list has no element type, so it comes as an empty list of texts.
            const auto* paths = std::get_if<Texts>(&value);
            if (paths == nullptr) return WrongType(value, "a list of paths, [\"/a\", \"/b\"]");
            if (paths->empty()) return "is empty; it takes at least one path";
            const bool good = std::all_of(paths->begin(), paths->end(), [](const auto& path) {
              return IsAbsolute(path) && !HasControls(path);
            });
            return good ? "" : "holds a path that will not do; it takes absolute paths";
          }};
}

namespace {

Type Networks(std::string_view other) {
  return {"list of networks", [other](const Value& value) -> std::string {
            const auto* networks = std::get_if<Texts>(&value);
            if (networks == nullptr) return WrongType(value, "a list of networks, [\"10.0.0.0/8\"]");
            for (const std::string& network : *networks) {
              if ((!other.empty() && network == other) || Network::Parse(network)) continue;
              return "\"" + EscapeControls(network.substr(0, 60)) + "\" will not do; it takes an "
                     "address, a network like \"10.0.0.0/8\" without a bit beyond its prefix" +
                     (other.empty() ? "" : ", or \"" + std::string(other) + "\"");
            }
            return "";
          }};
}

}  // namespace

Type ProxyList() { return Networks(kUnixProxy); }

Type NetworkList() { return Networks({}); }

Type SocketPath() {
  // sockaddr_un.sun_path holds 108 bytes with the NUL.
  return Form("path", "it takes an absolute path of at most 107 bytes",
              [](const std::string& text) { return IsAbsolute(text) && text.size() <= 107; });
}

Type Mode() {
  return Form("permissions", "it takes permissions in octal as a text, like \"0660\"",
              [](const std::string& text) { return ParseMode(text).has_value(); });
}

Type Identifier() {
  return Form("name", "it takes 1 to 64 letters, digits, _ and $",
              [](const std::string& text) { return IsIdentifier(text); });
}

Type OptionalIdentifier() {
  return Form("name", "it takes up to 64 letters, digits, _ and $",
              [](const std::string& text) { return text.empty() || IsIdentifier(text); });
}

Type PresetName() {
  return Form("name", "it takes the name of a preset, like \"wordpress\"",
              [](const std::string& text) {
                return text.size() <= 32 && text == AsciiLower(text) && ConsistsOf(text, "-");
              });
}

Type Version() {
  return Form("version", "it takes numbers with dots between them, like \"6.8.1\"",
              [](const std::string& text) { return text.empty() || IsVersion(text); });
}

Type OptionalColumn() {
  return Form("column", "it takes \"column\" or \"table.column\"",
              [](const std::string& text) { return text.empty() || IsColumn(text); });
}

Type Columns() {
  return {"column or list of columns", [](const Value& value) -> std::string {
            const auto columns = TextsOf(value);
            if (!columns) return WrongType(value, "a column or a list of them, [\"email\"]");
            if (columns->empty()) return "is empty; it takes at least one column";
            for (const std::string& column : *columns) {
              if (IsColumn(column)) continue;
              return "\"" + EscapeControls(column.substr(0, 80)) +
                     "\" will not do; it takes \"column\" or \"table.column\"";
            }
            return "";
          }};
}

namespace {

std::string ProblemOfTexts(const std::optional<Texts>& texts) {
  for (const std::string& text : *texts) {
    const std::string problem = ProblemOfText(text);
    if (!problem.empty()) return problem;
  }
  return "";
}

}  // namespace

Type TextList() {
  return {"list of texts", [](const Value& value) -> std::string {
            const bool is_list = std::holds_alternative<Texts>(value);
            return is_list ? ProblemOfTexts(TextsOf(value)) : WrongType(value, "a list of texts");
          }};
}

Type TextOrList() {
  return {"text or list of texts", [](const Value& value) -> std::string {
            const auto texts = TextsOf(value);
            return texts ? ProblemOfTexts(texts) : WrongType(value, "a text or a list of texts");
          }};
}

Type UserName() {
  return Form("name", "it takes 1 to 32 letters, digits, _, - and .", [](const std::string& text) {
    return !text.empty() && text.size() <= 32 && ConsistsOf(text, "_-.");
  });
}

Type Host() {
  return Form("host", "it takes a host's name or address without port or brackets",
              [](const std::string& text) {
                return text.empty() || IsHostName(text) || IsIpv6(text);
              });
}

namespace {

constexpr size_t kLongestBaseUrl = 512;  // of what a token can name

// Links are signed for this very text and the Origin of a form is compared with it.
std::string_view OriginOf(std::string_view url) {
  return url.substr(0, url.find('/', url.find("://") + 3));
}

std::string CanonicalOrigin(std::string_view url, const UrlParts& parts) {
  std::string origin = AsciiLower(OriginOf(url));
  const std::string_view default_port = parts.https ? ":443" : ":80";
  if (origin.ends_with(default_port)) origin.resize(origin.size() - default_port.size());
  const size_t bracket = origin.find('[');
  if (bracket != std::string::npos) {
    const IpAddress address = *IpAddress::Parse(parts.host);
    const std::string text = address.ToString();
    origin.replace(bracket, parts.host.size() + 2, address.is_v4() ? text : "[" + text + "]");
  }
  return origin;
}

}  // namespace

Type BaseUrl() {
  return TextType("URL", [](const std::string& text) -> std::string {
    const auto parts = ParseBaseUrl(text);
    if (!parts) {
      return "\"" + text + "\" will not do; it takes https://host or https://host/path, without "
             "query, fragment, user or a slash at the end";
    }
    if (text.size() > kLongestBaseUrl) return "is longer than 512 characters; choose a shorter path";
    const std::string canonical = CanonicalOrigin(text, *parts);
    if (OriginOf(text) != canonical) {
      return "\"" + text + "\" is not how browsers write it; begin it with " + canonical;
    }
    if (parts->https || IsLoopback(parts->host)) return "";
    return "http would send passwords in the clear; use https (http is for loopback hosts only)";
  });
}

Type PageUrl() {
  return Form("URL", "it takes a whole URL, like https://www.example.org/login",
              [](const std::string& text) { return text.empty() || IsPageUrl(text); });
}

Type MailAddress() {
  return Form("address", "it takes an address like no-reply@example.org", IsMailAddress);
}

Type OptionalMailAddress() {
  return Form("address", "it takes an address like bounces@example.org", [](const std::string& text) {
    return text.empty() || IsMailAddress(text);
  });
}

bool IsVersionBefore(std::string_view a, std::string_view b) {
  const auto numbers = [](std::string_view version) {
    std::vector<uint64_t> parts;
    for (const std::string_view part : Split(version, '.')) {
      parts.push_back(ParseUnsigned(part).value_or(0));
    }
    return parts;
  };
  return numbers(a) < numbers(b);
}

std::optional<std::string> AppliesTo(std::string_view text, std::string_view version) {
  const size_t colon = text.find(": ");
  const std::string_view head = text.substr(0, colon);
  const bool before = head.starts_with('<');
  const std::string_view bound =
      before ? head.substr(1) : head.substr(0, head.empty() ? 0 : head.size() - 1);
  const bool is_range = colon != std::string_view::npos && (before || head.ends_with('+')) &&
                        IsVersion(bound);
  if (!is_range) return std::string(text);
  if (IsVersionBefore(version, bound) != before) return std::nullopt;
  return std::string(text.substr(colon + 2));
}

std::optional<seconds> ParseDuration(std::string_view text) {
  if (text.size() < 2 || text.size() > 10) return std::nullopt;
  const auto count = ParseUnsigned(text.substr(0, text.size() - 1));
  if (!count) return std::nullopt;
  switch (text.back()) {
    case 's': return seconds(*count);
    case 'm': return std::chrono::minutes(*count);
    case 'h': return std::chrono::hours(*count);
    case 'd': return std::chrono::days(*count);
    default: return std::nullopt;
  }
}

std::optional<Limit> ParseLimit(std::string_view text, uint32_t most) {
  constexpr seconds kLongestWindow = std::chrono::days(24);
  const auto parts = Split(text, '/');
  if (parts.size() != 2) return std::nullopt;
  const auto count = ParseUnsigned(parts[0]);
  if (!count || *count < 1 || *count > most) return std::nullopt;
  struct Unit {
    std::string_view name;
    seconds window;
  };
  constexpr Unit kUnits[] = {{"second", seconds(1)},
                             {"minute", seconds(60)},
                             {"hour", seconds(3600)},
                             {"day", seconds(86400)}};
  for (const Unit& unit : kUnits) {
    if (unit.name == parts[1]) return Limit{static_cast<uint32_t>(*count), unit.window};
  }
  const auto window = ParseDuration(parts[1]);
  if (!window || *window < seconds(1) || *window > kLongestWindow) return std::nullopt;
  return Limit{static_cast<uint32_t>(*count), *window};
}

std::optional<unsigned> ParseMode(std::string_view text) {
  if (text.size() < 3 || text.size() > 4) return std::nullopt;
  unsigned mode = 0;
  for (const char c : text) {
    if (c < '0' || c > '7') return std::nullopt;
    mode = mode * 8 + static_cast<unsigned>(c - '0');
  }
  if (mode > 0777) return std::nullopt;
  return mode;
}

std::optional<UrlParts> ParseBaseUrl(std::string_view text) {
  UrlParts parts{};
  parts.https = TakePrefix(text, "https://");
  if (!parts.https && !TakePrefix(text, "http://")) return std::nullopt;
  auto host = TakeHost(text);
  if (!host) return std::nullopt;
  if (!ConsistsOf(text, "/._~-") || text.ends_with('/')) return std::nullopt;
  if (text.find("//") != std::string_view::npos) return std::nullopt;
  parts.host = std::move(*host);
  return parts;
}

bool IsLoopback(std::string_view host) {
  if (EqualsIgnoringAsciiCase(host, "localhost")) return true;
  const auto address = IpAddress::Parse(host);
  if (!address) return false;
  return address->is_v4() ? address->bytes()[0] == 127 : *address == *IpAddress::Parse("::1");
}

}  // namespace latchkey::config
