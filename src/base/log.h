// log.h -- one line an event, for a person with grep
//
//   2026-05-04T10:11:12.345Z info latchkey-web reset_asked peer=192.0.2.7 note=5f2c
//
// An event is named <object>_<verb>. Values are escaped, so a line stays a line and a value one word.
// Never a token, a password, a session or a whole address: the peer, the account's id and Shorten()
// (text.h) are what a value may say of a person. Safe from any thread.

#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace latchkey::log {

enum class Level { kDebug, kInfo, kWarning, kError, kNone };
enum class Target { kStderr, kSyslog };

// Once, in main, before threads. Before it, lines go to stderr from kInfo up.
void Start(std::string_view program, Target target, Level lowest);

struct Field {
  Field(std::string_view key, std::string_view text) : name(key), value(text) {}
  Field(std::string_view key, const std::string& text) : name(key), value(text) {}
  Field(std::string_view key, const char* text) : name(key), value(text) {}
  template <typename Number>
  Field(std::string_view key, Number number) : name(key), value(std::to_string(number)) {}

  std::string_view name;
  std::string value;
};
using Fields = std::initializer_list<Field>;

void Debug(std::string_view event, Fields fields = {});
void Info(std::string_view event, Fields fields = {});
void Warning(std::string_view event, Fields fields = {});
void Error(std::string_view event, Fields fields = {});

// The text after the event's name, as it is written: for tests.
std::string Format(std::string_view event, Fields fields);

}  // namespace latchkey::log
