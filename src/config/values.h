// values.h -- the forms a value may have
//
// A Type says what a key takes: its name for the manual, and what is wrong with a given value. All
// checks here look at the value alone; what two keys mean together is in config.cc.

#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "config/config.h"
#include "config/toml.h"

namespace latchkey::config {

struct Type {
  std::string name;
  // "problem; cure", or empty if the value will do.
  std::function<std::string(const Value&)> problem;
};

// A proxy that comes by a unix socket, in a list of networks.
inline constexpr std::string_view kUnixProxy = "unix:";

Type Boolean();
Type Integer(int64_t least, int64_t most);
Type Number(double least, double most);
Type Text();
Type Choice(std::initializer_list<std::string_view> choices);
// "10s", "10m", "24h".
Type Duration(std::chrono::seconds least, std::chrono::seconds most);
// "5/minute", "20/90s". N is 1 to 255.
Type LimitText();
// The same with N up to 1,000,000,000.
Type CeilingText();
// An absolute path; a unix socket's is at most 107 bytes. Empty: none.
Type Path();
Type PathList();
Type SocketPath();
// Networks, and "unix:".
Type ProxyList();
Type NetworkList();
// Octal permissions as text, "0660".
Type Mode();
// Of a table, column or schema.
Type Identifier();
// The same, or empty: none.
Type OptionalIdentifier();
// Of a preset: small letters, digits and hyphens. Empty: none.
Type PresetName();
// "6.8.1". Empty: none.
Type Version();
// "column" or "table.column". Empty: none.
Type OptionalColumn();
// One such, or a list of them.
Type Columns();
// A list, each perhaps with the versions it is for in front: see AppliesTo.
Type TextList();
// The same, or a single text.
Type TextOrList();
// Of a user of this machine or of the database.
Type UserName();
// A host's name or address. Empty: none.
Type Host();
// See ParseBaseUrl. Empty is refused.
Type BaseUrl();
// A page of the site. Empty: none.
Type PageUrl();
Type MailAddress();
Type OptionalMailAddress();

// "1.10" is after "1.9". Both in the form that Version takes; the empty one is before all others.
bool IsVersionBefore(std::string_view a, std::string_view b);
// What is left of "6.8+: text" or "<6.8: text" if it is for `version`, or the whole of a text without
// such a beginning; nullopt: not for this version.
std::optional<std::string> AppliesTo(std::string_view text, std::string_view version);

std::optional<std::chrono::seconds> ParseDuration(std::string_view text);
// A window of at most 24 days, of what ratelimit.h can count.
std::optional<Limit> ParseLimit(std::string_view text, uint32_t most);
std::optional<unsigned> ParseMode(std::string_view text);

inline constexpr uint32_t kMostOfLimit = 255;
inline constexpr uint32_t kMostOfCeiling = 1'000'000'000;

struct UrlParts {
  bool https;
  std::string host;  // lower case; IPv6 without its brackets
};
// http or https, a host, perhaps a port, perhaps a path; nothing else, and no slash at the end.
std::optional<UrlParts> ParseBaseUrl(std::string_view text);

// 127.0.0.0/8, ::1, localhost: what never leaves this machine.
bool IsLoopback(std::string_view host);

}  // namespace latchkey::config
