// policy.h -- which new passwords are good enough
//
// Length, the scheme's limit, and how soon a guesser would arrive at it (zxcvbn with the site's
// name and the account's address as extra words). No composition rules, no rotation (NIST SP
// 800-63B-4, ASVS 6.2.5, 6.2.10). The password is judged and kept byte for byte as received.

#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "password/hashing.h"
#include "password/scheme.h"

namespace latchkey::password {

enum class Verdict { kGood, kTooShort, kTooLong, kHasNul, kTooGuessable };

struct Policy {
  static constexpr size_t kShortestAllowed = 8;
  size_t min_code_points = 15;
  // zxcvbn's guesses as a power of ten: 10 is "safe against unthrottled online guessing, strong
  // enough for slow hashes".
  double min_guesses_log10 = 10;
};

// The first verdict that holds: too short, too long, has NUL, too guessable (what is far too long
// is not even counted). words: what a guesser who knows the account would try first (address, site
// name), any bytes; what stands before an '@' and the words within them count too. Safe from any
// thread. Limits: zxcvbn is shown the first and the last 32 bytes only, and the better of the two
// counts: its time grows with the fourth power of the length. So it is some 20 ms at worst.
Verdict Judge(const Policy& policy, const Scheme& scheme, std::string_view password,
              const std::vector<std::string>& words);
// The same for a site: what was typed, without blanks that the site trims, must be long and hard to
// guess; the scheme's limits hold for what is made of it.
Verdict Judge(const Policy& policy, const Hashing& hashing, std::string_view login,
              std::string_view password, const std::vector<std::string>& words);

}  // namespace latchkey::password
