#include "web/form_guard.h"

#include "crypto/crypto.h"
#include "crypto/encoding.h"

namespace latchkey::web {

bool IsCrossSite(const http::Request& request, const http::BaseUrl& base) {
  if (!request.origin.empty() && request.origin != base.origin) return true;
  // "none" is a person's own doing: a reload, the address bar.
  return !request.fetch_site.empty() && request.fetch_site != "same-origin" &&
         request.fetch_site != "none";
}

FormGuard::FormGuard(const token::Stamp& stamp, std::string_view cookie)
    : stamp_(stamp), value_(stamp.Verify(cookie)) {}

std::string FormGuard::Token() {
  if (!value_) {
    value_ = crypto::EncodeBase64Url(crypto::RandomBytes(16));
    new_cookie_ = stamp_.Issue(*value_);
  }
  return stamp_.Digest(*value_);
}

bool FormGuard::Accepts(std::string_view csrf_token) const {
  return value_ && !new_cookie_ && stamp_.VerifyDigest(*value_, csrf_token);
}

}  // namespace latchkey::web
