// flat_object.h -- the small part of JSON that a token is made of
//
// One object whose keys are unique and whose values are strings or integers that are not negative.
// The parse ends at the first byte that is anything else, so nesting, arrays, floats, literals and
// duplicates cost nothing and cannot be read in two ways. Private to this module.

#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

namespace latchkey::token {

class FlatObject {
 public:
  using Value = std::variant<std::string, uint64_t>;

  // No blanks before or after the object, no control character anywhere, valid UTF-8.
  static std::optional<FlatObject> Parse(std::string_view json);

  void Add(std::string_view key, Value value) {
    values_.insert_or_assign(std::string(key), std::move(value));
  }
  // Without blanks, keys in alphabetical order. REQUIRES: valid UTF-8 in every string.
  std::string Serialise() const;

  size_t size() const { return values_.size(); }
  // nullptr: not there, or of the other type.
  const std::string* Text(std::string_view key) const;
  const uint64_t* Number(std::string_view key) const;
  bool TextIs(std::string_view key, std::string_view expected) const;

 private:
  std::map<std::string, Value, std::less<>> values_;
};

}  // namespace latchkey::token
