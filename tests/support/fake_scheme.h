// fake_scheme.h -- a hash that costs nothing and counts, for tests of what uses schemes
//
// Stored text is "fake$" and the password itself. Not registered: FindScheme does not know it.

#pragma once

#include <atomic>
#include <string>
#include <string_view>

#include "password/scheme.h"

namespace latchkey::password {

class FakeScheme : public Scheme {
 public:
  static std::string Hash(std::string_view password) { return "fake$" + std::string(password); }

  std::string_view name() const override { return "fake"; }
  bool Recognises(std::string_view stored) const override { return stored.starts_with("fake$"); }
  Strength StrengthOf(std::string_view) const override {
    return {Strength::Kind::kSlow, stored_amount};
  }
  Strength written_strength() const override { return {Strength::Kind::kSlow, 1}; }
  bool Verify(std::string_view password, std::string_view stored) const override {
    ++verify_calls_;
    return stored == Hash(password);
  }
  std::string Unmatched() const override { return "fake$\n"; }
  size_t max_password_bytes() const override { return max_bytes; }
  bool takes_nul() const override { return nul; }
  size_t max_hash_bytes() const override { return max_bytes + 5; }
  Result<std::string> Make(std::string_view password) const override {
    ++make_calls_;
    if (out_of_memory) return Error{Next::kTryLater, "fake: no memory"};
    return Hash(password);
  }

  int verify_calls() const { return verify_calls_; }
  int make_calls() const { return make_calls_; }

  // A test may change these.
  size_t max_bytes = 72;
  bool nul = false;
  bool out_of_memory = false;
  uint64_t stored_amount = 1;  // of work; at 0 every stored text is outdated

 private:
  mutable std::atomic<int> verify_calls_{0};
  mutable std::atomic<int> make_calls_{0};
};

}  // namespace latchkey::password
