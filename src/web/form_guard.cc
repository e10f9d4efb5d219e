#include "web/form_guard.h"

#include <utility>

#include "crypto/crypto.h"
#include "crypto/encoding.h"

namespace latchkey::web {
namespace {

constexpr size_t kCookieBytes = 16;

}  // namespace

bool IsCrossSite(const http::Request& request, const http::BaseUrl& base) {
  if (!request.origin.empty() && request.origin != base.origin) return true;
  // "none" is a person's own doing: a reload, the address bar.
  return !request.fetch_site.empty() && request.fetch_site != "same-origin" &&
         request.fetch_site != "none";
}

FormGuard::FormGuard(const token::Stamp& stamp, std::string_view cookie) : stamp_(stamp) {
  std::optional<token::Stamp::Verified> verified = stamp.Verify(cookie);
  if (verified) token_ = std::move(verified->counterpart);
}

const std::string& FormGuard::Token() {
  if (token_.empty()) {
    token::Stamp::Issued issued =
        stamp_.Issue(crypto::EncodeBase64Url(crypto::RandomBytes(kCookieBytes)));
    token_ = std::move(issued.counterpart);
    new_cookie_ = std::move(issued.stamped);
  }
  return token_;
}

bool FormGuard::Accepts(std::string_view csrf_token) const {
  return !token_.empty() && !new_cookie_ && crypto::ConstantTimeEquals(token_, csrf_token);
}

}  // namespace latchkey::web
