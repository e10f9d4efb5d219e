// phpass.h -- a digest made again and again, in the text of Openwall's phpass
//
// Three characters of prefix, one for the rounds (2 to its power), eight of salt, then the digest
// in phpass's own base64 (little-endian, no padding). WordPress and phpBB do it with MD5, Drupal
// with SHA-512 cut to 43 characters. Private to this module.

#pragma once

#include <vector>

#include "password/recomputed.h"

namespace latchkey::password {

class PhpassScheme : public RecomputedScheme {
 public:
  struct Format {
    std::string_view name;
    std::vector<std::string_view> prefixes;  // the first is written
    bool self_describing;
    crypto::Hash hash;
    size_t digest_characters;
    size_t written_log2_rounds;
  };
  explicit PhpassScheme(Format format) : format_(std::move(format)) {}

  std::string_view name() const override { return format_.name; }
  bool self_describing() const override { return format_.self_describing; }
  std::string_view CostOf(std::string_view stored) const override { return stored.substr(3, 1); }
  bool Recognises(std::string_view stored) const override;
  Strength StrengthOf(std::string_view stored) const override;

 protected:
  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override;
  std::string Fresh() const override;

 private:
  Format format_;
};

}  // namespace latchkey::password
