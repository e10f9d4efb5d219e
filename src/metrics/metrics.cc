#include "metrics/metrics.h"

#include <array>
#include <cstring>

#include "base/check.h"

namespace latchkey::metrics {

static_assert(std::atomic<uint64_t>::is_always_lock_free);

// At the front of the file; written once, before the file has a name.
struct Counters::Header {
  std::array<char, 8> magic;
  uint64_t digest;
  std::array<char, 48> unused;
};

namespace {

constexpr std::array<char, 8> kMagic = {'L', 'K', 'C', 'O', 'U', 'N', 'T', '1'};

// FNV-1a of what the cells mean, in their order. Nobody has an interest in making two lists collide.
uint64_t DigestOf(std::span<const Definition> definitions) {
  uint64_t digest = 0xcbf29ce484222325;
  const auto mix = [&digest](std::string_view text) {
    for (const char c : text) digest = (digest ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    digest *= 0x100000001b3;
  };
  for (const Definition& one : definitions) {
    mix(one.name);
    mix(one.labels);
  }
  return digest;
}

std::string Hex(uint64_t number) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (int shift = 60; shift >= 0; shift -= 4) text += kDigits[(number >> shift) & 15];
  return text;
}

}  // namespace

void Text::Add(Type type, const Definition& definition, uint64_t value) {
  const std::string name(definition.name);
  if (definition.name != name_) {
    text_ += "# HELP " + name + " " + std::string(definition.help) + "\n";
    text_ += "# TYPE " + name + (type == Type::kCounter ? " counter\n" : " gauge\n");
    name_ = name;
  }
  text_ += name;
  if (!definition.labels.empty()) text_ += "{" + std::string(definition.labels) + "}";
  text_ += " " + std::to_string(value) + "\n";
}

Result<Counters> Counters::Open(const std::string& prefix,
                                std::span<const Definition> definitions) {
  static_assert(sizeof(Header) == sizeof(Cell));
  const uint64_t digest = DigestOf(definitions);
  const size_t size_bytes = sizeof(Header) + definitions.size() * sizeof(Cell);
  const std::string path = prefix + "." + Hex(digest);

  const auto fits = [&](std::span<const std::byte> bytes) {
    Header header;
    std::memcpy(&header, bytes.data(), sizeof header);
    return header.magic == kMagic && header.digest == digest;
  };
  const auto fill = [&](std::span<std::byte> bytes) {
    const Header header{kMagic, digest, {}};
    std::memcpy(bytes.data(), &header, sizeof header);
  };

  Result<os::Mapping> mapping = os::Mapping::OpenOrPublish(path, size_bytes, fits, fill);
  if (!mapping.ok()) return mapping.error();
  return Counters(std::move(*mapping), definitions);
}

Counters::Counters(std::span<const Definition> definitions)
    : definitions_(definitions),
      own_(std::make_unique<Cell[]>(definitions.size())),
      cells_(own_.get()) {}

Counters::Counters(os::Mapping mapping, std::span<const Definition> definitions)
    : definitions_(definitions),
      mapping_(std::move(mapping)),
      cells_(reinterpret_cast<Cell*>(mapping_->bytes().data() + sizeof(Header))) {}

void Counters::Add(size_t index, uint64_t amount) const {
  CHECK(index < definitions_.size());
  cells_[index].value.fetch_add(amount, std::memory_order_relaxed);
}

uint64_t Counters::Value(size_t index) const {
  CHECK(index < definitions_.size());
  return cells_[index].value.load(std::memory_order_relaxed);
}

void Counters::Write(Text& text) const {
  for (size_t i = 0; i < definitions_.size(); ++i) {
    text.Add(Type::kCounter, definitions_[i], Value(i));
  }
}

}  // namespace latchkey::metrics
