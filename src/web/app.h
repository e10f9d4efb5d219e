// app.h -- the routes: Request -> reset, session -> view -> Response
//
// An App belongs to one thread, as its database session does; what all threads share is in Shared. A
// request is taken in two steps, so that what is refused by its head costs no reading: Look sees the
// head only and counts a POST against its limit, Answer sees the form. Who asks for a link is answered
// in a third step, for many at a time: when their notes are in the outbox, in Store.

#pragma once

#include <chrono>
#include <optional>
#include <variant>
#include <vector>

#include "accounts/accounts.h"
#include "http/form.h"
#include "http/request.h"
#include "http/response.h"
#include "outbox/outbox.h"
#include "reset/reset.h"
#include "session/session.h"
#include "web/pages.h"
#include "web/routes.h"
#include "web/shared.h"

namespace latchkey::web {

// The longest form that is read.
inline constexpr uint64_t kMaxFormBytes = 8192;

class App {
 public:
  // All arguments outlive this object.
  App(const Shared& shared, accounts::Accounts& accounts, outbox::Drops& drops);

  struct Ticket {
    Visit visit;
    // Set: send this, the body is not needed.
    std::optional<http::Response> refusal = {};
    // Else, for Answer:
    Match match = {};
    std::optional<ratelimit::Refusal> over_limit = {};
  };
  // The request outlives the ticket.
  Ticket Look(const http::Request& request);
  // A form that is answered when its note is stored.
  struct Asked {
    Ticket ticket;
    http::Form form;
    outbox::Note note;
    std::chrono::milliseconds since;  // by Shared's clock, since boot
  };
  using Reply = std::variant<http::Response, Asked>;
  // form: of a POST; an empty one otherwise. Waits for the database where it looks at accounts.
  Reply Answer(Ticket ticket, http::PostedForm form);
  // The answer to each, which may be another App's of this program, in the order they came. Waits for the
  // database.
  std::vector<http::Response> Store(std::vector<Asked> all);

 private:
  // What a form of ours shows besides what was typed.
  struct Shown {
    int status = 200;
    Trouble trouble = Trouble::kNone;
    std::string_view error_section = {};  // "E_..." beside a field
    std::optional<ratelimit::Refusal> over_limit = {};
  };

  // Of nobody where the built-in sign-in page is off.
  Result<std::optional<accounts::Account>> WhoIs(const Visit& visit);
  // By our session, or by the web server's word where that counts.
  Result<bool> IsSignedIn(const Visit& visit);

  Ticket Admit(const http::Request& request);
  Reply AnswerUntallied(Ticket& ticket, http::PostedForm& form);
  // Whether this route is there, for this visitor.
  bool IsThere(const Visit& visit, const RouteInfo& info) const;

  http::Response Get(Visit& visit, const Match& match);
  http::Response GetHome(Visit& visit);
  http::Response GetOutcome(Visit& visit);
  http::Response GetMetrics();
  http::Response GetHealth();
  http::Response GetLogin(Visit& visit);
  http::Response GetRequest(Visit& visit);
  http::Response GetLink(Visit& visit, std::string_view token);
  http::Response GetReset(Visit& visit);
  http::Response GetNotMeLink(Visit& visit, std::string_view token);
  http::Response GetNotMe(Visit& visit, const Shown& shown);

  Reply Post(Ticket& ticket, http::Form& form);
  http::Response PostLogin(Visit& visit, const http::Form& form);
  http::Response PostLogout();
  Reply PostRequest(Ticket& ticket, http::Form& form);
  std::vector<Status> StoreNotes(const std::vector<Asked>& all);
  http::Response AfterAsk(Asked& asked, const Status& stored);
  http::Response AfterAccepting();
  http::Response PostReset(Visit& visit, std::string_view token_in_path, const http::Form& form);
  http::Response PostNotMe(Visit& visit, const http::Form& form);
  http::Response AfterSet(Visit& visit, std::string_view token, reset::SetOutcome outcome);

  // The form of this route again, with what was typed, never a password.
  http::Response ShowForm(Visit& visit, const Match& match, const http::Form& form,
                          const Shown& shown);
  http::Response ShowLogin(Visit& visit, std::string_view typed, const Shown& shown);
  // once: as the form had it, so that a repetition of it is still one.
  http::Response ShowRequest(Visit& visit, std::string_view typed, std::string_view once,
                             const Shown& shown);
  // Of the note that this form makes, however often it comes; empty where it cannot tell.
  std::string NoteIdOf(const Visit& visit, const http::Form& form) const;
  // Or WithoutForm, as GetNotMe.
  http::Response ShowReset(Visit& visit, std::string_view token, const Shown& shown);
  // Instead of a form whose link is not good, the way to a new one; but where the form was refused
  // before its link was looked at, that is what is told.
  http::Response WithoutForm(Visit& visit, const Result<std::optional<reset::Opened>>& opened,
                             bool expired, const Shown& shown);
  http::Response FinishForm(Visit& visit, std::string_view page, view::Values& values,
                            const Shown& shown);

  http::Response BadLink(bool expired) const;
  // Without a form.
  http::Response TooMany(Visit& visit, const ratelimit::Refusal& refusal) const;
  // A part that the answer needs is away: logged, and said.
  http::Response Unavailable(Visit& visit, const Error& error);
  // Whether the password was set is unknown.
  http::Response Unsure(Visit& visit, const Error& error);
  Shown OutOfService(const Error& error) const;
  // Too many hash right now.
  Shown Busy(const Visit& visit, const Error& error) const;
  // A cookie that ends with its token.
  void SetTokenCookie(http::Response& response, const std::string& name, std::string_view token,
                      std::chrono::sys_seconds ends) const;

  const Shared& shared_;
  outbox::Drops& drops_;
  Pages pages_;
  reset::Resets resets_;
  session::Sessions sessions_;
};

}  // namespace latchkey::web
