#include "password/policy.h"

#include <zxcvbn.h>

#include <algorithm>
#include <cmath>

#include "base/secret.h"
#include "base/text.h"
#include "password/shape.h"

namespace latchkey::password {
namespace {

// The library itself looks no further than its first 100 bytes.
constexpr size_t kJudgedBytes = 100;
// Keeps the time bounded however odd an address is. A shorter piece would only make every password
// that holds its letters look bad.
constexpr size_t kMaxPieces = 32, kMinPieceBytes = 3;

bool IsWordByte(char c) { return IsAlphanumeric(c) || static_cast<unsigned char>(c) >= 0x80; }

// The library reads C strings: a NUL must not hide what comes after it.
std::string ForLibrary(std::string_view text) {
  std::string copy(text.substr(0, kJudgedBytes));
  std::replace(copy.begin(), copy.end(), '\0', '\x01');
  return copy;
}

// The word, what stands before an '@', and every run of letters and digits in it.
void AddPieces(std::string_view word, std::vector<std::string>& pieces) {
  const auto add = [&pieces](std::string_view piece) {
    if (piece.size() >= kMinPieceBytes && pieces.size() < kMaxPieces) {
      pieces.push_back(ForLibrary(piece));
    }
  };
  add(word);
  if (const size_t at = word.rfind('@'); at != std::string_view::npos) add(word.substr(0, at));
  while (!word.empty()) {
    const auto end = std::find_if_not(word.begin(), word.end(), IsWordByte);
    const auto length = static_cast<size_t>(end - word.begin());
    add(word.substr(0, length));
    word.remove_prefix(std::min(length + 1, word.size()));
  }
}

double GuessesLog10(std::string_view password, const std::vector<std::string>& words) {
  std::vector<std::string> pieces;
  for (const std::string& word : words) AddPieces(word, pieces);
  std::vector<const char*> dictionary;
  for (const std::string& piece : pieces) dictionary.push_back(piece.c_str());
  dictionary.push_back(nullptr);

  std::string judged = ForLibrary(password);
  const double bits = ZxcvbnMatch(judged.c_str(), dictionary.data(), nullptr);
  Wipe(judged);
  return bits * std::log10(2.0);
}

}  // namespace

Verdict Judge(const Policy& policy, const Scheme& scheme, std::string_view password,
              const std::vector<std::string>& words) {
  if (CountCodePoints(password) < policy.min_code_points) return Verdict::kTooShort;
  if (password.size() > scheme.max_password_bytes()) return Verdict::kTooLong;
  if (!scheme.takes_nul() && password.find('\0') != std::string_view::npos) return Verdict::kHasNul;
  if (GuessesLog10(password, words) < policy.min_guesses_log10) return Verdict::kTooGuessable;
  return Verdict::kGood;
}

}  // namespace latchkey::password
