// result.h -- the answer of a call that the outside world may refuse
//
// Three words for three kinds of failure (HACKING.md, "Errors"): the outside world said no: Result
// and Status, below; a bug in this program: CHECK (check.h); cannot start: OrDie, which ends in one
// line and exit status 1 and is used at start-up only. Nothing of ours throws.

#pragma once

#include <optional>
#include <string>
#include <utility>
#include <variant>

#include "base/check.h"

namespace latchkey {

// What the caller should do next. The message beside it is for the log only.
enum class Next {
  kFixInput,  // as it stands this input will never do; nothing was changed
  kTryLater,  // nothing was changed; the same call may succeed later
  kBusy,      // nothing was changed; too many ask at once, and in a moment there may be room
  kFindOut,   // whether it took effect is unknown: read back before trying again
  kGiveUp,    // the other side refused for good
  kFixSetup,  // an administrator has to change something
};

struct Error {
  Next next;
  // One line for the log or for the administrator; never a token, a password or a whole address.
  std::string message;
};

template <typename T>
class [[nodiscard]] Result {
 public:
  Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
  Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

  bool ok() const { return state_.index() == 0; }

  // REQUIRES: ok()
  T& value() & { CHECK(ok()); return std::get<0>(state_); }
  const T& value() const& { CHECK(ok()); return std::get<0>(state_); }
  T&& value() && { CHECK(ok()); return std::get<0>(std::move(state_)); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }

  // REQUIRES: !ok()
  const Error& error() const { CHECK(!ok()); return std::get<1>(state_); }

 private:
  std::variant<T, Error> state_;
};

class [[nodiscard]] Status {
 public:
  Status() = default;  // success
  Status(Error error) : error_(std::move(error)) {}

  bool ok() const { return !error_.has_value(); }
  // REQUIRES: !ok()
  const Error& error() const { CHECK(!ok()); return *error_; }

 private:
  std::optional<Error> error_;
};

inline Status Ok() { return {}; }

}  // namespace latchkey
