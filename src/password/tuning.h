// tuning.h -- stored texts of every scheme, and of other costs
//
// For whoever measures what a hash takes on a machine: the `latchkey bench-hash` command.

#pragma once

#include <string>
#include <string_view>

#include "password/scheme.h"

namespace latchkey::password {

// A text that is no password's: as Make's, or for a scheme that is only read as its application's
// defaults are.
std::string Sample(const Scheme& scheme);

// The same text asking for the most work that is no more than `factor` times as much, as far as the
// scheme recognises it. Memory grows too where it is what the work is about. Empty: the format has
// nothing to turn, or not so far.
std::string Tune(const Scheme& scheme, std::string_view stored, double factor);

}  // namespace latchkey::password
