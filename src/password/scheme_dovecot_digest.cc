// Dovecot's "{SSHA256}<base64 of digest and salt>" and its like, from LDAP's userPassword.

#include <algorithm>

#include "crypto/encoding.h"
#include "password/dovecot.h"
#include "password/recomputed.h"

namespace latchkey::password {
namespace {

using Encoding = DovecotText::Encoding;

constexpr size_t kMostSaltBytes = 64;

class DovecotDigest final : public ReadOnly<RecomputedScheme> {
 public:
  struct Format {
    std::string_view name;
    std::vector<std::string_view> names_in_braces;
    crypto::Hash hash;
    size_t digest_bytes;
    bool salted;
    Encoding unsaid = Encoding::kBase64;
  };
  explicit DovecotDigest(Format format) : format_(std::move(format)) {}

  std::string_view name() const override { return format_.name; }
  bool Recognises(std::string_view stored) const override { return Parse(stored).has_value(); }
  Strength StrengthOf(std::string_view) const override {
    return {Strength::Kind::kFast, format_.salted ? uint64_t{1} : uint64_t{0}};
  }

 private:
  struct Parsed {
    std::string_view front;  // "{SSHA256}"
    Encoding encoding;
    std::string salt;
  };

  std::optional<Parsed> Parse(std::string_view stored) const {
    if (stored.size() > kMaxStoredBytes) return std::nullopt;
    std::optional<DovecotText> text = ParseDovecot(stored);
    const auto& names = format_.names_in_braces;
    if (!text || std::find(names.begin(), names.end(), text->name) == names.end()) {
      return std::nullopt;
    }
    if (text->encoding == Encoding::kUnsaid) text->encoding = format_.unsaid;
    const std::optional<std::string> bytes = DecodeDovecot(*text);
    if (!bytes || bytes->size() < format_.digest_bytes) return std::nullopt;
    std::string salt = bytes->substr(format_.digest_bytes);
    if (salt.empty() == format_.salted || salt.size() > kMostSaltBytes) return std::nullopt;
    return Parsed{stored.substr(0, stored.size() - text->text.size()), text->encoding,
                  std::move(salt)};
  }

  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override {
    const Parsed parsed = Parse(stored).value();
    const std::string bytes =
        crypto::Digest(format_.hash, std::string(password) + parsed.salt) + parsed.salt;
    const bool hex = parsed.encoding == Encoding::kHex;
    return std::string(parsed.front) +
           (hex ? crypto::EncodeHex(bytes) : crypto::EncodeBase64(bytes));
  }

  Format format_;
};

using Format = DovecotDigest::Format;
const DovecotDigest schemes[] = {
    DovecotDigest(
        Format{"dovecot-plain-md5", {"PLAIN-MD5"}, crypto::Hash::kMd5, 16, false, Encoding::kHex}),
    DovecotDigest(Format{"dovecot-ldap-md5", {"LDAP-MD5"}, crypto::Hash::kMd5, 16, false}),
    DovecotDigest(Format{"dovecot-smd5", {"SMD5"}, crypto::Hash::kMd5, 16, true}),
    DovecotDigest(Format{"dovecot-sha", {"SHA", "SHA1"}, crypto::Hash::kSha1, 20, false}),
    DovecotDigest(Format{"dovecot-sha256", {"SHA256"}, crypto::Hash::kSha256, 32, false}),
    DovecotDigest(Format{"dovecot-sha512", {"SHA512"}, crypto::Hash::kSha512, 64, false}),
    DovecotDigest(Format{"dovecot-ssha", {"SSHA"}, crypto::Hash::kSha1, 20, true}),
    DovecotDigest(Format{"dovecot-ssha256", {"SSHA256"}, crypto::Hash::kSha256, 32, true}),
    DovecotDigest(Format{"dovecot-ssha512", {"SSHA512"}, crypto::Hash::kSha512, 64, true}),
};
const std::vector<Registration> registered(std::begin(schemes), std::end(schemes));

}  // namespace

std::optional<DovecotText> ParseDovecot(std::string_view stored) {
  if (!stored.starts_with('{')) return std::nullopt;
  const size_t end = stored.find('}');
  if (end == std::string_view::npos) return std::nullopt;
  const std::string_view inside = stored.substr(1, end - 1);
  const size_t dot = inside.find('.');
  DovecotText text{inside.substr(0, dot), Encoding::kUnsaid, stored.substr(end + 1)};
  if (dot == std::string_view::npos) return text;
  const std::string_view encoding = inside.substr(dot + 1);
  if (encoding != "B64" && encoding != "BASE64" && encoding != "HEX") return std::nullopt;
  text.encoding = encoding == "HEX" ? Encoding::kHex : Encoding::kBase64;
  return text;
}

std::optional<std::string> DecodeDovecot(const DovecotText& text) {
  if (text.encoding == Encoding::kHex) return crypto::DecodeHex(text.text);
  return crypto::DecodeBase64(text.text);
}

}  // namespace latchkey::password
