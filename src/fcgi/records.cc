#include "fcgi/records.h"

#include <cstddef>

namespace latchkey::fcgi {
namespace {

// FastCGI 1.0, 3.3 and 8: version, type, request (2 bytes), length of the content (2), of the
// padding, 0.
constexpr size_t kHeader = 8;
constexpr unsigned char kStdin = 5;

std::string_view RequestOf(std::string_view record) { return record.substr(2, 2); }

}  // namespace

bool HasWholeRequest(std::string_view bytes) {
  const std::string_view first = bytes;
  while (bytes.size() >= kHeader) {
    const auto at = [bytes](size_t place) { return static_cast<unsigned char>(bytes[place]); };
    const size_t content = static_cast<size_t>(at(4)) << 8 | at(5);
    const size_t record = kHeader + content + at(6);
    if (bytes.size() < record) return false;
    if (at(1) == kStdin && content == 0 && RequestOf(bytes) == RequestOf(first)) return true;
    bytes.remove_prefix(record);
  }
  return false;
}

}  // namespace latchkey::fcgi
