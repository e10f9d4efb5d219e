#include "password/wrapped.h"

#include <algorithm>
#include <optional>

#include "base/check.h"
#include "password/shape.h"

namespace latchkey::password {

std::optional<std::string_view> WrappedScheme::Unwrap(std::string_view stored, std::string*) const {
  if (!stored.starts_with(format_.front)) return std::nullopt;
  return stored.substr(format_.front.size());
}

const Scheme* WrappedScheme::Inner(std::string_view unwrapped) const {
  const auto inner =
      std::find_if(format_.inner.begin(), format_.inner.end(),
                   [unwrapped](const Scheme* one) { return one->Recognises(unwrapped); });
  return inner == format_.inner.end() ? nullptr : *inner;
}

bool WrappedScheme::Recognises(std::string_view stored) const {
  if (stored.size() > kMaxStoredBytes) return false;
  std::string kept;
  const auto unwrapped = Unwrap(stored, &kept);
  return unwrapped && Inner(*unwrapped) != nullptr;
}

std::string_view WrappedScheme::CostOf(std::string_view stored) const {
  std::string kept;
  const std::string_view unwrapped = Unwrap(stored, &kept).value();
  const std::string_view cost = Inner(unwrapped)->CostOf(unwrapped);
  // A decoded text is gone soon; the encoded one tells apart as well, if more than it must.
  return kept.empty() ? cost : stored;
}

Strength WrappedScheme::StrengthOf(std::string_view stored) const {
  std::string kept;
  const std::string_view unwrapped = Unwrap(stored, &kept).value();
  return Inner(unwrapped)->StrengthOf(unwrapped);
}

Memory WrappedScheme::memory() const {
  Memory memory = format_.inner[0]->memory();
  for (const Scheme* inner : format_.inner) {
    memory.most_bytes = std::max(memory.most_bytes, inner->memory().most_bytes);
  }
  return memory;
}

bool WrappedScheme::Verify(std::string_view password, std::string_view stored) const {
  CHECK(Recognises(stored));
  if (password.size() > kMaxPasswordBytes) return false;
  std::string kept;
  const std::string_view unwrapped = Unwrap(stored, &kept).value();
  const Scheme& inner = *Inner(unwrapped);
  if (format_.reduce == nullptr) return inner.Verify(password, unwrapped);
  return inner.Verify(Secret(format_.reduce(password)).Reveal(), unwrapped);
}

size_t WrappedScheme::max_password_bytes() const {
  return format_.reduce ? kMaxPasswordBytes : format_.inner[0]->max_password_bytes();
}

size_t WrappedScheme::max_hash_bytes() const {
  return format_.writes ? format_.front.size() + format_.inner[0]->max_hash_bytes()
                        : kMaxStoredBytes;
}

Result<std::string> WrappedScheme::Make(std::string_view password) const {
  CHECK(format_.writes && password.size() <= max_password_bytes());
  const Scheme& inner = *format_.inner[0];
  const Result<std::string> made =
      format_.reduce ? inner.Make(Secret(format_.reduce(password)).Reveal()) : inner.Make(password);
  if (!made.ok()) return made.error();
  return std::string(format_.front) + *made;
}

std::string WrappedScheme::Unmatched() const {
  CHECK(format_.writes);
  return std::string(format_.front) + format_.inner[0]->Unmatched();
}

}  // namespace latchkey::password
