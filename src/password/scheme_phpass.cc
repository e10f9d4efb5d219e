// WordPress's portable hashes and phpBB's, which differ in a letter.

#include "password/phpass.h"

namespace latchkey::password {
namespace {

// WordPress's own 2^13 rounds; Drupal and phpBB read both prefixes.
const PhpassScheme phpass(
    {"phpass", {"$P$", "$H$"}, true, crypto::Hash::kMd5, 22, 13});
// For phpBB 3.0, which writes 2^11 and reads any.
const PhpassScheme phpbb({"phpbb-phpass", {"$H$"}, false, crypto::Hash::kMd5, 22, 13});

const Registration phpass_registered(phpass);
const Registration phpbb_registered(phpbb);

}  // namespace
}  // namespace latchkey::password
