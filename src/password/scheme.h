// scheme.h -- hash formats: recognise, verify, make
//
// One scheme, one file. To add one, write scheme_<name>.cc with a class derived from Scheme, and at
// namespace scope a constant of it and a `const Registration` of that constant. That is all: the
// Makefile takes every .cc, and everybody else asks FindScheme and RecogniseScheme. Formats are
// white-listed by exact shape, and no text has two that describe themselves: what no scheme
// recognises is an account that cannot be reset or signed in to, never a crash. Calls to Verify and
// Make cost tens of milliseconds and megabytes by design; they block and are safe from any thread.

#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret.h"

namespace latchkey::password {

// How much a stolen hash withstands. The kinds of work compare between any two schemes, the amounts
// within one kind of one scheme only.
struct Strength {
  enum class Kind { kFast, kStretched, kSlow, kMemoryHard };  // SHA-1; phpass; bcrypt; Argon2
  Kind kind = Kind::kSlow;
  uint64_t amount = 0;
};

// What one hash takes while it is computed.
struct Memory {
  size_t written_bytes;  // of those that are written
  size_t most_bytes;     // that a stored text may ask for
};

class Scheme {
 public:
  virtual ~Scheme() = default;

  // As in the configuration: "argon2id", "bcrypt", "werkzeug-scrypt", "werkzeug-pbkdf2".
  virtual std::string_view name() const = 0;
  // The stored text has this scheme's exact shape, parameters within sane bounds included (so that
  // a row cannot make us work for minutes).
  virtual bool Recognises(std::string_view stored) const = 0;
  // REQUIRES: Recognises(stored). False for another password, and for one this scheme cannot take;
  // that costs a hash too, up to 1024 bytes, and nothing beyond.
  virtual bool Verify(std::string_view password, std::string_view stored) const = 0;

  // What a stored text of this scheme says of the work to verify it: two with the same words take
  // as long. REQUIRES: Recognises(stored). Here: all but the last two parts between "$", salt and
  // digest.
  virtual std::string_view CostOf(std::string_view stored) const;

  // False for shapes that any text may have (32 hex digits, "hash:salt"): they count only where a
  // site's configuration lists the scheme.
  virtual bool self_describing() const { return true; }
  // REQUIRES: Recognises(stored).
  virtual Strength StrengthOf(std::string_view stored) const = 0;
  // What Make's texts have. REQUIRES: writes().
  virtual Strength written_strength() const = 0;

  // Here: what a scheme takes that does not set out to take much.
  virtual Memory memory() const { return {size_t{64} << 10, size_t{64} << 10}; }

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
  // A text like Make's that is no password's, made without a hash: what verifying takes for an account
  // that is not there. REQUIRES: writes().
  virtual std::string Unmatched() const = 0;
};

// All schemes, by name in alphabetical order; they live for ever.
std::vector<const Scheme*> AllSchemes();
const Scheme* FindScheme(std::string_view name);              // nullptr: unknown
// Among those that describe themselves, of which one at most has this text. nullptr: no format of
// ours.
const Scheme* RecogniseScheme(std::string_view stored);

// At namespace scope of a scheme's file.
class Registration {
 public:
  explicit Registration(const Scheme& scheme);
};

}  // namespace latchkey::password
