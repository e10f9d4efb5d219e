// web_server.h -- what a web server writes, byte by byte as FastCGI 1.0 has it

#pragma once

#include <string>

namespace latchkey::fcgi {

enum Type { kBegin = 1, kEnd = 3, kParams = 4, kStdin = 5, kStdout = 6 };

inline std::string Record(Type type, const std::string& content) {
  std::string record = {1, static_cast<char>(type), 0, 1};
  record += static_cast<char>(content.size() >> 8);
  record += static_cast<char>(content.size() & 0xff);
  record += std::string(2, '\0');
  return record + content;
}

inline std::string Pair(const std::string& name, const std::string& value) {
  return std::string{static_cast<char>(name.size()), static_cast<char>(value.size())} + name + value;
}

// keep: asks for the connection to stay open.
inline std::string HeadOf(bool keep, const std::string& parameters) {
  const std::string begin = {0, 1, static_cast<char>(keep ? 1 : 0), 0, 0, 0, 0, 0};
  return Record(kBegin, begin) + Record(kParams, parameters) + Record(kParams, "");
}

}  // namespace latchkey::fcgi
