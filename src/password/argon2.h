// argon2.h -- Argon2 with the parameters that an application writes
//
// The text is that of the PHC string format, the same for PHP, Django and Dovecot. Private to this
// module.

#pragma once

#include "password/recomputed.h"

namespace latchkey::password {

class Argon2Scheme : public RecomputedScheme {
 public:
  struct Costs {
    uint32_t memory_kib, passes, lanes;
  };
  enum class Variety { kI, kId };
  // name: in the log too. written: what a new text asks for.
  Argon2Scheme(std::string_view name, Variety variety, Costs written)
      : name_(name), variety_(variety), written_(written) {}

  std::string_view name() const override { return name_; }
  std::string_view CostOf(std::string_view stored) const override;
  bool Recognises(std::string_view stored) const override;
  Strength StrengthOf(std::string_view stored) const override;
  Memory memory() const override;

 protected:
  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override;
  std::string Fresh() const override;

 private:
  struct Parsed;
  std::optional<Parsed> Parse(std::string_view stored) const;
  std::string Format(const Parsed& parsed) const;
  bool Compute(std::string_view password, Parsed& parsed) const;

  std::string_view name_;
  Variety variety_;
  Costs written_;
};

}  // namespace latchkey::password
