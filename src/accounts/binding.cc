#include "accounts/binding.h"

#include <algorithm>

#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"

namespace latchkey::accounts {
namespace {

constexpr size_t kFingerprintBytes = 16;

}  // namespace

BoundTokens::BoundTokens(const token::Keyring& keyring, token::Purpose purpose,
                         const std::string& origin, const Clock& clock)
    : keyring_(keyring), purpose_(purpose), jwt_(keyring, purpose, origin, clock) {}

std::string BoundTokens::Fingerprint(const token::Key& key, const Account& account) const {
  // A link is bound to the address too.
  const bool is_link = purpose_ != token::Purpose::kSession;
  std::string text = LengthPrefixed({token::Name(purpose_), account.id, account.hash});
  // Whichever address was typed, the token is bound to all of them.
  if (is_link && account.addresses.size() > 1) {
    for (const std::string& address : account.addresses) text += LengthPrefixed({address});
  } else {
    text += LengthPrefixed({is_link ? std::string_view(account.address) : std::string_view()});
  }
  const std::string mac = key.hmac.Sign(text);
  return crypto::EncodeBase64Url(std::string_view(mac).substr(0, kFingerprintBytes));
}

bool BoundTokens::CanIssue(const Account& account) {
  return token::Jwt::TakesSubject(account.id);
}

std::string BoundTokens::Issue(const Account& account, std::chrono::seconds life,
                               std::chrono::sys_seconds not_before) const {
  return jwt_.Issue(account.id, Fingerprint(keyring_.First(token::Purpose::kBinding), account),
                    life, not_before + std::chrono::seconds(1));
}

Result<BoundTokens::Opened> BoundTokens::Open(std::string_view token, Accounts& accounts) const {
  Opened opened;
  const token::Jwt::Verified verified = jwt_.Verify(token);
  if (!verified.claims) {
    opened.refusal = token::Name(verified.refusal);
    opened.expired = verified.refusal == token::Refusal::kExpired;
    return opened;
  }
  Result<std::vector<Account>> found = accounts.FindById(verified.claims->subject);
  if (!found.ok()) return found.error();
  if (found->size() != 1) {
    opened.refusal = "account_gone";
    return opened;
  }
  Account& account = found->front();
  const auto made = [&](const token::Key& key) {
    return crypto::ConstantTimeEquals(Fingerprint(key, account), verified.claims->fingerprint);
  };
  const std::vector<token::Key>& keys = keyring_.All(token::Purpose::kBinding);
  if (account.hash.empty() || std::none_of(keys.begin(), keys.end(), made)) {
    opened.refusal = "account_changed";
    return opened;
  }
  if (purpose_ != token::Purpose::kNotMe) {
    const Result<State> state = accounts.StateOf(account.id);
    if (!state.ok()) return state.error();
    if (verified.claims->issued <= state->not_before) {
      opened.refusal = "revoked";
      return opened;
    }
  }
  opened.account = std::move(account);
  opened.issued = verified.claims->issued;
  opened.expires = verified.claims->expires;
  return opened;
}

}  // namespace latchkey::accounts
