// prepare.h -- what a site's application does to a password before it hashes it
//
// WordPress escapes quotes and trims, phpBB writes "&amp;" for "&" and composes letters, SMF puts
// the user's name in front. What is verified or hashed for such a site must be changed in the same
// way, byte for byte; for any other nothing is ever changed. All is safe from any thread.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace latchkey::password {

class Preparation {
 public:
  // Steps in order, by the names that PreparationSteps lists; "bcrypt: md5" is a step for texts of
  // the scheme bcrypt only. key: the application's own, for "key-prefix" and "key-suffix".
  // kFixSetup: no such step or scheme, or a key without its step or the other way round; the
  // message names no configuration key.
  static Result<Preparation> Make(const std::vector<std::string>& steps, Secret key);

  // What the scheme of this name gets. login: the account's user name, for "lower-login-prefix".
  Secret Apply(std::string_view password, std::string_view login, std::string_view scheme) const;

  // The part of a password that counts: without what "trim" drops, if that is a step.
  std::string_view Counted(std::string_view password) const;

 private:
  struct Parts {
    std::string_view password, login, key;
  };
  struct Known {
    std::string_view name;
    std::string (*change)(const Parts& parts);
    bool takes_key;
  };
  struct Step {
    std::string scheme;  // empty: any
    const Known* known;
  };
  static const Known kKnown[];
  static Result<Step> ParseStep(std::string_view text);
  friend std::vector<std::string_view> PreparationSteps();

  std::vector<Step> steps_;
  Secret key_;
};

// Their names: addslashes, htmlspecialchars, key-prefix, key-suffix, lower-login-prefix, md5, nfc,
// trim.
std::vector<std::string_view> PreparationSteps();

}  // namespace latchkey::password
