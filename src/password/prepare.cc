#include "password/prepare.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include <algorithm>

#include "base/check.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"
#include "password/scheme.h"

namespace latchkey::password {
namespace {

// PHP's trim().
std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kBlanks(" \t\n\r\0\x0b", 6);
  const size_t first = text.find_first_not_of(kBlanks);
  if (first == std::string_view::npos) return text.substr(0, 0);
  return text.substr(first, text.find_last_not_of(kBlanks) - first + 1);
}

// PHP's addslashes().
std::string AddSlashes(std::string_view text) {
  std::string changed;
  for (const char c : text) {
    if (c == '\'' || c == '"' || c == '\\' || c == '\0') changed += '\\';
    changed += c == '\0' ? '0' : c;
  }
  return changed;
}

// PHP's htmlspecialchars($text, ENT_COMPAT). Limits: PHP returns nothing for invalid UTF-8.
std::string HtmlSpecialChars(std::string_view text) {
  std::string changed;
  for (const char c : text) {
    switch (c) {
      case '&': changed += "&amp;"; break;
      case '"': changed += "&quot;"; break;
      case '<': changed += "&lt;"; break;
      case '>': changed += "&gt;"; break;
      default: changed += c;
    }
  }
  return changed;
}

// Invalid UTF-8 stays as it is: no normal form of it is defined.
std::string Composed(std::string_view text) {
  utf8proc_uint8_t* composed = nullptr;
  const utf8proc_ssize_t length = utf8proc_map(
      reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
      static_cast<utf8proc_ssize_t>(text.size()), &composed,
      static_cast<utf8proc_option_t>(UTF8PROC_STABLE | UTF8PROC_COMPOSE));
  if (length < 0) return std::string(text);
  std::string result(reinterpret_cast<const char*>(composed), static_cast<size_t>(length));
  explicit_bzero(composed, static_cast<size_t>(length));
  free(composed);
  return result;
}

// Letter by letter; invalid UTF-8 in ASCII only.
std::string Lower(std::string_view text) {
  if (!IsValidUtf8(text)) return AsciiLower(text);
  std::string lower;
  while (!text.empty()) {
    utf8proc_int32_t letter = 0;
    const utf8proc_ssize_t length =
        utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(text.data()),
                         static_cast<utf8proc_ssize_t>(text.size()), &letter);
    CHECK(length > 0);
    utf8proc_uint8_t bytes[4];
    const utf8proc_ssize_t written = utf8proc_encode_char(utf8proc_tolower(letter), bytes);
    lower.append(reinterpret_cast<const char*>(bytes), static_cast<size_t>(written));
    text.remove_prefix(static_cast<size_t>(length));
  }
  return lower;
}

std::string Join(std::string_view front, std::string_view back) {
  std::string joined(front);
  return joined.append(back);
}

}  // namespace

const Preparation::Known Preparation::kKnown[] = {
    {"addslashes", [](const Parts& parts) { return AddSlashes(parts.password); }, false},
    {"htmlspecialchars",
     [](const Parts& parts) { return HtmlSpecialChars(parts.password); }, false},
    {"key-prefix", [](const Parts& parts) { return Join(parts.key, parts.password); }, true},
    {"key-suffix", [](const Parts& parts) { return Join(parts.password, parts.key); }, true},
    {"lower-login-prefix",
     [](const Parts& parts) { return Join(Lower(parts.login), parts.password); }, false},
    {"md5",
     [](const Parts& parts) {
       return crypto::EncodeHex(crypto::Digest(crypto::Hash::kMd5, parts.password));
     },
     false},
    {"nfc", [](const Parts& parts) { return Composed(parts.password); }, false},
    {"trim", [](const Parts& parts) { return std::string(Trimmed(parts.password)); }, false},
};

Result<Preparation::Step> Preparation::ParseStep(std::string_view text) {
  Step step;
  std::string_view name = text;
  if (const size_t colon = text.find(": "); colon != std::string_view::npos) {
    step.scheme = text.substr(0, colon);
    name = text.substr(colon + 2);
    if (FindScheme(step.scheme) == nullptr) {
      return Error{Next::kFixSetup, "there is no scheme " + step.scheme};
    }
  }
  const auto known = std::find_if(std::begin(kKnown), std::end(kKnown),
                                  [name](const Known& one) { return one.name == name; });
  if (known != std::end(kKnown)) {
    step.known = known;
    return step;
  }
  std::string names;
  for (const Known& one : kKnown) names += (names.empty() ? "" : ", ") + std::string(one.name);
  return Error{Next::kFixSetup, "there is no step " + std::string(name) + "; choose of " + names};
}

Result<Preparation> Preparation::Make(const std::vector<std::string>& steps, Secret key) {
  Preparation preparation;
  bool takes_key = false;
  for (const std::string& text : steps) {
    Result<Step> step = ParseStep(text);
    if (!step.ok()) return step.error();
    takes_key = takes_key || step->known->takes_key;
    preparation.steps_.push_back(std::move(*step));
  }
  if (takes_key && key.empty()) return Error{Next::kFixSetup, "a step needs the application's key"};
  if (!takes_key && !key.empty()) {
    return Error{Next::kFixSetup, "a key is given, but no step takes one"};
  }
  preparation.key_ = std::move(key);
  return preparation;
}

Secret Preparation::Apply(std::string_view password, std::string_view login,
                          std::string_view scheme) const {
  Secret prepared{std::string(password)};
  for (const Step& step : steps_) {
    if (!step.scheme.empty() && step.scheme != scheme) continue;
    prepared = Secret(step.known->change({prepared.Reveal(), login, key_.Reveal()}));
  }
  return prepared;
}

std::string_view Preparation::Counted(std::string_view password) const {
  const bool trims = std::any_of(steps_.begin(), steps_.end(),
                                 [](const Step& step) { return step.known->name == "trim"; });
  return trims ? Trimmed(password) : password;
}

std::vector<std::string_view> PreparationSteps() {
  std::vector<std::string_view> names;
  for (const Preparation::Known& known : Preparation::kKnown) names.push_back(known.name);
  return names;
}

}  // namespace latchkey::password
