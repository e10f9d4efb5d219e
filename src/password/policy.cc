#include "password/policy.h"

#include <zxcvbn.h>

#include <algorithm>
#include <cmath>

#include "base/secret.h"
#include "base/text.h"
#include "password/shape.h"

namespace latchkey::password {
namespace {

// The library's time grows with the fourth power of the length where digits may stand for letters:
// for "2121..." 2 s at 100 bytes, its own limit, 8 ms at 32.
constexpr size_t kJudgedBytes = 32;
// Keeps the time bounded however odd an address is. A shorter piece would only make every password
// that holds its letters look bad.
constexpr size_t kMaxPieces = 32, kMinPieceBytes = 3, kMaxPieceBytes = kJudgedBytes;

bool IsWordByte(char c) { return IsAlphanumeric(c) || static_cast<unsigned char>(c) >= 0x80; }

// The library reads C strings: a NUL must not hide what comes after it.
std::string ForLibrary(std::string_view text) {
  std::string copy(text);
  std::replace(copy.begin(), copy.end(), '\0', '\x01');
  return copy;
}

// The word, what stands before an '@', and every run of letters and digits in it.
void AddPieces(std::string_view word, std::vector<std::string>& pieces) {
  const auto add = [&pieces](std::string_view piece) {
    if (piece.size() >= kMinPieceBytes && pieces.size() < kMaxPieces) {
      pieces.push_back(ForLibrary(piece.substr(0, kMaxPieceBytes)));
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

std::vector<std::string> Pieces(const std::vector<std::string>& words) {
  std::vector<std::string> pieces;
  for (const std::string& word : words) AddPieces(word, pieces);
  return pieces;
}

double GuessesLog10(std::string_view stretch, const std::vector<std::string>& pieces) {
  std::vector<const char*> dictionary;
  for (const std::string& piece : pieces) dictionary.push_back(piece.c_str());
  dictionary.push_back(nullptr);

  std::string judged = ForLibrary(stretch);
  const double bits = ZxcvbnMatch(judged.c_str(), dictionary.data(), nullptr);
  Wipe(judged);
  return bits * std::log10(2.0);
}

// Whoever guesses the whole has guessed every stretch of it: one that is hard enough will do.
bool IsTooGuessable(const Policy& policy, std::string_view password,
                    const std::vector<std::string>& words) {
  const std::vector<std::string> pieces = Pieces(words);
  const auto is_hard = [&](std::string_view stretch) {
    return GuessesLog10(stretch, pieces) >= policy.min_guesses_log10;
  };
  if (is_hard(password.substr(0, kJudgedBytes))) return false;
  return password.size() <= kJudgedBytes ||
         !is_hard(password.substr(password.size() - kJudgedBytes));
}

}  // namespace

Verdict Judge(const Policy& policy, const Scheme& scheme, std::string_view password,
              const std::vector<std::string>& words) {
  if (password.size() > Hashing::kMostTypedBytes) return Verdict::kTooLong;
  if (CountCodePoints(password) < policy.min_code_points) return Verdict::kTooShort;
  if (password.size() > scheme.max_password_bytes()) return Verdict::kTooLong;
  if (!scheme.takes_nul() && HasNul(password)) return Verdict::kHasNul;
  if (IsTooGuessable(policy, password, words)) return Verdict::kTooGuessable;
  return Verdict::kGood;
}

Verdict Judge(const Policy& policy, const Hashing& hashing, std::string_view login,
              std::string_view password, const std::vector<std::string>& words) {
  if (password.size() > Hashing::kMostTypedBytes) return Verdict::kTooLong;
  const std::string_view counted = hashing.Counted(password);
  if (CountCodePoints(counted) < policy.min_code_points) return Verdict::kTooShort;
  switch (hashing.FitOf(password, login)) {
    case Fit::kTooLong: return Verdict::kTooLong;
    case Fit::kHasNul: return Verdict::kHasNul;
    case Fit::kFits: break;
  }
  if (IsTooGuessable(policy, counted, words)) return Verdict::kTooGuessable;
  return Verdict::kGood;
}

}  // namespace latchkey::password
