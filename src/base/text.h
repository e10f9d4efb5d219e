// text.h -- small questions about bytes and ASCII; no locale

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace latchkey {

// A to Z only; every other byte stays.
std::string AsciiLower(std::string_view text);
bool EqualsIgnoringAsciiCase(std::string_view a, std::string_view b);

// Without blanks, tabs, CR and LF at both ends.
std::string_view TrimBlanks(std::string_view text);

// 0x00-0x1f and 0x7f.
bool IsControl(char byte);
bool HasControls(std::string_view text);
// Controls and backslashes as \xNN and \\, so that a line stays one line.
std::string EscapeControls(std::string_view text);

bool IsValidUtf8(std::string_view text);
// Code points of valid UTF-8; of anything else, bytes that do not continue a sequence.
size_t CountCodePoints(std::string_view text);

// Digits only, no sign, no blanks, no overflow.
std::optional<uint64_t> ParseUnsigned(std::string_view text);

// "a,b,,c" by ',' is a, b, "", c; the empty text is one empty part.
std::vector<std::string_view> Split(std::string_view text, char separator);

// The parts' lengths are in the result, so ("ab","c") and ("a","bc") differ: what a MAC over several
// fields is made of.
std::string LengthPrefixed(std::initializer_list<std::string_view> parts);

// Levenshtein's: letters to put in, take out or replace. Takes the product of both lengths in time.
size_t EditDistance(std::string_view a, std::string_view b);

// "u...@example.org": what a log line may hold of an address.
std::string Shorten(std::string_view address);

}  // namespace latchkey
