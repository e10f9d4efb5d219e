#include "password/tuning.h"

#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <regex>

namespace latchkey::password {
namespace {

std::string Argon2i() {
  return "$argon2i$v=19$m=19456,t=2,p=1$" + std::string(22, 'A') + "$" + std::string(43, 'A');
}
// Base64 of so many bytes.
std::string Base64(size_t bytes) {
  const size_t padding = (3 - bytes % 3) % 3;
  return std::string((bytes + 2) / 3 * 4 - padding, 'A') + std::string(padding, '=');
}

// Of the schemes that are not written, so have no Unmatched.
const std::map<std::string_view, std::string>& ReadSamples() {
  const std::string dots(53, '.'), md5_crypt = "$1$aaaaaaaa$" + std::string(22, '.');
  const std::string hex(128, '0'), md5 = hex.substr(0, 32);
  static const std::map<std::string_view, std::string> samples = {
      {"argon2i", Argon2i()},
      {"des-crypt", "aa" + std::string(11, '.')},
      {"django-bcrypt", "bcrypt$$2b$12$" + dots},
      {"django-digest", "sha1$aaaaaaaaaaaa$" + hex.substr(0, 40)},
      {"dovecot-argon2i", "{ARGON2I}" + Argon2i()},
      {"dovecot-crypt", "{CRYPT}$2y$12$" + dots},
      {"dovecot-des-crypt", "{DES-CRYPT}aa" + std::string(11, '.')},
      {"dovecot-ldap-md5", "{LDAP-MD5}" + Base64(16)},
      {"dovecot-md5-crypt", "{MD5-CRYPT}" + md5_crypt},
      {"dovecot-plain-md5", "{PLAIN-MD5}" + md5},
      {"dovecot-sha", "{SHA}" + Base64(20)},
      {"dovecot-sha256", "{SHA256}" + Base64(32)},
      {"dovecot-sha512", "{SHA512}" + Base64(64)},
      {"dovecot-smd5", "{SMD5}" + Base64(16 + 4)},
      {"dovecot-ssha", "{SSHA}" + Base64(20 + 4)},
      {"dovecot-ssha256", "{SSHA256}" + Base64(32 + 4)},
      {"dovecot-ssha512", "{SSHA512}" + Base64(64 + 4)},
      {"joomla-sha256", "{SHA256}" + hex.substr(0, 64) + ":aaaaaaaaaaaaaaaa"},
      {"md5", md5},
      {"md5-crypt", md5_crypt},
      {"mediawiki-a", ":A:" + md5},
      {"mediawiki-b", ":B:aaaaaaaa:" + md5},
      {"mediawiki-bcrypt", ":bcrypt:9$" + dots.substr(0, 22) + "$" + dots.substr(22)},
      {"mediawiki-pbkdf2-legacy",
       ":pbkdf2-legacyB:!sha512:30000:64!aaaaaaaa!" + Base64(16) + "!" + Base64(64)},
      {"sha1", hex.substr(0, 40)},
      {"sha256", hex.substr(0, 64)},
      {"sha512", hex},
      {"werkzeug-hmac", "sha1$aaaaaaaa$" + hex.substr(0, 40)},
  };
  return samples;
}

// How the number of a knob, as it stands in the text, is for so many times the work.
using Turn = std::string (*)(const std::string& now, double factor);

std::string Times(const std::string& now, double factor) {
  auto times = static_cast<uint64_t>(std::stod(now) * factor);
  // Three digits are as exact as any measurement; memory goes by the mebibyte.
  uint64_t unit = 1;
  while (times / unit >= 1000) unit *= 10;
  return std::to_string(times / unit * unit);
}
std::string InMebibytes(const std::string& now, double factor) {
  return std::to_string(static_cast<uint64_t>(std::stod(now) * factor) / 1024 * 1024);
}
int Doublings(double factor) { return static_cast<int>(std::floor(std::log2(factor))); }
std::string PowerOfTwo(const std::string& now, double factor) {
  return std::to_string(static_cast<uint64_t>(std::ldexp(std::stod(now), Doublings(factor))));
}
std::string TwoDigits(const std::string& now, double factor) {
  const int cost = std::stoi(now) + Doublings(factor);
  if (cost < 0 || cost > 99) return "";
  return {static_cast<char>('0' + cost / 10), static_cast<char>('0' + cost % 10)};
}
std::string Letter(const std::string& now, double factor) {
  constexpr std::string_view kLetters =
      "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
  const size_t letter = kLetters.find(now) + static_cast<size_t>(Doublings(factor));
  return letter < kLetters.size() ? std::string(1, kLetters[letter]) : "";
}
std::string YescryptMemory(const std::string& now, double factor) {
  constexpr std::string_view kAll = "j75j85j7Tj8Tj9TjATjBTjCTjDT";
  const size_t at = kAll.find(now) + 3 * static_cast<size_t>(Doublings(factor));
  return at < kAll.size() ? std::string(kAll.substr(at, 3)) : "";
}

struct Knob {
  const char* pattern;  // its one group is the number
  Turn turn;
};
constexpr std::array<Knob, 8> kKnobs = {{
    {R"(\$2[aby]\$(\d\d)\$)", TwoDigits},
    {R"(\$argon2id?\$v=19\$m=(\d+),)", InMebibytes},
    {R"(^scrypt:(\d+):)", PowerOfTwo},
    {R"(^scrypt\$[^$]+\$(\d+)\$)", PowerOfTwo},
    {R"(^:?pbkdf2[:_]sha\d+[:$](\d+)[:$])", Times},
    {R"(\$rounds=(\d+)\$)", Times},
    {R"(^\$[PHS]\$(.))", Letter},
    {R"(^\$y\$(...)\$)", YescryptMemory},
}};

std::string Turned(const Knob& knob, const std::string& stored, double factor) {
  std::smatch found;
  if (!std::regex_search(stored, found, std::regex(knob.pattern))) return "";
  const std::string number = knob.turn(found[1], factor);
  if (number.empty()) return "";
  const auto at = static_cast<size_t>(found.position(1));
  return std::string(stored).replace(at, static_cast<size_t>(found.length(1)), number);
}

}  // namespace

std::string Sample(const Scheme& scheme) {
  return scheme.writes() ? scheme.Unmatched() : ReadSamples().at(scheme.name());
}

std::string Tune(const Scheme& scheme, std::string_view stored, double factor) {
  constexpr double kLess = 0.8;
  for (const Knob& knob : kKnobs) {
    // A factor beyond the scheme's bounds is brought back to them.
    for (double within = factor; within > 0.001 && (within == factor || within >= 1);
         within *= kLess) {
      const std::string text = Turned(knob, std::string(stored), within);
      if (!text.empty() && scheme.Recognises(text)) return text;
    }
  }
  return "";
}

}  // namespace latchkey::password
