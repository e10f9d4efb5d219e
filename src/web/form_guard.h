// form_guard.h -- is this POST from a form of ours?
//
// A form cookie holds a stamped random value; each form carries csrf_token, the stamp's counterpart. A
// valid form cookie is never replaced (another tab's form would go stale), an unverifiable one always
// is. Nothing expires: a form left open overnight works as long as its cookie lives. Beside it the
// browser's own word, Origin and Sec-Fetch-Site, which counts on POST only.

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "http/request.h"
#include "http/url.h"
#include "token/stamp.h"

namespace latchkey::web {

// The browser says that the POST comes from another site. No word from it is no objection.
bool IsCrossSite(const http::Request& request, const http::BaseUrl& base);

class FormGuard {
 public:
  // cookie: the value that came with the request, or empty. The stamp outlives this object.
  FormGuard(const token::Stamp& stamp, std::string_view cookie);

  // For the hidden field of a form on the page in answer to this request.
  const std::string& Token();
  // The request's field belongs to the request's cookie.
  bool Accepts(std::string_view csrf_token) const;
  // A cookie that the answer has to set, because Token() was called and there was no good one.
  const std::optional<std::string>& new_cookie() const { return new_cookie_; }

 private:
  const token::Stamp& stamp_;
  std::string token_;  // empty: no good cookie came, and none was made yet
  std::optional<std::string> new_cookie_;
};

}  // namespace latchkey::web
