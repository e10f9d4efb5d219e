#include "password/hashing.h"

#include <algorithm>

#include "base/check.h"
#include "password/shape.h"

namespace latchkey::password {
namespace {

std::string Names(bool only_written) {
  std::string names;
  for (const Scheme* scheme : AllSchemes()) {
    if (only_written && !scheme->writes()) continue;
    names += (names.empty() ? "" : ", ") + std::string(scheme->name());
  }
  return names;
}

// The written one first: what is written must be recognised as such.
Result<std::vector<const Scheme*>> FindReads(const std::vector<std::string>& names,
                                             const Scheme& written) {
  std::vector<const Scheme*> reads;
  for (const std::string& name : names) {
    const Scheme* const scheme = FindScheme(name);
    if (scheme == nullptr) {
      return Error{Next::kFixSetup,
                   "site.reads: there is no scheme " + name + "; choose of " + Names(false)};
    }
    reads.push_back(scheme);
  }
  if (names.empty()) {
    reads = AllSchemes();
    std::erase_if(reads, [](const Scheme* scheme) { return !scheme->self_describing(); });
  }
  std::erase(reads, &written);
  reads.insert(reads.begin(), &written);
  return reads;
}

}  // namespace

Result<Hashing> Hashing::Make(Settings settings) {
  const Scheme* const written = FindScheme(settings.writes);
  if (written == nullptr || !written->writes()) {
    return Error{Next::kFixSetup, "site.scheme: no such scheme; choose one of " + Names(true)};
  }
  Result<std::vector<const Scheme*>> reads = FindReads(settings.reads, *written);
  if (!reads.ok()) return reads.error();
  Result<Preparation> prepare = Preparation::Make(settings.prepare, std::move(settings.key));
  if (!prepare.ok()) {
    return Error{Next::kFixSetup, "site.prepare: " + prepare.error().message};
  }
  return Hashing(*written, std::move(*reads), std::move(*prepare));
}

const Scheme* Hashing::Recognise(std::string_view stored) const {
  const auto scheme = std::find_if(reads_.begin(), reads_.end(),
                                   [stored](const Scheme* one) { return one->Recognises(stored); });
  return scheme == reads_.end() ? nullptr : *scheme;
}

bool Hashing::Verify(std::string_view password, std::string_view login,
                     std::string_view stored) const {
  if (!CanBeTyped(password)) return false;
  // Shapes that do not describe themselves may be several schemes'.
  return std::any_of(reads_.begin(), reads_.end(), [&](const Scheme* scheme) {
    return scheme->Recognises(stored) &&
           scheme->Verify(prepare_.Apply(password, login, scheme->name()).Reveal(), stored);
  });
}

Fit Hashing::FitOf(std::string_view password, std::string_view login) const {
  if (!CanBeTyped(password)) return Fit::kTooLong;
  return FitOfPrepared(prepare_.Apply(password, login, written_->name()).Reveal());
}

Fit Hashing::FitOfPrepared(std::string_view prepared) const {
  if (prepared.size() > written_->max_password_bytes()) return Fit::kTooLong;
  if (!written_->takes_nul() && HasNul(prepared)) return Fit::kHasNul;
  return Fit::kFits;
}

Result<std::string> Hashing::Hash(std::string_view password, std::string_view login) const {
  const Secret prepared = prepare_.Apply(password, login, written_->name());
  CHECK(FitOfPrepared(prepared.Reveal()) == Fit::kFits);
  return written_->Make(prepared.Reveal());
}

bool Hashing::IsOutdated(std::string_view stored) const {
  const Scheme* const scheme = Recognise(stored);
  if (scheme == nullptr) return false;
  const Strength now = scheme->StrengthOf(stored), then = written_->written_strength();
  if (now.kind != then.kind) return now.kind < then.kind;
  return scheme == written_ && now.amount < then.amount;
}

bool Hashing::CostTheSame(std::string_view stored, std::string_view other) const {
  const Scheme* const scheme = Recognise(stored);
  return scheme != nullptr && scheme == Recognise(other) &&
         scheme->CostOf(stored) == scheme->CostOf(other);
}

}  // namespace latchkey::password
