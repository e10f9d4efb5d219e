#include "ratelimit/limiter.h"

#include <algorithm>
#include <array>

#include "base/log.h"
#include "base/text.h"

namespace latchkey::ratelimit {
namespace {

constexpr size_t kDigestBytes = 16;
constexpr std::array<Rule, 3> kPeerRules = {Rule::kResetRequest, Rule::kResetPassword, Rule::kLogin};

// A network that is counted as one.
struct Tier {
  char mark;  // keeps its keys apart from the others'
  size_t prefix_bytes;
  uint32_t Settings::* factor;
  std::string_view policy_suffix;
};
constexpr std::array<Tier, 1> kIpv4Tiers = {{{'4', 4, &Settings::ipv4_factor, ""}}};
constexpr std::array<Tier, 2> kIpv6Tiers = {{{'6', 8, &Settings::ipv6_64_factor, ""},
                                             {'n', 6, &Settings::ipv6_48_factor, "-48"}}};

std::span<const Tier> TiersOf(const IpAddress& peer) {
  if (peer.is_v4()) return kIpv4Tiers;
  return kIpv6Tiers;
}

CounterKey KeyOf(const Tier& tier, Rule rule, const IpAddress& peer) {
  const char front[] = {tier.mark, static_cast<char>('0' + static_cast<int>(rule))};
  CounterKey key;
  key.Append({front, sizeof front});
  key.Append({reinterpret_cast<const char*>(peer.bytes().data()), tier.prefix_bytes});
  return key;
}

}  // namespace

Limiter::Limiter(Settings settings, std::unique_ptr<Store> store, const crypto::Hmac& account_key,
                 const Clock& clock)
    : settings_(std::move(settings)),
      store_(std::move(store)),
      account_key_(account_key),
      clock_(clock) {}

bool Limiter::IsExempt(const IpAddress& peer) const {
  return std::any_of(settings_.exempt.begin(), settings_.exempt.end(),
                     [&](const Network& network) { return network.Contains(peer); });
}

std::optional<Refusal> Limiter::Admit(Rule rule, const IpAddress& peer) {
  if (IsExempt(peer)) return std::nullopt;
  const auto index = static_cast<size_t>(rule);
  const std::span<const Tier> tiers = TiersOf(peer);
  std::array<Counter, kMaxCounters> counters;
  for (size_t i = 0; i < tiers.size(); ++i) {
    counters[i] = {KeyOf(tiers[i], rule, peer), settings_.limits[index]};
    counters[i].limit.count *= settings_.*tiers[i].factor;
  }
  const auto& ceiling = settings_.ceilings[index];
  const Decision decision = store_->Admit(
      {rule, std::span(counters).first(tiers.size()), ceiling ? &*ceiling : nullptr});
  if (decision.admitted()) return std::nullopt;

  Refusal refusal{decision.verdict, std::string(Name(rule)), {}, decision.window_left};
  if (decision.verdict == Verdict::kOverLimit) {
    refusal.policy += tiers[decision.counter].policy_suffix;
    refusal.limit = counters[decision.counter].limit;
    Log(refusal, counters[decision.counter].key.bytes(), peer);
  } else {
    refusal.limit = *ceiling;
    Log(refusal, refusal.policy, peer);
  }
  if (settings_.dry_run) return std::nullopt;
  return refusal;
}

void Limiter::Log(const Refusal& refusal, std::string_view counter, const IpAddress& peer) {
  // A dry run is there for its lines.
  if (!settings_.dry_run && !told_.IsNews(counter, clock_.SinceBoot(), refusal.window_left)) return;
  log::Info(refusal.verdict == Verdict::kOverLimit ? "limit_reached" : "ceiling_reached",
            {{"peer", peer.ToString()},
             {"limit", refusal.policy},
             {"refused", settings_.dry_run ? "no" : "yes"}});
}

bool Limiter::AdmitMail(std::string_view address, std::string_view peer) {
  const Limit& limit = settings_.limits[static_cast<size_t>(Rule::kAccount)];
  const Counter counter{KeyOfAccount(address), limit};
  const Decision decision = store_->Admit({Rule::kAccount, std::span(&counter, 1)});
  if (decision.admitted()) return true;
  log::Info("limit_reached", {{"peer", peer},
                              {"limit", Name(Rule::kAccount)},
                              {"refused", settings_.dry_run ? "no" : "yes"}});
  return settings_.dry_run;
}

CounterKey Limiter::KeyOfAccount(std::string_view address) const {
  CounterKey key;
  key.Append("a").Append(
      std::string_view(account_key_.Sign(AsciiLower(address))).substr(0, kDigestBytes));
  return key;
}

int Limiter::Forget(const IpAddress& peer) {
  int forgotten = 0;
  for (const Rule rule : kPeerRules) {
    for (const Tier& tier : TiersOf(peer)) forgotten += store_->Clear(KeyOf(tier, rule, peer));
  }
  return forgotten;
}

int Limiter::ForgetMails(std::string_view address) { return store_->Clear(KeyOfAccount(address)); }

}  // namespace latchkey::ratelimit
