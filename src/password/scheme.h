// scheme.h -- hash formats: recognise, verify, make
//
// One scheme, one file. To add one, write scheme_<name>.cc with a class derived from Scheme, and at
// namespace scope a constant of it and a `const Registration` of that constant. That is all: the
// Makefile takes every .cc, and everybody else asks FindScheme and RecogniseScheme. Formats are
// white-listed by exact shape, and no text has two: what no scheme recognises is an account that
// cannot be reset or signed in to, never a crash. Calls to Verify and Make cost tens of milliseconds
// and megabytes by design; they block and are safe from any thread.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace latchkey::password {

class Scheme {
 public:
  virtual ~Scheme() = default;

  // As in the configuration: "argon2id", "bcrypt", "werkzeug-scrypt", "werkzeug-pbkdf2".
  virtual std::string_view name() const = 0;
  // The stored text has this scheme's exact shape, parameters within sane bounds included (so that a
  // row cannot make us work for minutes).
  virtual bool Recognises(std::string_view stored) const = 0;
  // REQUIRES: Recognises(stored). False for another password, and for one this scheme cannot take;
  // that costs a hash too, up to 1024 bytes, and nothing beyond.
  virtual bool Verify(std::string_view password, std::string_view stored) const = 0;

  // What a stored text of this scheme says of the work to verify it: two with the same words take as
  // long. REQUIRES: Recognises(stored). Here: all but the last two parts between "$", salt and digest.
  virtual std::string_view CostOf(std::string_view stored) const;

  // False for formats that are only read.
  virtual bool writes() const { return true; }
  // The longest password in bytes that the hash does not cut, and whether NUL may be in it.
  virtual size_t max_password_bytes() const = 0;
  virtual bool takes_nul() const = 0;
  // Longest text that Make returns: the column must hold it.
  virtual size_t max_hash_bytes() const = 0;
  // REQUIRES: writes(), a password within the limits above. kTryLater when memory is short. The
  // result was verified against the password before it is returned.
  virtual Result<std::string> Make(std::string_view password) const = 0;
};

// All schemes, by name in alphabetical order; they live for ever.
std::vector<const Scheme*> AllSchemes();
const Scheme* FindScheme(std::string_view name);              // nullptr: unknown
const Scheme* RecogniseScheme(std::string_view stored);       // nullptr: no format of ours

// At namespace scope of a scheme's file.
class Registration {
 public:
  explicit Registration(const Scheme& scheme);
};

}  // namespace latchkey::password
