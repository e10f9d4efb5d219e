// metrics.h -- numbers for whoever watches over the site, in Prometheus's text format
//
// Counters are 64-bit words in a small file in shared memory: every web process of this machine adds to
// the same ones, so that whichever answers /metrics tells the sum. Each is one lock-free word in a
// cache line of its own, added to and never else written: a process killed anywhere leaves nothing
// behind, and counts outlive it. Which counters there are is the caller's list (src/web/counters.h);
// a list that differs is another file, which begins at 0.

#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "os/mapping.h"

namespace latchkey::metrics {

// One number.
struct Definition {
  std::string_view name;    // "latchkey_limit_refusals_total"; those of one name stand together
  std::string_view labels;  // R"(limit="login")"; empty: none
  std::string_view help;    // one line; the first of one name tells for all
};

enum class Type { kCounter, kGauge };

// Prometheus's text format, version 0.0.4.
class Text {
 public:
  static constexpr std::string_view kContentType = "text/plain; version=0.0.4; charset=utf-8";

  // REQUIRES: what has one name comes one after the other, and is of one type
  void Add(Type type, const Definition& definition, uint64_t value);
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::string name_;  // of the last one
};

class Counters {
 public:
  // Opens the file "<prefix>.<16 hex digits>", or makes it, whoever comes first; the digits follow from
  // the definitions. One that is damaged is replaced. kFixSetup: no room or no right.
  static Result<Counters> Open(const std::string& prefix, std::span<const Definition> definitions);
  // In this process's memory alone. The definitions live longer than any Counters of them.
  explicit Counters(std::span<const Definition> definitions);
  Counters(Counters&&) noexcept = default;

  // Safe from any thread and process; does not block. REQUIRES: index < definitions.size()
  void Add(size_t index, uint64_t amount = 1) const;
  uint64_t Value(size_t index) const;
  // All of them, in the order of the definitions.
  void Write(Text& text) const;

 private:
  struct Header;
  struct alignas(64) Cell {
    std::atomic<uint64_t> value;
  };

  Counters(os::Mapping mapping, std::span<const Definition> definitions);

  std::span<const Definition> definitions_;
  std::optional<os::Mapping> mapping_;
  std::unique_ptr<Cell[]> own_;  // where there is no mapping
  Cell* cells_;
};

}  // namespace latchkey::metrics
