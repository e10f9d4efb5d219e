// recomputed.h -- a scheme that verifies by making the stored text again
//
// What most formats share: the text that a password gives under a stored text's salt and parameters
// is compared as a whole, so a text that only means the same (unused bits of base64, a leading
// zero) is refused. A password that the format cannot take costs a hash and is wrong. Private to
// this module.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "password/scheme.h"
#include "password/shape.h"

namespace latchkey::password {

class RecomputedScheme : public Scheme {
 public:
  bool Verify(std::string_view password, std::string_view stored) const final;
  Result<std::string> Make(std::string_view password) const final;
  // Its digest is one that a hash has once in 2^128.
  std::string Unmatched() const final { return Fresh(); }

  // For most: no parameters in the text, a kibibyte of any bytes.
  std::string_view CostOf(std::string_view) const override { return ""; }
  size_t max_password_bytes() const override { return kMaxPasswordBytes; }
  bool takes_nul() const override { return true; }
  // REQUIRES: writes(); all texts of Fresh are as long.
  size_t max_hash_bytes() const override { return Fresh().size(); }
  Strength written_strength() const override { return StrengthOf(Fresh()); }

 protected:
  // REQUIRES: Recognises(stored), or what Fresh returned. nullopt: no memory; that is in the log.
  virtual std::optional<std::string> Recompute(std::string_view password,
                                               std::string_view stored) const = 0;
  // A text with a new salt and any digest, of today's parameters; it is recognised.
  virtual std::string Fresh() const = 0;

  bool Takes(std::string_view password) const;
};

// The same, or what is derived from it, for formats that are only read.
[[noreturn]] std::string NothingFresh();  // nobody may ask
template <typename Base>
class ReadOnly : public Base {
 public:
  using Base::Base;

  bool writes() const override { return false; }
  size_t max_hash_bytes() const override { return kMaxStoredBytes; }

 protected:
  std::string Fresh() const override { NothingFresh(); }
};

}  // namespace latchkey::password
