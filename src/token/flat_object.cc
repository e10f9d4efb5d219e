#include "token/flat_object.h"

#include <exception>
#include <nlohmann/json.hpp>

#include "base/check.h"
#include "base/text.h"

namespace latchkey::token {
namespace {

using Json = nlohmann::json;
using Values = std::map<std::string, FlatObject::Value, std::less<>>;

// Each callback's false ends the parse.
class Handler final : public Json::json_sax_t {
 public:
  explicit Handler(Values& values) : values_(values) {}

  bool start_object(size_t) override { return !std::exchange(started_, true); }
  bool key(string_t& name) override {
    const auto [position, is_new] = values_.try_emplace(name);
    value_ = &position->second;
    return is_new;
  }
  bool string(string_t& text) override { return Set(std::move(text)); }
  bool number_unsigned(number_unsigned_t number) override { return Set<uint64_t>(number); }
  bool end_object() override { return true; }

  bool null() override { return false; }
  bool boolean(bool) override { return false; }
  bool number_integer(number_integer_t) override { return false; }  // a negative one
  bool number_float(number_float_t, const string_t&) override { return false; }
  bool binary(binary_t&) override { return false; }
  bool start_array(size_t) override { return false; }
  bool end_array() override { return false; }
  bool parse_error(size_t, const std::string&, const nlohmann::detail::exception&) override {
    return false;
  }

 private:
  template <typename T>
  bool Set(T value) {
    if (value_ == nullptr) return false;  // a value that is the whole text
    *value_ = std::move(value);
    return true;
  }

  Values& values_;
  FlatObject::Value* value_ = nullptr;
  bool started_ = false;
};

}  // namespace

std::optional<FlatObject> FlatObject::Parse(std::string_view json) {
  // The library skips a byte order mark and takes NUL for the end of the text.
  if (!json.starts_with('{') || !json.ends_with('}') || HasControls(json)) return std::nullopt;
  FlatObject object;
  Handler handler(object.values_);
  try {
    if (!Json::sax_parse(json.begin(), json.end(), &handler)) return std::nullopt;
  } catch (const std::exception&) {
    return std::nullopt;
  }
  return object;
}

std::string FlatObject::Serialise() const {
  Json json = Json::object();
  for (const auto& [key, value] : values_) {
    std::visit([&, &name = key](const auto& held) { json[name] = held; }, value);
  }
  try {
    return json.dump();
  } catch (const Json::exception&) {
    CHECK(false && "a string that is not UTF-8");
  }
  return {};
}

const std::string* FlatObject::Text(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : std::get_if<std::string>(&found->second);
}

const uint64_t* FlatObject::Number(std::string_view key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : std::get_if<uint64_t>(&found->second);
}

bool FlatObject::TextIs(std::string_view key, std::string_view expected) const {
  const std::string* const text = Text(key);
  return text != nullptr && *text == expected;
}

}  // namespace latchkey::token
