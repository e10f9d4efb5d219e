// MediaWiki's ":A:<hex>" and ":B:<salt>:<hex>", both MD5. ":A:<salt>:<hex>" is B by an old mistake
// of its own.

#include <algorithm>

#include "crypto/encoding.h"
#include "password/mediawiki.h"
#include "password/recomputed.h"

namespace latchkey::password {
namespace {

constexpr size_t kDigits = 32, kFrontBytes = 3;

class MediaWikiMd5Scheme final : public ReadOnly<RecomputedScheme> {
 public:
  struct Format {
    std::string_view name, front;
    bool needs_salt;
  };
  explicit MediaWikiMd5Scheme(Format format) : format_(format) {}

  std::string_view name() const override { return format_.name; }
  bool Recognises(std::string_view stored) const override {
    if (!stored.starts_with(format_.front) || stored.size() < kFrontBytes + kDigits) return false;
    const std::string_view digest = stored.substr(stored.size() - kDigits);
    if (!IsHex(digest, kDigits / 2)) return false;
    if (stored.size() == kFrontBytes + kDigits) return !format_.needs_salt;
    return stored[stored.size() - kDigits - 1] == ':' && IsMediaWikiSalt(SaltOf(stored));
  }
  Strength StrengthOf(std::string_view stored) const override {
    return {Strength::Kind::kFast, SaltOf(stored).empty() ? uint64_t{0} : uint64_t{1}};
  }

 private:
  // What stands before the digest, without its ":".
  static std::string_view SaltOf(std::string_view stored) {
    if (stored.size() == kFrontBytes + kDigits) return "";
    return stored.substr(kFrontBytes, stored.size() - kDigits - 1 - kFrontBytes);
  }
  std::optional<std::string> Recompute(std::string_view password,
                                       std::string_view stored) const override {
    return std::string(stored.substr(0, stored.size() - kDigits)) +
           MediaWikiMd5(password, SaltOf(stored));
  }

  Format format_;
};

const MediaWikiMd5Scheme a(MediaWikiMd5Scheme::Format{"mediawiki-a", ":A:", false});
const MediaWikiMd5Scheme b(MediaWikiMd5Scheme::Format{"mediawiki-b", ":B:", true});
const Registration a_registered(a);
const Registration b_registered(b);

}  // namespace

bool IsMediaWikiSalt(std::string_view text) {
  return !text.empty() && text.size() <= 32 &&
         std::all_of(text.begin(), text.end(), IsAlphanumeric);
}

std::string MediaWikiMd5(std::string_view password, std::string_view salt) {
  const std::string digest = crypto::EncodeHex(crypto::Digest(crypto::Hash::kMd5, password));
  if (salt.empty()) return digest;
  return crypto::EncodeHex(
      crypto::Digest(crypto::Hash::kMd5, std::string(salt) + "-" + digest));
}

}  // namespace latchkey::password
