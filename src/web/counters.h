// counters.h -- what latchkey-web counts, for GET /metrics
//
// A counter is a row of kCounters and a name of Count at the same place. Add one where the event is
// known: shared.Tally(Count::kLinkAsked).

#pragma once

#include <array>
#include <cstddef>

#include "metrics/metrics.h"

namespace latchkey::web {

enum class Count : size_t {
  kAnswered2xx,
  kAnswered3xx,
  kAnswered4xx,
  kAnswered5xx,
  kUnavailable,
  kLinkAsked,
  kLinkOpened,
  kLinkExpired,
  kLinkBad,
  kPasswordSet,
  kNotMe,
  kSignedIn,
  kSignInRefused,
  kHashed,
  kHashQueueFull,
  kHashWaitedTooLong,
  kHashWaitMs,
  kEnd,
};

inline constexpr auto kCounters = std::to_array<metrics::Definition>({
    {"latchkey_answers_total", R"(class="2xx")", "Answers, by their status."},
    {"latchkey_answers_total", R"(class="3xx")", ""},
    {"latchkey_answers_total", R"(class="4xx")", ""},
    {"latchkey_answers_total", R"(class="5xx")", ""},
    {"latchkey_unavailable_total", "", "Answers that said that a part of ours is away."},
    {"latchkey_links_asked_total", "", "Requests for a link that were taken."},
    {"latchkey_links_opened_total", R"(link="good")",
     "Links from mails that were opened; a good one counts as bad too once its account has changed."},
    {"latchkey_links_opened_total", R"(link="expired")", ""},
    {"latchkey_links_opened_total", R"(link="bad")", ""},
    {"latchkey_passwords_set_total", "", "Passwords that were set by a link."},
    {"latchkey_not_me_total", "", "People who said that they did not ask."},
    {"latchkey_sign_ins_total", R"(result="done")", "Attempts at the built-in sign-in page."},
    {"latchkey_sign_ins_total", R"(result="refused")", ""},
    {"latchkey_hashings_total", "", "Passwords that were compared or hashed under a permit."},
    {"latchkey_hash_refusals_total", R"(why="queue")", "Forms that were not hashed for want of room."},
    {"latchkey_hash_refusals_total", R"(why="wait")", ""},
    {"latchkey_hash_wait_milliseconds_total", "", "How long all of them waited for a permit."},
});
static_assert(kCounters.size() == static_cast<size_t>(Count::kEnd));

}  // namespace latchkey::web
