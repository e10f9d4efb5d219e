// fuzz.h -- a target for any bytes: FUZZ(name) { ... input ... }
//
// A target aborts (CHECK, a sanitizer) where the code under test breaks its word. `make fuzz` explores
// with libFuzzer (explore.cc); `make check` replays tests/fuzz/corpus/<name>/ (replay.cc).

#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/check.h"

namespace latchkey::fuzz {

using Body = void (*)(std::string_view input);

inline std::map<std::string, Body, std::less<>>& Targets() {
  static std::map<std::string, Body, std::less<>> targets;
  return targets;
}

struct Registration {
  Registration(const char* name, Body body) { Targets().emplace(name, body); }
};

// The parts before each of the first count - 1 line ends, and the rest.
inline std::vector<std::string_view> Split(std::string_view input, size_t count) {
  std::vector<std::string_view> parts;
  while (parts.size() + 1 < count) {
    const size_t end = input.find('\n');
    parts.push_back(input.substr(0, end));
    input.remove_prefix(end == std::string_view::npos ? input.size() : end + 1);
  }
  parts.push_back(input);
  return parts;
}

}  // namespace latchkey::fuzz

#define FUZZ(name)                                                                \
  static void Fuzz_##name(std::string_view input);                                \
  static const latchkey::fuzz::Registration kRegister_##name(#name, Fuzz_##name); \
  static void Fuzz_##name(std::string_view input)
