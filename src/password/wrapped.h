// wrapped.h -- formats that are another scheme's text with something around it
//
// "$wp" + bcrypt, "argon2" + Argon2, "{BLF-CRYPT}" + bcrypt. The schemes that get wrapped are made
// by the functions at the end, so that they are there before the registrations of whoever wraps
// them. Private to this module.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "password/scheme.h"

namespace latchkey::password {

class WrappedScheme : public Scheme {
 public:
  struct Format {
    std::string_view name;
    std::string_view front;
    // The first is written, if `writes`; no text has two of them.
    std::vector<const Scheme*> inner;
    bool writes = true;
    // What is done to the password first; null: nothing. The result is short and holds no NUL.
    std::string (*reduce)(std::string_view password) = nullptr;
  };
  explicit WrappedScheme(Format format) : format_(std::move(format)) {}

  std::string_view name() const override { return format_.name; }
  std::string_view CostOf(std::string_view stored) const override;
  bool Recognises(std::string_view stored) const override;
  Strength StrengthOf(std::string_view stored) const override;
  bool Verify(std::string_view password, std::string_view stored) const override;

  Memory memory() const override;
  bool writes() const override { return format_.writes; }
  Strength written_strength() const override { return format_.inner[0]->written_strength(); }
  size_t max_password_bytes() const override;
  bool takes_nul() const override { return format_.reduce || format_.inner[0]->takes_nul(); }
  size_t max_hash_bytes() const override;
  Result<std::string> Make(std::string_view password) const override;
  std::string Unmatched() const override;

 protected:
  // What the inner schemes get to see, a part of `stored` or of *kept; nullopt: not this front.
  virtual std::optional<std::string_view> Unwrap(std::string_view stored, std::string* kept) const;
  std::string_view front() const { return format_.front; }

 private:
  const Scheme* Inner(std::string_view unwrapped) const;

  Format format_;
};

const Scheme& Bcrypt();
const Scheme& Argon2i();
const Scheme& Argon2id();
const Scheme& Sha256Crypt();
const Scheme& Sha512Crypt();
const Scheme& Md5Crypt();
const Scheme& DesCrypt();

}  // namespace latchkey::password
