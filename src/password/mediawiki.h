// mediawiki.h -- MediaWiki's first formats, which later ones are built on
//
// Private to this module.

#pragma once

#include <string>
#include <string_view>

namespace latchkey::password {

// Eight hex digits; a number in the oldest.
bool IsMediaWikiSalt(std::string_view text);

// md5(salt "-" md5(password)) in hex; md5(password) for an empty salt.
std::string MediaWikiMd5(std::string_view password, std::string_view salt);

}  // namespace latchkey::password
