// hashing.h -- how one site hashes: which formats may stand in its table, and which is written
//
// A site's own view of the schemes. What nobody else may forget is in here: a stored text counts
// only if its scheme is among those the site reads; the password is prepared as the site's
// application does it (prepare.h); what is written is recognised again. Built once at start, then
// only read: safe from any thread. Verify and Hash block for tens of milliseconds.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"
#include "password/prepare.h"
#include "password/scheme.h"

namespace latchkey::password {

// Whether the written scheme can take a password.
enum class Fit { kFits, kTooLong, kHasNul };

class Hashing {
 public:
  // What is typed and longer is refused unread, whatever the site's steps would make of it.
  static constexpr size_t kMostTypedBytes = 4096;

  struct Settings {
    std::vector<std::string> reads;  // scheme names; empty: all that describe themselves
    std::string writes;              // a scheme's name; it is always read too
    std::vector<std::string> prepare;
    Secret key;  // the application's own, for steps that take one
  };
  // False for what is nobody's password, and costs nothing to refuse.
  static bool CanBeTyped(std::string_view password) { return password.size() <= kMostTypedBytes; }

  // kFixSetup: the message begins "site.scheme: ", "site.reads: " or "site.prepare: ".
  static Result<Hashing> Make(Settings settings);

  // The scheme of a stored text among those the site reads: the written one, then in the order
  // listed; nullptr: an account that cannot be reset or signed in to. The text of a table with a
  // salt column is hash, ":", salt.
  const Scheme* Recognise(std::string_view stored) const;
  // False for what is not recognised or too long to be typed; that costs nothing. login: of the
  // account whose text it is. Where several schemes read have its shape, any will do.
  bool Verify(std::string_view password, std::string_view login, std::string_view stored) const;

  Fit FitOf(std::string_view password, std::string_view login) const;
  // A fresh stored text, verified. REQUIRES: FitOf(password, login) == kFits. kTryLater: no memory.
  Result<std::string> Hash(std::string_view password, std::string_view login) const;

  // What Hash writes would withstand more: a sign-in may replace it. Never a text that is as
  // strong. False for what is not recognised.
  bool IsOutdated(std::string_view stored) const;
  // Two recognised texts that take the same time to verify.
  bool CostTheSame(std::string_view stored, std::string_view other) const;

  // The part of a typed password that counts for its strength.
  std::string_view Counted(std::string_view password) const { return prepare_.Counted(password); }

  // A stored text of the written scheme that is no password's.
  std::string Unmatched() const { return written_->Unmatched(); }

  const Scheme& written() const { return *written_; }
  size_t max_hash_bytes() const { return written_->max_hash_bytes(); }

 private:
  Hashing(const Scheme& written, std::vector<const Scheme*> reads, Preparation prepare)
      : written_(&written), reads_(std::move(reads)), prepare_(std::move(prepare)) {}

  Fit FitOfPrepared(std::string_view prepared) const;

  const Scheme* written_;
  std::vector<const Scheme*> reads_;
  Preparation prepare_;
};

}  // namespace latchkey::password
