#include "web/app.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "crypto/crypto.h"
#include "crypto/encoding.h"

namespace latchkey::web {
namespace {

// How long a visitor is asked to wait when a part of ours is away.
constexpr std::string_view kRetryAfterOutage = "5";
// And when all permits to hash are taken: they are for tens of milliseconds.
constexpr std::string_view kRetryAfterBusy = "2";

// What tells a form that comes again from one that was opened anew.
constexpr size_t kOnceBytes = 16;
constexpr size_t kMostOnceBytes = 64;
std::string NewOnce() { return crypto::EncodeBase64Url(crypto::RandomBytes(kOnceBytes)); }
bool IsOnce(std::string_view once) { return !once.empty() && once.size() <= kMostOnceBytes; }

// Separates the digest of a link from the other values that the form key signs.
std::string AboutLink(std::string_view token) { return "link/" + std::string(token); }

std::string_view ErrorSection(reset::SetOutcome outcome) {
  switch (outcome) {
    case reset::SetOutcome::kTooShort: return "E_TOO_SHORT";
    case reset::SetOutcome::kTooLong: return "E_TOO_LONG";
    case reset::SetOutcome::kHasNul: return "E_NUL";
    case reset::SetOutcome::kTooGuessable: return "E_GUESSABLE";
    case reset::SetOutcome::kIsCurrent: return "E_CURRENT";
    case reset::SetOutcome::kDone:
    case reset::SetOutcome::kBadLink: break;
  }
  return {};
}

// 429 for what the visitor did, 503 for what all did together.
int StatusOf(const ratelimit::Refusal& refusal) {
  return refusal.verdict == ratelimit::Verdict::kOverCeiling ? 503 : 429;
}

void TallyAnswer(const Shared& shared, const http::Response& response) {
  switch (response.status() / 100) {
    case 2: return shared.Tally(Count::kAnswered2xx);
    case 3: return shared.Tally(Count::kAnswered3xx);
    case 4: return shared.Tally(Count::kAnswered4xx);
    default: return shared.Tally(Count::kAnswered5xx);
  }
}

// A header of a proxy that is not listed means that the peer is that proxy and not who asks.
bool IsMonitor(const Shared& shared, const Visit& visit) {
  const http::Request& request = visit.request;
  const bool forwarded = !request.x_forwarded_for.empty() || !request.forwarded.empty();
  const http::Hop remote{request.remote};
  if (forwarded && !shared.proxies.Lists(remote)) return false;
  return shared.monitors.Lists(forwarded || request.remote ? http::Hop{visit.address} : remote);
}

void WriteTally(const outbox::Tally& tally, metrics::Text& text) {
  const auto add = [&](metrics::Type type, const char* name, const char* label,
                       const std::map<std::string, uint64_t>& counts, const char* help) {
    for (const auto& [word, count] : counts) {
      text.Add(type, {name, std::string(label) + "=\"" + word + "\"", help}, count);
    }
  };
  add(metrics::Type::kGauge, "latchkey_notes", "state", tally.states, "Notes in the outbox.");
  text.Add(metrics::Type::kGauge,
           {"latchkey_note_oldest_seconds", "", "Age of the oldest note that waits."}, tally.oldest_s);
  add(metrics::Type::kCounter, "latchkey_notes_ended_total", "end", tally.ends,
      "Notes that ended, by how, on all machines.");
}

void WriteUsage(const ratelimit::Usage& usage, metrics::Text& text) {
  const auto add = [&](const char* name, uint64_t ratelimit::Tally::* count, const char* help) {
    for (size_t rule = 0; rule < ratelimit::kRules; ++rule) {
      std::string label(ratelimit::Name(static_cast<ratelimit::Rule>(rule)));
      std::replace(label.begin(), label.end(), '-', '_');
      label = "limit=\"" + label + "\"";
      text.Add(metrics::Type::kCounter, {name, label, help}, usage.rules[rule].*count);
    }
  };
  add("latchkey_limit_admissions_total", &ratelimit::Tally::admitted, "Forms within their limits.");
  add("latchkey_limit_refusals_total", &ratelimit::Tally::over_limit,
      "Forms over a limit; of account, mails that are not sent.");
  add("latchkey_ceiling_refusals_total", &ratelimit::Tally::over_ceiling,
      "Forms over the ceiling of all peers together.");
  text.Add(metrics::Type::kCounter,
           {"latchkey_limit_evictions_total", "", "Counters that were lost for want of room."},
           usage.evictions);
  text.Add(metrics::Type::kGauge, {"latchkey_limit_words", "", "Counters that there is room for."},
           usage.words);
  text.Add(metrics::Type::kGauge, {"latchkey_limit_words_live", "", "Counters in use."}, usage.live);
}

void WritePermits(const password::Permits::Usage& usage, metrics::Text& text) {
  text.Add(metrics::Type::kGauge,
           {"latchkey_hash_permits", "", "Hashes that may be computed at a time on this machine."},
           static_cast<uint64_t>(usage.permits));
  text.Add(metrics::Type::kGauge, {"latchkey_hash_permits_taken", "", "Those that are computed now."},
           static_cast<uint64_t>(usage.taken));
}

std::string_view Name(http::FormError error) {
  switch (error) {
    case http::FormError::kDuplicateField: return "duplicate_field";
    case http::FormError::kFieldInQuery: return "field_in_query";
    case http::FormError::kForbiddenByte: return "forbidden_byte";
    case http::FormError::kTruncated: break;
  }
  return "truncated";
}

// A wrong base_url shows here first, and to every visitor.
void LogCrossSite(const Visit& visit, const http::BaseUrl& base) {
  const std::string& origin = visit.request.origin;
  if (origin.empty() || origin == base.origin) {
    log::Warning("form_refused", {{"peer", visit.Peer()},
                                  {"why", "cross_site"},
                                  {"sec_fetch_site", visit.request.fetch_site.substr(0, 40)}});
    return;
  }
  log::Warning("form_refused", {{"peer", visit.Peer()},
                                {"why", "cross_site"},
                                {"origin", origin.substr(0, 300)},
                                {"base_url", base.whole},
                                {"cure", "base_url must be what the browser's address bar shows"}});
}

bool IsPost(const http::Request& request) { return request.method == http::Method::kPost; }

bool AllowsMethod(const RouteInfo& info, http::Method method) {
  switch (method) {
    case http::Method::kGet:
    case http::Method::kHead: return info.get;
    case http::Method::kPost: return info.post;
    case http::Method::kOther: break;
  }
  return false;
}

std::string_view Allow(const RouteInfo& info) {
  if (!info.post) return "GET, HEAD";
  return info.get ? "GET, HEAD, POST" : "POST";
}

// What the head alone says against reading this body; 0 for nothing.
int RefusalOfBody(const http::Request& request) {
  if (!request.content_length) return 411;
  if (*request.content_length > kMaxFormBytes) return 413;
  if (!request.HasFormBody()) return 415;
  return 0;
}

}  // namespace

App::App(const Shared& shared, accounts::Accounts& accounts, outbox::Drops& drops)
    : shared_(shared),
      drops_(drops),
      pages_(shared),
      resets_({shared.links, shared.not_me_links, shared.policy, shared.hashing, *shared.hash_work,
               shared.site_name, shared.logins,
               [&shared](std::string_view address, std::string_view peer) {
                 return shared.limiter == nullptr || shared.limiter->AdmitMail(address, peer);
               },
               [&shared](std::string_view id) { return shared.seen && shared.seen->Has(id); },
               [&shared](std::string_view id) {
                 if (shared.seen) shared.seen->Add(id);
               }},
              accounts, drops),
      sessions_({shared.sessions, shared.hashing, *shared.hash_work, shared.dummy_hash, shared.rehash},
                accounts) {}

App::Ticket App::Look(const http::Request& request) {
  Ticket ticket = Admit(request);
  if (ticket.refusal) TallyAnswer(shared_, *ticket.refusal);
  return ticket;
}

App::Reply App::Answer(Ticket ticket, http::PostedForm form) {
  Reply reply = AnswerUntallied(ticket, form);
  if (const auto* response = std::get_if<http::Response>(&reply)) {
    TallyAnswer(shared_, *response);
  } else if (db::Session::IsAwaited()) {
    // One waits for it, and others are told at once. In line they would wait, too.
    std::vector<Asked> alone;
    alone.push_back(std::get<Asked>(std::move(reply)));
    reply = std::move(Store(std::move(alone)).front());
  }
  return reply;
}

std::vector<http::Response> App::Store(std::vector<Asked> all) {
  const std::vector<Status> stored = StoreNotes(all);
  if (std::any_of(stored.begin(), stored.end(), [](const Status& one) { return one.ok(); })) {
    shared_.wake_mailer();
  }
  std::vector<http::Response> responses;
  for (size_t i = 0; i < all.size(); ++i) {
    responses.push_back(AfterAsk(all[i], stored[i]));
    TallyAnswer(shared_, responses.back());
  }
  return responses;
}

std::vector<Status> App::StoreNotes(const std::vector<Asked>& all) {
  const auto fresh = std::find_if(all.begin(), all.end(), [this](const Asked& asked) {
    return !shared_.outbox_stall.HasMet(asked.since);
  });
  std::vector<Status> outcomes(static_cast<size_t>(fresh - all.begin()),
                               Error{Next::kTryLater, "the outbox took nothing in time"});
  std::vector<const outbox::Note*> notes;
  for (auto asked = fresh; asked != all.end(); ++asked) notes.push_back(&asked->note);
  if (notes.empty()) return outcomes;

  const std::chrono::milliseconds began = shared_.clock.SinceBoot();
  const std::vector<Status> stored = drops_.DropAll(notes);
  if (!stored.back().ok()) shared_.outbox_stall.Failed(began, shared_.clock.SinceBoot());
  outcomes.insert(outcomes.end(), stored.begin(), stored.end());
  return outcomes;
}

bool App::IsThere(const Visit& visit, const RouteInfo& info) const {
  const bool is_watch = info.route == Route::kMetrics || info.route == Route::kHealth;
  if (is_watch) return IsMonitor(shared_, visit);
  return !info.only_with_login || shared_.login;
}

App::Ticket App::Admit(const http::Request& request) {
  Ticket ticket{.visit = Visit(shared_, request)};
  Visit& visit = ticket.visit;
  const std::optional<Match> match = FindRoute(shared_.base.path, request.path);
  if (!match || !IsThere(visit, *match->info)) {
    ticket.refusal = pages_.Problem(visit, 404);
    return ticket;
  }
  ticket.match = *match;
  if (!AllowsMethod(*match->info, request.method)) {
    ticket.refusal = pages_.Problem(visit, 405);
    ticket.refusal->AddHeader("Allow", Allow(*match->info));
    return ticket;
  }
  if (!IsPost(request)) return ticket;

  if (match->info->rule && shared_.limiter != nullptr) {
    ticket.over_limit = shared_.limiter->Admit(*match->info->rule, visit.address);
  }
  const int refusal = RefusalOfBody(request);
  if (refusal == 0) return ticket;
  ticket.refusal = ticket.over_limit ? TooMany(visit, *ticket.over_limit)
                                     : pages_.Problem(visit, refusal);
  return ticket;
}

App::Reply App::AnswerUntallied(Ticket& ticket, http::PostedForm& form) {
  Visit& visit = ticket.visit;
  if (!IsPost(visit.request)) {
    http::Response response = Get(visit, ticket.match);
    if (visit.request.method == http::Method::kHead) response.WithholdBody();
    return response;
  }
  if (std::holds_alternative<http::FormError>(form)) {
    log::Info("form_refused",
              {{"peer", visit.Peer()}, {"why", Name(std::get<http::FormError>(form))}});
    return ticket.over_limit ? TooMany(visit, *ticket.over_limit)
                             : pages_.Problem(visit, 400);
  }
  return Post(ticket, std::get<http::Form>(form));
}

http::Response App::Get(Visit& visit, const Match& match) {
  switch (match.info->route) {
    case Route::kHome: return GetHome(visit);
    case Route::kLogin: return GetLogin(visit);
    case Route::kRequest: return GetRequest(visit);
    case Route::kLink: return GetLink(visit, match.token);
    case Route::kReset: return GetReset(visit);
    case Route::kNotMeLink: return GetNotMeLink(visit, match.token);
    case Route::kNotMe: return GetNotMe(visit, {});
    case Route::kOutcome: return GetOutcome(visit);
    case Route::kMetrics: return GetMetrics();
    case Route::kHealth: return GetHealth();
    case Route::kChangePassword: {
      http::Response response = pages_.To("/reset_password_request");
      response.set_status(302);
      return response;
    }
    case Route::kLogout: break;
  }
  return pages_.Problem(visit, 404);
}

http::Response App::GetHome(Visit& visit) {
  if (!shared_.login) return http::SeeOther(shared_.home_url);
  const Result<std::optional<accounts::Account>> who = WhoIs(visit);
  if (!who.ok()) return Unavailable(visit, who.error());
  view::Values values;
  values.Set("CSRF", visit.guard.Token());
  if (who->has_value()) {
    values.Set("ADDRESS", (*who)->address);
    values.Show("SIGNED_IN");
  } else {
    values.Show("SIGNED_OUT");
  }
  return pages_.Render(visit, 200, "home", values);
}

http::Response App::GetOutcome(Visit& visit) {
  view::Values values;
  const std::string& sign_in = shared_.login ? shared_.base.path + "/login" : shared_.login_url;
  values.Show("HAS_LOGIN_URL");
  values.Set("LOGIN_URL", sign_in);
  return pages_.Render(visit, 200, "outcome", values);
}

http::Response App::GetMetrics() {
  metrics::Text text;
  const Result<outbox::Tally> tally = drops_.Count();
  // Without the database the other numbers are told: that is when they are looked at.
  if (tally.ok()) WriteTally(*tally, text);
  if (!tally.ok()) log::Warning("metrics_without_database", {{"why", tally.error().message}});
  text.Add(metrics::Type::kGauge, {"latchkey_database_up", "", "Whether the database answered."},
           tally.ok());
  shared_.counters.Write(text);
  WritePermits(shared_.hash_work->Read(), text);
  if (shared_.limiter != nullptr) WriteUsage(shared_.limiter->Read(), text);
  return pages_.Plain(metrics::Text::kContentType, text.text());
}

http::Response App::GetHealth() {
  const std::chrono::milliseconds now = shared_.clock.SinceBoot();
  std::optional<Health> health = shared_.health.Fresh(now);
  if (!health) {
    std::optional<ratelimit::Usage> limits;
    if (shared_.limiter != nullptr) limits = shared_.limiter->Read();
    health = Judge(drops_.Count(), shared_.hash_work->Read(),
                   limits ? &*limits : nullptr);
    shared_.health.Keep(*health, now);
  }
  http::Response response = pages_.Plain("application/json", health->text);
  response.set_status(health->status);
  return response;
}

http::Response App::GetLogin(Visit& visit) {
  const Result<std::optional<accounts::Account>> who = WhoIs(visit);
  if (!who.ok()) return Unavailable(visit, who.error());
  if (who->has_value()) return pages_.ToHome(std::nullopt);
  return ShowLogin(visit, "", {});
}

http::Response App::GetRequest(Visit& visit) {
  const Result<bool> signed_in = IsSignedIn(visit);
  if (!signed_in.ok()) return Unavailable(visit, signed_in.error());
  if (*signed_in) return pages_.ToHome(Notice::kAlreadySignedIn);
  return ShowRequest(visit, "", "", {});
}

http::Response App::GetLink(Visit& visit, std::string_view token) {
  bool expired = false;
  const std::optional<std::chrono::sys_seconds> ends =
      resets_.Recognise(token, visit.Peer(), &expired);
  if (!ends) return BadLink(expired);
  shared_.Tally(Count::kLinkOpened);
  // The token leaves the URL, the history and the next page's Referer. That page asks the account.
  http::Response response = pages_.To("/reset_password");
  SetTokenCookie(response, shared_.cookies.link, token, *ends);
  return response;
}

http::Response App::GetReset(Visit& visit) {
  const Result<bool> signed_in = IsSignedIn(visit);
  if (!signed_in.ok()) return Unavailable(visit, signed_in.error());
  if (*signed_in) return pages_.ToHome(Notice::kAlreadySignedIn);
  return ShowReset(visit, visit.request.Cookie(shared_.cookies.link), {});
}

http::Response App::GetNotMeLink(Visit& visit, std::string_view token) {
  const std::optional<std::chrono::sys_seconds> ends =
      resets_.RecogniseNotMe(token, visit.Peer());
  if (!ends) return BadLink(/*expired=*/false);
  http::Response response = pages_.To("/not_me");
  SetTokenCookie(response, shared_.cookies.not_me, token, *ends);
  return response;
}

// A page with a button: mail scanners open links.
http::Response App::GetNotMe(Visit& visit, const Shown& shown) {
  const std::string_view token = visit.request.Cookie(shared_.cookies.not_me);
  const Result<std::optional<reset::Opened>> opened = resets_.OpenNotMe(token, visit.Peer());
  if (!opened.ok() || !opened->has_value()) {
    return WithoutForm(visit, opened, /*expired=*/false, shown);
  }
  view::Values values;
  values.Set("ADDRESS", (*opened)->account.address);
  values.Set("LINK", shared_.form_stamp.Digest(AboutLink(token)));
  return FinishForm(visit, "not_me", values, shown);
}

App::Reply App::Post(Ticket& ticket, http::Form& form) {
  Visit& visit = ticket.visit;
  const Match& match = ticket.match;
  if (ticket.over_limit) {
    const int status = StatusOf(*ticket.over_limit);
    const Trouble trouble = status == 429 ? Trouble::kTooMany : Trouble::kUnavailable;
    return ShowForm(visit, match, form,
                    {.status = status, .trouble = trouble, .over_limit = ticket.over_limit});
  }
  if (IsCrossSite(visit.request, shared_.base)) {
    LogCrossSite(visit, shared_.base);
    return pages_.Problem(visit, 403);
  }
  if (!visit.guard.Accepts(form.Get("csrf_token"))) {
    log::Info("form_refused", {{"peer", visit.Peer()}, {"why", "csrf_token"}});
    return ShowForm(visit, match, form, {.status = 403, .trouble = Trouble::kFormExpired});
  }
  switch (match.info->route) {
    case Route::kLogin: return PostLogin(visit, form);
    case Route::kLogout: return PostLogout();
    case Route::kRequest: return PostRequest(ticket, form);
    case Route::kLink:
    case Route::kReset: return PostReset(visit, match.token, form);
    case Route::kNotMe: return PostNotMe(visit, form);
    default: return pages_.Problem(visit, 404);
  }
}

http::Response App::PostLogin(Visit& visit, const http::Form& form) {
  const std::string_view typed = form.Get("email");
  const Result<std::optional<std::string>> session =
      sessions_.SignIn(typed, form.Get("password"), visit.Peer());
  if (!session.ok() && session.error().next == Next::kBusy) {
    return ShowLogin(visit, typed, Busy(visit, session.error()));
  }
  if (!session.ok()) return ShowLogin(visit, typed, OutOfService(session.error()));
  shared_.Tally(session->has_value() ? Count::kSignedIn : Count::kSignInRefused);
  if (!session->has_value()) {
    return ShowLogin(visit, typed, {.status = 422, .error_section = "E_LOGIN"});
  }
  http::Response response = pages_.ToHome(std::nullopt);
  pages_.SetCookie(response, shared_.cookies.session, **session, std::nullopt);
  return response;
}

http::Response App::PostLogout() {
  http::Response response = pages_.ToSignIn(Notice::kSignedOut);
  pages_.ClearCookie(response, shared_.cookies.session);
  return response;
}

App::Reply App::PostRequest(Ticket& ticket, http::Form& form) {
  Visit& visit = ticket.visit;
  const std::string_view typed = form.Get("email"), once = form.Get("once");
  const Result<bool> signed_in = IsSignedIn(visit);
  if (!signed_in.ok()) return ShowRequest(visit, typed, once, OutOfService(signed_in.error()));
  if (*signed_in) return pages_.ToHome(Notice::kAlreadySignedIn);

  auto asked = resets_.Ask(typed, visit.Peer(), visit.request.languages, NoteIdOf(visit, form));
  if (auto* note = std::get_if<outbox::Note>(&asked)) {
    return Asked{std::move(ticket), std::move(form), std::move(*note), shared_.clock.SinceBoot()};
  }
  if (std::get<reset::AskOutcome>(asked) == reset::AskOutcome::kNotAnAddress) {
    return ShowRequest(visit, typed, once, {.status = 422, .error_section = "E_ADDRESS"});
  }
  return AfterAccepting();
}

http::Response App::AfterAsk(Asked& asked, const Status& stored) {
  if (stored.ok()) {
    resets_.Remember(asked.note);
    return AfterAccepting();
  }
  return ShowRequest(asked.ticket.visit, asked.form.Get("email"), asked.form.Get("once"),
                     OutOfService(stored.error()));
}

http::Response App::AfterAccepting() {
  shared_.Tally(Count::kLinkAsked);
  return pages_.ToSignIn(Notice::kCheckMail);
}

http::Response App::PostReset(Visit& visit, std::string_view token_in_path,
                              const http::Form& form) {
  const Result<bool> signed_in = IsSignedIn(visit);
  if (!signed_in.ok()) return Unavailable(visit, signed_in.error());
  if (*signed_in) return pages_.ToHome(Notice::kAlreadySignedIn);

  const bool from_path = !token_in_path.empty();
  const std::string token(from_path ? token_in_path : visit.request.Cookie(shared_.cookies.link));
  // The cookie ends with its token: a form that outlived it is an expired link.
  if (token.empty()) return BadLink(/*expired=*/form.Has("link"));
  const bool names_link = form.Has("link") || !from_path;
  if (names_link && !shared_.form_stamp.VerifyDigest(AboutLink(token), form.Get("link"))) {
    log::Info("password_not_set", {{"peer", visit.Peer()}, {"why", "other_link"}});
    view::Values values;
    return pages_.Render(visit, 409, "other_link", values);
  }
  if (form.Get("password") != form.Get("password2")) {
    return ShowReset(visit, token, {.status = 422, .error_section = "E_DIFFERENT"});
  }
  const Result<reset::SetOutcome> set = resets_.Set(token, form.Get("password"), visit.Peer(),
                                                     visit.request.languages);
  if (!set.ok() && set.error().next == Next::kFindOut) return Unsure(visit, set.error());
  if (!set.ok() && set.error().next == Next::kBusy) {
    return ShowReset(visit, token, Busy(visit, set.error()));
  }
  if (!set.ok()) return Unavailable(visit, set.error());
  return AfterSet(visit, token, *set);
}

http::Response App::PostNotMe(Visit& visit, const http::Form& form) {
  const std::string_view token = visit.request.Cookie(shared_.cookies.not_me);
  // Another link was opened since this form was shown: it names that account now.
  if (!shared_.form_stamp.VerifyDigest(AboutLink(token), form.Get("link"))) {
    return GetNotMe(visit, {.status = 409});
  }
  const Result<reset::NotMeOutcome> said = resets_.SayNotMe(token, visit.Peer());
  if (!said.ok()) return Unavailable(visit, said.error());
  if (*said == reset::NotMeOutcome::kBadLink) return BadLink(/*expired=*/false);
  shared_.Tally(Count::kNotMe);
  http::Response response = pages_.ToSignIn(Notice::kNotMe);
  for (const std::string* name : {&shared_.cookies.not_me, &shared_.cookies.link}) {
    pages_.ClearCookie(response, *name);
  }
  return response;
}

http::Response App::AfterSet(Visit& visit, std::string_view token, reset::SetOutcome outcome) {
  if (outcome == reset::SetOutcome::kBadLink) return BadLink(/*expired=*/false);
  if (outcome != reset::SetOutcome::kDone) {
    return ShowReset(visit, token, {.status = 422, .error_section = ErrorSection(outcome)});
  }
  shared_.Tally(Count::kPasswordSet);
  shared_.wake_mailer();
  http::Response response = pages_.ToSignIn(Notice::kPasswordChanged);
  pages_.ClearCookie(response, shared_.cookies.link);
  pages_.ClearCookie(response, shared_.cookies.session);
  return response;
}

http::Response App::ShowForm(Visit& visit, const Match& match, const http::Form& form,
                             const Shown& shown) {
  switch (match.info->route) {
    case Route::kLogin: return ShowLogin(visit, form.Get("email"), shown);
    case Route::kRequest:
      return ShowRequest(visit, form.Get("email"), form.Get("once"), shown);
    case Route::kReset: return ShowReset(visit, visit.request.Cookie(shared_.cookies.link), shown);
    case Route::kLink: return ShowReset(visit, match.token, shown);
    case Route::kNotMe: return GetNotMe(visit, shown);
    default: return pages_.Problem(visit, shown.status);
  }
}

http::Response App::ShowLogin(Visit& visit, std::string_view typed, const Shown& shown) {
  view::Values values;
  values.Set("ADDRESS", typed);
  return FinishForm(visit, "login", values, shown);
}

std::string App::NoteIdOf(const Visit& visit, const http::Form& form) const {
  const std::string_view once = form.Get("once");
  if (!IsOnce(once)) return {};
  // The cookie is ours, for the form was accepted: nobody can make the id of another's note.
  const std::string_view cookie = visit.request.Cookie(shared_.cookies.form);
  const std::string digest = shared_.form_stamp.Digest(
      LengthPrefixed({"note", cookie, once, form.Get("email")}));
  return crypto::DecodeBase64Url(digest).value_or("");
}

http::Response App::ShowRequest(Visit& visit, std::string_view typed, std::string_view once,
                                const Shown& shown) {
  view::Values values;
  values.Set("ADDRESS", typed);
  values.Set("ONCE", IsOnce(once) ? std::string(once) : NewOnce());
  return FinishForm(visit, "request", values, shown);
}

http::Response App::ShowReset(Visit& visit, std::string_view token, const Shown& shown) {
  bool expired = false;
  const Result<std::optional<reset::Opened>> opened = resets_.Open(token, visit.Peer(), &expired);
  if (!opened.ok() || !opened->has_value()) return WithoutForm(visit, opened, expired, shown);
  view::Values values;
  values.Set("ADDRESS", (*opened)->account.address);
  values.Set("LINK", shared_.form_stamp.Digest(AboutLink(token)));
  values.Set("MIN_LENGTH", std::to_string(shared_.policy.min_code_points));
  values.Set("MAX_BYTES", std::to_string(shared_.hashing.written().max_password_bytes()));
  http::Response response = FinishForm(visit, "set_password", values, shown);
  // The form posts to the URL without the token, so the token must be in the cookie.
  if (visit.request.Cookie(shared_.cookies.link) != token) {
    SetTokenCookie(response, shared_.cookies.link, token, (*opened)->expires);
  }
  return response;
}

http::Response App::WithoutForm(Visit& visit, const Result<std::optional<reset::Opened>>& opened,
                                bool expired, const Shown& shown) {
  if (shown.over_limit) return TooMany(visit, *shown.over_limit);
  if (shown.trouble == Trouble::kFormExpired) {
    view::Values values;
    values.Show("S_FORM_EXPIRED");
    return pages_.Render(visit, shown.status, "error", values);
  }
  if (!opened.ok()) return Unavailable(visit, opened.error());
  return BadLink(expired);
}

http::Response App::FinishForm(Visit& visit, std::string_view page, view::Values& values,
                               const Shown& shown) {
  values.Set("CSRF", visit.guard.Token());
  if (!shown.error_section.empty()) values.Show(shown.error_section);
  const std::chrono::seconds wait =
      shown.over_limit ? RoundUp(shown.over_limit->window_left) : std::chrono::seconds(0);
  Pages::ShowTrouble(values, shown.trouble, wait);
  http::Response response = pages_.Render(visit, shown.status, page, values);
  if (shown.over_limit) {
    pages_.AddLimitHeaders(response, *shown.over_limit);
  } else if (shown.trouble == Trouble::kUnavailable) {
    response.AddHeader("Retry-After", kRetryAfterOutage);
  } else if (shown.trouble == Trouble::kBusy) {
    response.AddHeader("Retry-After", kRetryAfterBusy);
  }
  return response;
}

http::Response App::BadLink(bool expired) const {
  shared_.Tally(expired ? Count::kLinkExpired : Count::kLinkBad);
  http::Response response = pages_.ToSignIn(expired ? Notice::kLinkExpired : Notice::kLinkBad);
  pages_.ClearCookie(response, shared_.cookies.link);
  return response;
}

http::Response App::TooMany(Visit& visit, const ratelimit::Refusal& refusal) const {
  http::Response response =
      pages_.Problem(visit, StatusOf(refusal), RoundUp(refusal.window_left));
  pages_.AddLimitHeaders(response, refusal);
  return response;
}

App::Shown App::OutOfService(const Error& error) const {
  shared_.Tally(Count::kUnavailable);
  log::Error("service_unavailable", {{"why", error.message}});
  return {.status = 503, .trouble = Trouble::kUnavailable};
}

App::Shown App::Busy(const Visit& visit, const Error& error) const {
  log::Warning("hash_busy", {{"peer", visit.Peer()}, {"why", error.message}});
  return {.status = 503, .trouble = Trouble::kBusy};
}

http::Response App::Unavailable(Visit& visit, const Error& error) {
  shared_.Tally(Count::kUnavailable);
  log::Error("service_unavailable", {{"why", error.message}});
  http::Response response = pages_.Problem(visit, 503);
  response.AddHeader("Retry-After", kRetryAfterOutage);
  return response;
}

http::Response App::Unsure(Visit& visit, const Error& error) {
  log::Error("password_unknown", {{"why", error.message}});
  view::Values values;
  values.Show("S_UNSURE");
  return pages_.Render(visit, 503, "error", values);
}

void App::SetTokenCookie(http::Response& response, const std::string& name,
                         std::string_view token, std::chrono::sys_seconds ends) const {
  pages_.SetCookie(response, name, token, ends - shared_.clock.Now());
}

Result<std::optional<accounts::Account>> App::WhoIs(const Visit& visit) {
  if (!shared_.login) return std::optional<accounts::Account>();
  return sessions_.WhoIs(visit.request.Cookie(shared_.cookies.session));
}

Result<bool> App::IsSignedIn(const Visit& visit) {
  if (shared_.trust_remote_user && !visit.request.remote_user.empty()) return true;
  const Result<std::optional<accounts::Account>> who = WhoIs(visit);
  if (!who.ok()) return who.error();
  return who->has_value();
}

}  // namespace latchkey::web
