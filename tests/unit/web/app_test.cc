#include "web/app.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <set>

#include "base/die.h"
#include "base/text.h"
#include "support/fake_accounts.h"
#include "support/fake_clock.h"
#include "support/fake_drops.h"
#include "support/fake_hash_work.h"
#include "support/registered_scheme.h"
#include "support/site_keys.h"
#include "support/temp_dir.h"
#include "support/visitor.h"

namespace latchkey::web {
namespace {

using password::FakeScheme;
using testing::HasSubstr;
using testing::Not;

constexpr char kOld[] = "the old password of ann";
constexpr char kNew[] = "nine purple hedgehogs dance";

class Site : public testing::Test {
 protected:
  Site() {
    accounts_.rows = {{"7", "ann@example.org", FakeScheme::Hash(kOld)},
                      {"8", "bob@example.org", FakeScheme::Hash("the old password of bob")}};
    shared_.site_name = "Example";
  }

  std::string LinkOf(size_t row, std::chrono::seconds life = std::chrono::seconds(600)) {
    return "/account/reset_password/" + shared_.links.Issue(accounts_.rows[row], life);
  }
  void TurnLimitsOn(uint32_t mails = 10, uint32_t ceiling = 1000) {
    config::Limits limits;
    limits.table = limits_directory_.Path("limits");
    limits.words = 1024;
    const config::Limit all{ceiling, std::chrono::seconds(60)};
    limits.reset_request = limits.login = {5, std::chrono::seconds(60)};
    limits.reset_password = {3, std::chrono::seconds(60)};
    limits.account = {mails, std::chrono::hours(1)};
    limits.reset_request_ceiling = limits.reset_password_ceiling = limits.login_ceiling = all;
    shared_.limiter = std::make_unique<ratelimit::Limiter>(
        ratelimit::ToSettings(limits), OrDie(ratelimit::OpenStore(limits, clock_)),
        shared_.keyring.First(token::Purpose::kLimiter).hmac);
  }
  void TurnLoginOff() {
    shared_.login = false;
    shared_.login_url = "https://www.example.org/signin";
    shared_.home_url = "https://www.example.org/";
  }
  void SignIn(Visitor& visitor) {
    visitor.Open("/account/login");
    visitor.Submit({{"email", "ann@example.org"}, {"password", kOld}});
    ASSERT_EQ(visitor.status(), 303);
  }

  TempDir limits_directory_;
  FakeClock clock_;
  Shared shared_{OrDie(http::BaseUrl::Parse(kTestOrigin)), TestKeyring(),
                 OrDie(view::Templates::Load("templates", view::kPageTemplates)),
                 password::FakeHashing(), clock_};
  password::FakeHashWork& work_ = [this]() -> auto& {
    auto work = std::make_unique<password::FakeHashWork>();
    auto& there = *work;
    shared_.hash_work = std::move(work);
    return there;
  }();
  FakeAccounts accounts_;
  FakeDrops drops_;
  App app_{shared_, accounts_, drops_};
  Visitor ann_{app_};
};

TEST_F(Site, WholePath) {
  int woken = 0;
  shared_.wake_mailer = [&] { ++woken; };
  ann_.Open("/account/reset_password_request");
  EXPECT_EQ(ann_.status(), 200);
  ann_.Submit({{"email", "ann@example.org"}});
  EXPECT_EQ(ann_.status(), 303);
  EXPECT_EQ(ann_.location(), "/account/login");
  EXPECT_EQ(woken, 1);
  ann_.Follow();
  EXPECT_TRUE(ann_.Sees("Check your mail"));
  ann_.Open("/account/login");
  EXPECT_FALSE(ann_.Sees("Check your mail"));  // said once

  ann_.Open(LinkOf(0));
  EXPECT_EQ(ann_.status(), 303);
  EXPECT_EQ(ann_.location(), "/account/reset_password");
  ann_.Follow();
  EXPECT_EQ(ann_.status(), 200);
  EXPECT_TRUE(ann_.Sees("ann@example.org"));
  ann_.Submit({{"password", kNew}, {"password2", kNew}});
  EXPECT_EQ(ann_.status(), 303);
  EXPECT_EQ(ann_.location(), "/account/login");
  EXPECT_EQ(woken, 2);
  ann_.Follow();
  EXPECT_TRUE(ann_.Sees("Your password is changed"));

  ann_.Submit({{"email", "ann@example.org"}, {"password", kNew}});
  EXPECT_EQ(ann_.location(), "/account/");
  ann_.Follow();
  EXPECT_TRUE(ann_.Sees("ann@example.org"));
  ann_.Submit({});
  EXPECT_EQ(ann_.location(), "/account/login");
  ann_.Open("/account/");
  EXPECT_FALSE(ann_.Sees("ann@example.org"));
}

TEST_F(Site, AFormThatComesAgainIsTakenOnceEvenWhenItsMailIsGone) {
  shared_.seen = std::make_unique<ratelimit::Seen>(
      OrDie(ratelimit::Seen::Open(limits_directory_.Path("seen"))));
  ann_.Open("/account/reset_password_request");
  const Visitor::Fields form = {{"csrf_token", ann_.Field("csrf_token")},
                                {"once", ann_.Field("once")},
                                {"email", "ann@example.org"}};
  ann_.Post("/account/reset_password_request", form);
  ASSERT_EQ(drops_.notes.size(), 1u);
  drops_.notes.clear();
  ann_.Post("/account/reset_password_request", form);
  EXPECT_EQ(ann_.location(), "/account/login");
  EXPECT_EQ(drops_.notes.size(), 0u);
  // Who asks on purpose opens the form again.
  ann_.Open("/account/reset_password_request");
  ann_.Submit({{"email", "ann@example.org"}});
  EXPECT_EQ(drops_.notes.size(), 1u);
}

TEST_F(Site, OneNoteIsOfOneVisitorsFormAndAddress) {
  Visitor bob(app_, "192.0.2.2");
  for (Visitor* visitor : {&ann_, &bob}) {
    visitor->Open("/account/reset_password_request");
    for (const std::string address : {"ann@example.org", "bob@example.org"}) {
      for (const std::string once : {"1", "2", "2"}) {
        visitor->Post("/account/reset_password_request", {{"csrf_token", visitor->Field("csrf_token")},
                                                          {"once", once},
                                                          {"email", address}});
        visitor->Open("/account/reset_password_request");
      }
    }
  }
  EXPECT_EQ(drops_.notes.size(), 8u);
}

TEST_F(Site, AFormWhoseFateIsUnknownIsTheSameWhenItIsSentAgain) {
  ann_.Open("/account/reset_password_request");
  drops_.failure = Error{Next::kFindOut, "gone"};
  ann_.Submit({{"email", "ann@example.org"}});
  EXPECT_EQ(ann_.status(), 503);
  const std::string once = ann_.Field("once");
  drops_.failure.reset();
  ann_.Submit({{"email", "ann@example.org"}});
  EXPECT_EQ(ann_.status(), 303);
  const std::string id = drops_.notes.at(0).id;
  ann_.Open("/account/reset_password_request");
  EXPECT_NE(ann_.Field("once"), once);
  ann_.Submit({{"email", "ann@example.org"}, {"once", once}});
  EXPECT_EQ(drops_.notes.size(), 1u);
}

TEST_F(Site, AFormOfATemplateThatDoesNotHaveTheFieldIsTakenEachTime) {
  for (const std::string& once : {std::string(), std::string(65, 'x')}) {
    ann_.Open("/account/reset_password_request");
    ann_.Submit({{"email", "ann@example.org"}, {"once", once}});
  }
  EXPECT_EQ(drops_.notes.size(), 2u);
}

TEST_F(Site, ThisWasNotMeTakesAButtonAndNamesTheAccount) {
  const auto not_me = [&](size_t row) {
    return "/account/reset_password/not_me/" +
           shared_.not_me_links.Issue(accounts_.rows[row], std::chrono::hours(24));
  };
  ann_.Open(not_me(0));
  EXPECT_EQ(ann_.location(), "/account/not_me");
  ann_.Follow();
  EXPECT_TRUE(ann_.Sees("ann@example.org"));
  EXPECT_TRUE(accounts_.states.empty());
  // In another tab another account's link is opened: the form of the first must not end it.
  const std::string csrf = ann_.Field("csrf_token"), link = ann_.Field("link");
  ann_.Open(not_me(1));
  ann_.Post("/account/not_me", {{"csrf_token", csrf}, {"link", link}});
  EXPECT_EQ(ann_.status(), 409);
  EXPECT_TRUE(ann_.Sees("bob@example.org"));
  EXPECT_TRUE(accounts_.states.empty());
  ann_.Submit({});
  EXPECT_EQ(ann_.status(), 303);
  EXPECT_TRUE(accounts_.states["8"].muted);
  EXPECT_FALSE(accounts_.states["7"].muted);
  ann_.Follow();
  EXPECT_TRUE(ann_.Sees("The links no longer work"));
  ann_.Open("/account/not_me");
  EXPECT_EQ(ann_.status(), 303);
  accounts_.failure = Error{Next::kTryLater, "down"};
  ann_.Open(not_me(0));
  ann_.Follow();
  EXPECT_EQ(ann_.status(), 503);
}

TEST_F(Site, SignInThatIsBusyKeepsTheAddressAndNeverThePassword) {
  ann_.Open("/account/login");
  work_.busy = true;
  ann_.Submit({{"email", "ann@example.org"}, {"password", kOld}});
  EXPECT_EQ(ann_.status(), 503);
  EXPECT_TRUE(ann_.Sees("We cannot do this right now"));
  EXPECT_EQ(ann_.Field("email"), "ann@example.org");
  EXPECT_FALSE(ann_.Sees(kOld));
  work_.busy = false;
  ann_.Submit({{"email", "ann@example.org"}, {"password", kOld}});
  EXPECT_EQ(ann_.status(), 303);
}

TEST_F(Site, NewPasswordThatIsBusyKeepsTheFormAndTheLink) {
  ann_.Open(LinkOf(0));
  ann_.Follow();
  work_.busy = true;
  const http::Response& reply = ann_.Submit({{"password", kNew}, {"password2", kNew}});
  EXPECT_EQ(reply.status(), 503);
  EXPECT_EQ(reply.Header("Retry-After"), "2");
  EXPECT_TRUE(ann_.Sees("We cannot do this right now"));
  EXPECT_FALSE(ann_.Sees(kNew));
  work_.busy = false;
  ann_.Submit({{"password", kNew}, {"password2", kNew}});
  EXPECT_EQ(ann_.status(), 303);
  ann_.Follow();
  EXPECT_TRUE(ann_.Sees("Your password is changed"));
}

// Limiter, shape, token, account, policy: what each refuses takes nobody's turn to hash.
TEST_F(Site, WhatIsRefusedBeforeTakesNoHashWork) {
  ann_.Open(LinkOf(0));
  ann_.Follow();
  const std::string csrf = ann_.Field("csrf_token"), link = ann_.Field("link");
  const auto post = [&](std::string_view path, Visitor::Fields fields, const char* token) {
    fields.emplace_back("csrf_token", token);
    return ann_.Post(path, fields).status();
  };
  EXPECT_EQ(post("/account/login", {{"email", "ann@example.org"}, {"password", kOld}}, "forged"), 403);
  EXPECT_EQ(post("/account/reset_password", {{"link", "x"}, {"password", kNew}, {"password2", kNew}},
                 csrf.c_str()), 409);
  EXPECT_EQ(post("/account/reset_password", {{"link", link}, {"password", kNew}, {"password2", "x"}},
                 csrf.c_str()), 422);
  EXPECT_EQ(post("/account/reset_password", {{"link", link}, {"password", "x"}, {"password2", "x"}},
                 csrf.c_str()), 422);
  EXPECT_EQ(post("/account/reset_password/no.such.link", {{"password", kNew}, {"password2", kNew}},
                 csrf.c_str()), 303);
  TurnLimitsOn();
  for (int i = 0; i < 5; ++i) post("/account/login", {}, "forged");
  EXPECT_EQ(post("/account/login", {{"email", "ann@example.org"}, {"password", kOld}}, csrf.c_str()),
            429);
  EXPECT_EQ(work_.pieces, 0);
}

// The limiter comes first: what else is wrong with a form is neither told nor counted.
TEST_F(Site, OverTheLimitEveryFormIsOneTooMany) {
  shared_.monitors = {{*Network::Parse("192.0.2.1")}, false};
  ann_.Open(LinkOf(0));
  ann_.Follow();
  const std::string csrf = ann_.Field("csrf_token"), link = ann_.Field("link");
  const auto post = [&](std::string form, std::string of_link, const char* password) {
    return ann_.Post("/account/reset_password", {{"csrf_token", form},
                                                 {"link", of_link},
                                                 {"password", password},
                                                 {"password2", password}}).status();
  };
  const auto post_bad_link = [&] {
    return ann_.Post("/account/reset_password/no.such.link",
                     {{"csrf_token", csrf}, {"password", kNew}, {"password2", kNew}}).status();
  };
  http::Request damaged;
  damaged.method = http::Method::kPost;
  damaged.path = "/account/reset_password";
  damaged.remote = IpAddress::Parse("192.0.2.1");
  damaged.content_type = "application/x-www-form-urlencoded";
  damaged.content_length = 1;
  http::Request too_long = damaged;
  too_long.content_length = 8193;
  const std::pair<int, std::function<int()>> faults[] = {
      {413, [&] { return ann_.Send(too_long, http::Form()).status(); }},
      {400, [&] { return ann_.Send(damaged, http::FormError::kDuplicateField).status(); }},
      {400, [&] { return ann_.Send(damaged, http::FormError::kTruncated).status(); }},
      {403, [&] { return post("forged", link, kNew); }},
      {409, [&] { return post(csrf, "of another", kNew); }},
      {422, [&] { return post(csrf, link, "short"); }},
      {303, post_bad_link}};
  const auto cookies = ann_.cookies;
  const auto post_all = [&](bool over_limit) {
    for (const auto& [status, fault] : faults) {
      ann_.cookies = cookies;
      EXPECT_EQ(fault(), over_limit ? 429 : status) << status;
    }
  };
  post_all(/*over_limit=*/false);
  TurnLimitsOn();
  for (int i = 0; i < 3; ++i) ann_.Send(damaged, http::FormError::kTruncated);
  post_all(/*over_limit=*/true);
  EXPECT_EQ(work_.pieces, 0);
  ann_.Open("/account/metrics");
  EXPECT_TRUE(ann_.Sees("latchkey_links_opened_total{link=\"bad\"} 1\n")) << ann_.page();
}

// Then the form itself, then its link: a form that is not ours says nothing about a link.
TEST_F(Site, AForgedFormIsRefusedBeforeItsLinkIsLookedAt) {
  shared_.monitors = {{*Network::Parse("192.0.2.1")}, false};
  const std::string link = LinkOf(0);
  ann_.Open("/account/login");
  ann_.Open("/account/reset_password/not_me/" +
            shared_.not_me_links.Issue(accounts_.rows[0], std::chrono::hours(24)));
  ann_.Open(link);
  const auto cookies = ann_.cookies;
  const auto expect_refused = [&](const char* why) {
    for (const std::string& path : {std::string("/account/reset_password"), link,
                                    std::string("/account/reset_password/no.such.link"),
                                    std::string("/account/not_me")}) {
      ann_.Post(path, {{"csrf_token", "forged"}, {"password", kNew}, {"password2", kNew}});
      EXPECT_EQ(ann_.status(), 403) << why << ", " << path;
      EXPECT_EQ(ann_.cookies, cookies) << why << ", " << path;
    }
  };
  expect_refused("good");
  accounts_.failure = Error{Next::kTryLater, "away"};
  expect_refused("the database is away");
  accounts_.failure.reset();
  accounts_.rows[0].hash = FakeScheme::Hash(kNew);
  expect_refused("used");
  EXPECT_TRUE(ann_.Sees("open the link from the mail again"));
  clock_.Advance(std::chrono::hours(24));
  expect_refused("expired");

  ann_.Open("/account/metrics");
  for (const char* line : {"latchkey_links_opened_total{link=\"expired\"} 0\n",
                           "latchkey_links_opened_total{link=\"bad\"} 0\n",
                           "latchkey_unavailable_total 0\n"}) {
    EXPECT_TRUE(ann_.Sees(line)) << line << ann_.page();
  }
}

TEST_F(Site, AForgedFormOfAGoodLinkIsShownAgain) {
  ann_.Open(LinkOf(0));
  ann_.Follow();
  ann_.Submit({{"csrf_token", "forged"}, {"password", kNew}, {"password2", kNew}});
  EXPECT_EQ(ann_.status(), 403);
  EXPECT_EQ(accounts_.swaps, 0);
  ann_.Submit({{"password", kNew}, {"password2", kNew}});  // the form that came back is good
  EXPECT_EQ(ann_.status(), 303);
  EXPECT_EQ(accounts_.swaps, 1);
}

// Then the account, then the policy.
TEST_F(Site, ALinkThatWasUsedIsToldBeforeAnyFaultOfThePassword) {
  constexpr std::pair<const char*, const char*> kFaults[] = {
      {"short", "short"}, {"short", "another"}, {"passwordpassword", "passwordpassword"}};
  for (const auto& [password, again] : kFaults) {
    accounts_.rows[0].hash = FakeScheme::Hash(kOld);
    ann_.Open(LinkOf(0));
    ann_.Follow();
    accounts_.rows[0].hash = FakeScheme::Hash(kNew);  // in another tab
    ann_.Submit({{"password", password}, {"password2", again}});
    EXPECT_EQ(ann_.status(), 303) << password;
    ann_.Follow();
    EXPECT_TRUE(ann_.Sees("does not work")) << password;
  }
}

TEST_F(Site, MetricsTellWhatHappened) {
  shared_.monitors = {{*Network::Parse("192.0.2.1")}, false};
  work_.usage = {.permits = 3, .taken = 2};
  drops_.tally = {{{"failed", 2}, {"waiting", 3}}, {{"sent", 40}}, 17};
  ann_.Open("/account/reset_password_request");
  ann_.Submit({{"email", "ann@example.org"}});
  ann_.Open(LinkOf(0));
  ann_.Open("/account/metrics");
  EXPECT_EQ(ann_.status(), 200);
  for (const char* line : {"latchkey_links_asked_total 1\n", "latchkey_database_up 1\n",
                           "latchkey_hash_permits 3\n", "latchkey_hash_permits_taken 2\n",
                           "latchkey_links_opened_total{link=\"good\"} 1\n",
                           "latchkey_links_opened_total{link=\"bad\"} 0\n",
                           "latchkey_answers_total{class=\"3xx\"} 2\n",
                           "latchkey_notes{state=\"waiting\"} 3\n",
                           "latchkey_note_oldest_seconds 17\n",
                           "latchkey_notes_ended_total{end=\"sent\"} 40\n"}) {
    EXPECT_TRUE(ann_.Sees(line)) << line << ann_.page();
  }
}

TEST_F(Site, MetricsAreToldWithoutTheDatabase) {
  shared_.monitors = {{*Network::Parse("192.0.2.1")}, false};
  drops_.failure = Error{Next::kTryLater, "down"};
  ann_.Open("/account/metrics");
  EXPECT_EQ(ann_.status(), 200);
  EXPECT_TRUE(ann_.Sees("latchkey_database_up 0\n"));
  EXPECT_TRUE(ann_.Sees("latchkey_links_asked_total 0\n"));
  EXPECT_FALSE(ann_.Sees("latchkey_notes{"));
}

TEST_F(Site, HealthIsJudgedOnceASecondForAllThreads) {
  shared_.monitors = {{*Network::Parse("192.0.2.1")}, false};
  App another_threads(shared_, accounts_, drops_);
  Visitor other(another_threads);
  const auto expect = [&](int status, const char* text) {
    for (Visitor* monitor : {&ann_, &other}) {
      EXPECT_EQ(monitor->Open("/account/healthz").status(), status) << text;
      EXPECT_TRUE(monitor->Sees(text)) << text << monitor->page();
    }
  };
  drops_.tally.oldest_s = 3;
  expect(200, "\"note_oldest_seconds\": 3,");
  drops_.tally.oldest_s = 4;
  clock_.Advance(std::chrono::milliseconds(999));
  expect(200, "\"note_oldest_seconds\": 3,");
  clock_.Advance(std::chrono::milliseconds(1));
  expect(200, "\"note_oldest_seconds\": 4,");
  drops_.failure = Error{Next::kTryLater, "down"};
  expect(200, "\"database_up\": 1,");
  clock_.Advance(std::chrono::seconds(1));
  expect(503, "\"database_up\": 0,");
  drops_.failure.reset();
  expect(503, "\"database_up\": 0,");
  clock_.Advance(std::chrono::seconds(1));
  expect(200, "\"database_up\": 1,");
}

TEST_F(Site, MetricsAreForListedPeersAlone) {
  shared_.monitors = {{*Network::Parse("192.0.2.8/29")}, false};
  ann_.Open("/account/metrics");
  EXPECT_EQ(ann_.status(), 404);
  Visitor monitor(app_, "192.0.2.9");
  monitor.Open("/account/metrics");
  EXPECT_EQ(monitor.status(), 200);
  // A proxy that nobody listed brings visitors; it is not the monitor itself that asks.
  monitor.x_forwarded_for = "203.0.113.7";
  monitor.Open("/account/metrics");
  EXPECT_EQ(monitor.status(), 404);
  shared_.proxies.networks = {*Network::Parse("192.0.2.9")};
  monitor.Open("/account/metrics");
  EXPECT_EQ(monitor.status(), 404);
  monitor.x_forwarded_for = "192.0.2.10";
  monitor.Open("/account/metrics");
  EXPECT_EQ(monitor.status(), 200);
}

TEST_F(Site, EveryPageCarriesItsHeaders) {
  for (const char* path : {"/account/", "/account", "/account/login", "/account/reset_password_request",
                           "/account/outcome", "/account/nowhere", "/elsewhere"}) {
    const http::Response& response = ann_.Open(path);
    EXPECT_EQ(response.Header("Cache-Control"), "no-store") << path;
    EXPECT_EQ(response.Header("X-Content-Type-Options"), "nosniff") << path;
    EXPECT_EQ(response.Header("Referrer-Policy"), "same-origin") << path;
    const std::string policy(response.Header("Content-Security-Policy"));
    EXPECT_THAT(policy, HasSubstr("default-src 'none'")) << path;
    EXPECT_THAT(policy, HasSubstr("frame-ancestors 'none'")) << path;
    EXPECT_THAT(policy, Not(HasSubstr("unsafe"))) << path;
  }
}

TEST_F(Site, FormActionNamesTheSitesOwnPages) {
  EXPECT_THAT(ContentSecurityPolicy("https://a.example/in", "https://b.example:8443/"),
              HasSubstr("form-action 'self' https://a.example https://b.example:8443;"));
  EXPECT_THAT(ContentSecurityPolicy("https://a.example/in", "https://a.example/"),
              HasSubstr("form-action 'self' https://a.example;"));
}

TEST_F(Site, CookiesAreOfTheHostAndOfThisInstallation) {
  ann_.Open("/account/login");
  ASSERT_EQ(ann_.cookies.size(), 1u);
  const std::string name = ann_.cookies.begin()->first;
  EXPECT_TRUE(name.starts_with("__Host-lk-form-")) << name;
  EXPECT_EQ(name.size(), std::string("__Host-lk-form-").size() + 8);
  const CookieNames other(OrDie(http::BaseUrl::Parse("https://www.example.org/other")));
  EXPECT_NE(other.form, name);
  const CookieNames plain(OrDie(http::BaseUrl::Parse("http://127.0.0.1:8080")));
  EXPECT_TRUE(plain.form.starts_with("lk-form-"));
}

TEST_F(Site, AnswersAreTheSameBytesForKnownAndUnknown) {
  Visitor bob(app_);
  ann_.Open("/account/reset_password_request");
  const std::string known = ann_.Submit({{"email", "ann@example.org"}}).Serialise();
  bob.Open("/account/reset_password_request");
  const std::string unknown = bob.Submit({{"email", "no@example.org"}}).Serialise();
  EXPECT_EQ(known, unknown);
  EXPECT_EQ(accounts_.finds, 0);
}

TEST_F(Site, BadLinkLeadsBackWithANotice) {
  for (const std::string token : {"x", "0", "a.b.c", "..", "%00"}) {
    ann_.Open("/account/reset_password/" + token);
    EXPECT_EQ(ann_.status(), 303) << token;
    EXPECT_EQ(ann_.location(), "/account/login") << token;
    ann_.Follow();
    EXPECT_TRUE(ann_.Sees("/account/reset_password_request")) << token;
    EXPECT_TRUE(ann_.Sees("does not work")) << token;
  }
  const std::string link = LinkOf(0);
  clock_.Advance(std::chrono::seconds(601));
  ann_.Open(link);
  ann_.Follow();
  EXPECT_TRUE(ann_.Sees("too old"));
}

TEST_F(Site, LinkGoesIntoACookieThatEndsWithIt) {
  const http::Response& response = ann_.Open(LinkOf(0));
  const std::string cookie(response.Header("Set-Cookie"));
  EXPECT_THAT(cookie, HasSubstr("; Max-Age=600"));
  EXPECT_THAT(cookie, HasSubstr("; HttpOnly; SameSite=Lax; Secure"));
  EXPECT_THAT(std::string(response.Header("Location")), Not(HasSubstr(".")));
}

// authelia#2994 and others: scanners open links.
TEST_F(Site, OpeningALinkChangesNothing) {
  const std::string link = LinkOf(0);
  for (int i = 0; i < 20; ++i) {
    Visitor scanner(app_);
    scanner.Open(link);
    scanner.Follow();
  }
  EXPECT_EQ(accounts_.swaps, 0);
  EXPECT_TRUE(drops_.notes.empty());
  ann_.Open(link);
  ann_.Follow();
  ann_.Submit({{"password", kNew}, {"password2", kNew}});
  ann_.Follow();
  EXPECT_TRUE(ann_.Sees("Your password is changed"));
}

// Two links open in two tabs: the form of one never sets the other's password.
TEST_F(Site, FormOfAnotherLinkSetsNothing) {
  ann_.Open(LinkOf(0));
  ann_.Follow();
  Visitor tab(app_);
  tab.cookies = ann_.cookies;
  tab.Open(LinkOf(1));
  ann_.cookies = tab.cookies;  // one browser, one jar
  ann_.Submit({{"password", kNew}, {"password2", kNew}});
  EXPECT_EQ(ann_.status(), 409);
  EXPECT_EQ(accounts_.swaps, 0);
}

TEST_F(Site, FormWithoutItsLinkSetsNothing) {
  ann_.Open(LinkOf(0));
  ann_.Follow();
  const std::string csrf = ann_.Field("csrf_token");
  ann_.Post("/account/reset_password", {{"csrf_token", csrf}, {"password", kNew}, {"password2", kNew}});
  EXPECT_EQ(ann_.status(), 409);
}

TEST_F(Site, PostOnTheLinkItselfIsTheSameHandler) {
  ann_.Open("/account/login");
  const std::string csrf = ann_.Field("csrf_token");
  const std::string link = LinkOf(0);
  ann_.Post(link, {{"csrf_token", csrf}, {"password", kNew}, {"password2", "another"}});
  EXPECT_EQ(ann_.status(), 422);
  ann_.Submit({{"password", kNew}, {"password2", kNew}});  // the form that came back
  EXPECT_EQ(ann_.status(), 303);
  EXPECT_EQ(accounts_.rows[0].hash, FakeScheme::Hash(kNew));
}

TEST_F(Site, EachFaultOfAPasswordIsSaidBesideTheForm) {
  const std::pair<const char*, const char*> faults[] = {
      {"short", "at least 15"}, {kOld, "have already"}, {"aaaaaaaaaaaaaaaaaaaa", "guess"}};
  for (const auto& [password, word] : faults) {
    ann_.Open(LinkOf(0));
    ann_.Follow();
    ann_.Submit({{"password", password}, {"password2", password}});
    EXPECT_EQ(ann_.status(), 422) << password;
    EXPECT_TRUE(ann_.Sees(word)) << ann_.page();
    EXPECT_FALSE(ann_.Sees(std::string("value=\"") + password)) << "a password is never shown";
  }
}

TEST_F(Site, WrongSignInKeepsTheAddressAndNotThePassword) {
  ann_.Open("/account/login");
  ann_.Submit({{"email", "ann@example.org"}, {"password", "not hers at all"}});
  EXPECT_EQ(ann_.status(), 422);
  EXPECT_EQ(ann_.Field("email"), "ann@example.org");
  EXPECT_FALSE(ann_.Sees("not hers at all"));
}

TEST_F(Site, WhatWasTypedIsEscaped) {
  const std::string hostile = "\"><script>alert(1)</script>@example.org";
  ann_.Open("/account/reset_password_request");
  ann_.Submit({{"email", hostile}});
  EXPECT_EQ(ann_.status(), 422);
  EXPECT_FALSE(ann_.Sees("<script>alert"));
  ann_.Open("/account/login");
  ann_.Submit({{"email", hostile}, {"password", "x"}});
  EXPECT_FALSE(ann_.Sees("<script>alert"));
}

TEST_F(Site, SignedInVisitorGoesHome) {
  SignIn(ann_);
  for (const char* path : {"/account/reset_password_request", "/account/reset_password", "/account/login"}) {
    ann_.Open(path);
    EXPECT_EQ(ann_.status(), 303) << path;
    EXPECT_EQ(ann_.location(), "/account/") << path;
  }
  ann_.Open("/account/");
  const std::string csrf = ann_.Field("csrf_token");
  ann_.Post("/account/reset_password_request", {{"csrf_token", csrf}, {"email", "bob@example.org"}});
  EXPECT_EQ(ann_.location(), "/account/");
  EXPECT_TRUE(drops_.notes.empty());
  ann_.Post(LinkOf(1), {{"csrf_token", csrf}, {"password", kNew}, {"password2", kNew}});
  EXPECT_EQ(ann_.location(), "/account/");
  EXPECT_EQ(accounts_.swaps, 0);
}

TEST_F(Site, ForgedFormIsShownAgainAndDoesNothing) {
  ann_.Open("/account/reset_password_request");
  ann_.Submit({{"email", "ann@example.org"}, {"csrf_token", "forged"}});
  EXPECT_EQ(ann_.status(), 403);
  EXPECT_EQ(ann_.Field("email"), "ann@example.org");
  EXPECT_TRUE(drops_.notes.empty());
  ann_.Submit({{"email", "ann@example.org"}});  // the form that came back is good
  EXPECT_EQ(ann_.status(), 303);
}

TEST_F(Site, FormSentWithoutCookiesIsShownAgain) {
  ann_.Open("/account/reset_password_request");
  ann_.cookies.clear();
  ann_.Submit({{"email", "ann@example.org"}});
  EXPECT_EQ(ann_.status(), 403);
  EXPECT_TRUE(ann_.Sees("ookies"));
  ann_.Submit({{"email", "ann@example.org"}});
  EXPECT_EQ(ann_.status(), 303);
}

TEST_F(Site, ValidFormCookieIsNeverReplacedAndAnotherAlwaysIs) {
  ann_.Open("/account/login");
  const auto cookies = ann_.cookies;
  EXPECT_EQ(ann_.Open("/account/reset_password_request").Header("Set-Cookie"), "");
  ann_.cookies.begin()->second = "forged.forged";
  ann_.Open("/account/login");
  EXPECT_NE(ann_.cookies.begin()->second, "forged.forged");
}

TEST_F(Site, CookieOfSomebodyElseDoesNotFitTheForm) {
  Visitor mallory(app_);
  mallory.Open("/account/login");
  const std::string csrf = mallory.Field("csrf_token");
  ann_.Open("/account/login");
  ann_.Post("/account/logout", {{"csrf_token", csrf}});
  EXPECT_EQ(ann_.status(), 403);
}

struct Provenance {
  const char* origin;
  const char* fetch_site;
  int status;
};
// CVE-2022-35943: the form's cookie and field are good, as if a sibling host had planted both.
class CrossSite : public Site, public testing::WithParamInterface<Provenance> {};
TEST_P(CrossSite, PostsAreRefused) {
  ann_.Open("/account/reset_password_request");
  ann_.origin = GetParam().origin;
  ann_.fetch_site = GetParam().fetch_site;
  ann_.Submit({{"email", "ann@example.org"}});
  EXPECT_EQ(ann_.status(), GetParam().status);
  EXPECT_EQ(drops_.notes.size(), GetParam().status == 303 ? 1u : 0u);
}
INSTANTIATE_TEST_SUITE_P(
    All, CrossSite,
    testing::Values(Provenance{"", "", 303}, Provenance{"https://www.example.org", "same-origin", 303},
                    Provenance{"", "none", 303}, Provenance{"https://evil.example", "", 403},
                    Provenance{"null", "", 403}, Provenance{"", "cross-site", 403},
                    Provenance{"", "same-site", 403}, Provenance{"http://www.example.org", "", 403},
                    Provenance{"https://www.example.org:8443", "", 403},
                    Provenance{"https://www.example.org.evil.example", "", 403}));

TEST_F(Site, LimitsCountPostsPerPeerAndRoute) {
  TurnLimitsOn();
  const std::tuple<const char*, int, const char*> limits[] = {
      {"/account/reset_password_request", 5, "\"reset-request\";q=5;w=60"},
      {"/account/reset_password", 3, "\"reset-password\";q=3;w=60"},
      {"/account/login", 5, "\"login\";q=5;w=60"}};
  for (const auto& [path, limit, policy] : limits) {
    for (int i = 0; i < 20; ++i) ann_.Open(path);  // GET does not count
    for (int i = 0; i < limit; ++i) EXPECT_NE(ann_.Post(path, {}).status(), 429) << path;
    const http::Response& refused = ann_.Post(path, {});
    EXPECT_EQ(refused.status(), 429) << path;
    EXPECT_EQ(refused.Header("Retry-After"), "60");
    EXPECT_EQ(refused.Header("RateLimit-Policy"), policy);
    EXPECT_TRUE(refused.Header("RateLimit").ends_with(";r=0;t=60"));
    EXPECT_EQ(refused.Header("Cache-Control"), "no-store");
    Visitor bob(app_, "192.0.2.2");
    EXPECT_NE(bob.Post(path, {}).status(), 429) << path;
  }
  clock_.Advance(std::chrono::seconds(60));
  EXPECT_NE(ann_.Post("/account/login", {}).status(), 429);
}

TEST_F(Site, LinkUrlAndFormUrlShareOneLimit) {
  TurnLimitsOn();
  ann_.Post("/account/reset_password", {});
  ann_.Post("/account/reset_password/x", {});
  ann_.Post("/account/reset_password/y", {});
  EXPECT_EQ(ann_.Post("/account/reset_password/z", {}).status(), 429);
  EXPECT_EQ(ann_.Post(LinkOf(0), {}).status(), 429);
}

TEST_F(Site, LimitKeepsWhatWasTyped) {
  TurnLimitsOn();
  ann_.Open("/account/reset_password_request");
  for (int i = 0; i < 5; ++i) ann_.Post("/account/reset_password_request", {});
  ann_.Submit({{"email", "ann@example.org"}});
  EXPECT_EQ(ann_.status(), 429);
  EXPECT_EQ(ann_.Field("email"), "ann@example.org");
  EXPECT_TRUE(ann_.Sees("60 seconds"));
}

TEST_F(Site, MailsOverTheAccountsLimitAreMutedAndTheAnswerIsTheSame) {
  TurnLimitsOn(/*mails=*/2);
  std::set<std::string> answers;
  for (const char* typed : {"ann@example.org", " ANN@example.org", "ann@EXAMPLE.org\t", "no@example.org"}) {
    Visitor visitor(app_, "192.0.2." + std::to_string(answers.size() + 7));
    visitor.Open("/account/reset_password_request");
    answers.insert(visitor.Submit({{"email", typed}}).Serialise());
  }
  EXPECT_EQ(answers.size(), 1u);
  ASSERT_EQ(drops_.notes.size(), 4u);
  EXPECT_FALSE(drops_.notes[1].muted);
  EXPECT_TRUE(drops_.notes[2].muted);
  EXPECT_FALSE(drops_.notes[3].muted);
  EXPECT_EQ(accounts_.finds, 0);
}

TEST_F(Site, OverTheCeilingEverybodyWaitsAndKeepsWhatWasTyped) {
  TurnLimitsOn(/*mails=*/10, /*ceiling=*/2);
  ann_.Open("/account/reset_password_request");
  ann_.Submit({{"email", "ann@example.org"}});
  ann_.Open("/account/reset_password_request");
  ann_.Submit({{"email", "ann@example.org"}});
  clock_.Advance(std::chrono::milliseconds(20'001));
  Visitor bob(app_, "192.0.2.2");
  bob.Open("/account/reset_password_request");
  const http::Response& refused = bob.Submit({{"email", "bob@example.org"}});
  EXPECT_EQ(refused.status(), 503);
  EXPECT_EQ(refused.Header("Retry-After"), "40");
  EXPECT_EQ(refused.Header("RateLimit"), "");
  EXPECT_EQ(bob.Field("email"), "bob@example.org");
  EXPECT_NE(bob.Post("/account/login", {}).status(), 503);
}

TEST_F(Site, MetricsTellWhatTheLimiterDid) {
  TurnLimitsOn();
  shared_.monitors = {{*Network::Parse("192.0.2.1")}, false};
  for (int i = 0; i < 7; ++i) ann_.Post("/account/login", {});
  const std::string text = ann_.Open("/account/metrics").Serialise();
  EXPECT_THAT(text, HasSubstr("\nlatchkey_limit_admissions_total{limit=\"login\"} 5\n"));
  EXPECT_THAT(text, HasSubstr("\nlatchkey_limit_refusals_total{limit=\"login\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("\nlatchkey_ceiling_refusals_total{limit=\"login\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("\nlatchkey_limit_evictions_total 0\n"));
  EXPECT_THAT(text, HasSubstr("\nlatchkey_limit_words 1024\n"));
  EXPECT_THAT(text, HasSubstr("\nlatchkey_limit_words_live 1\n"));
}

TEST_F(Site, RefusalsByTheHead) {
  struct Case {
    http::Method method;
    const char* path;
    const char* type;
    std::optional<uint64_t> length;
    int status;
  };
  const char* form = "application/x-www-form-urlencoded";
  using enum http::Method;
  const Case cases[] = {{kGet, "/account/nowhere", "", {}, 404},
                        {kGet, "/accounts", "", {}, 404},
                        {kGet, "", "", {}, 404},
                        {kOther, "/account/login", "", {}, 405},
                        {kGet, "/account/logout", "", {}, 405},
                        {kPost, "/account/", form, 1, 405},
                        {kPost, "/account/login", form, std::nullopt, 411},
                        {kPost, "/account/login", form, 8193, 413},
                        {kPost, "/account/login", "multipart/form-data; boundary=x", 10, 415},
                        {kPost, "/account/login", "", 10, 415}};
  for (const Case& one : cases) {
    http::Request request;
    request.method = one.method;
    request.path = one.path;
    request.content_type = one.type;
    request.content_length = one.length;
    const App::Ticket ticket = app_.Look(request);
    ASSERT_TRUE(ticket.refusal) << one.path;
    EXPECT_EQ(ticket.refusal->status(), one.status) << one.path;
    EXPECT_GT(ticket.refusal->body().size(), 500u) << "a page in the site's look";
  }
  http::Request request;
  request.method = kOther;
  request.path = "/account/login";
  EXPECT_EQ(app_.Look(request).refusal->Header("Allow"), "GET, HEAD, POST");
}

TEST_F(Site, DamagedFormIs400) {
  http::Request request;
  request.method = http::Method::kPost;
  request.path = "/account/login";
  request.content_type = "application/x-www-form-urlencoded";
  request.content_length = 1;
  EXPECT_EQ(ann_.Send(request, http::FormError::kDuplicateField).status(), 400);
}

TEST_F(Site, HeadIsGetWithoutABody) {
  http::Request request;
  request.method = http::Method::kHead;
  request.path = "/account/login";
  EXPECT_EQ(ann_.Send(request, http::Form()).status(), 200);
  EXPECT_THAT(ann_.Send(request, http::Form()).Serialise(), testing::EndsWith("\r\n\r\n"));
}

TEST_F(Site, DatabaseAwayIsSaidAndWhatWasTypedKept) {
  ann_.Open("/account/reset_password_request");
  drops_.failure = Error{Next::kTryLater, "away"};
  accounts_.failure = Error{Next::kTryLater, "away"};
  const http::Response& response = ann_.Submit({{"email", "ann@example.org"}});
  EXPECT_EQ(response.status(), 503);
  EXPECT_EQ(response.Header("Retry-After"), "5");
  EXPECT_EQ(ann_.Field("email"), "ann@example.org");
  // A link is recognised without the database; the page behind it asks.
  EXPECT_EQ(ann_.Open(LinkOf(0)).status(), 303);
  ann_.Follow();
  EXPECT_EQ(ann_.status(), 503);
  ann_.Open("/account/login");
  EXPECT_EQ(ann_.Submit({{"email", "a@b.example"}, {"password", "x"}}).status(), 503);
}

TEST_F(Site, APasswordThatMayHaveBeenSetIsNotCalledUnchanged) {
  ann_.Open(LinkOf(0));
  ann_.Follow();
  accounts_.swap_failure = Error{Next::kFindOut, "COMMIT: gone"};
  const http::Response& response = ann_.Submit({{"password", kNew}, {"password2", kNew}});
  EXPECT_EQ(response.status(), 503);
  EXPECT_FALSE(ann_.Sees("nothing was changed"));
  EXPECT_TRUE(ann_.Sees("we cannot see whether your new password was stored"));
}

TEST_F(Site, WellKnownUrlLeadsToTheRequestPage) {
  ann_.Open("/account/.well-known/change-password");
  EXPECT_EQ(ann_.status(), 302);
  EXPECT_EQ(ann_.location(), "/account/reset_password_request");
  EXPECT_EQ(ann_.Open("/account/.well-known/resource-that-should-not-exist-whose-status-code-"
                      "should-not-be-200").status(), 404);
}

TEST_F(Site, WithASignInPageOfTheSiteTheOutcomePageLinksThere) {
  TurnLoginOff();
  ann_.Open("/account/reset_password_request");
  ann_.Submit({{"email", "ann@example.org"}});
  EXPECT_EQ(ann_.location(), "/account/outcome");
  ann_.Follow();
  EXPECT_TRUE(ann_.Sees("Check your mail"));
  EXPECT_TRUE(ann_.Sees("https://www.example.org/signin"));
  EXPECT_EQ(ann_.Open("/account/login").status(), 404);
  EXPECT_EQ(ann_.Open("/account/").Header("Location"), "https://www.example.org/");
}

TEST_F(Site, CountsWhomAListedProxyForwards) {
  TurnLimitsOn();
  const auto ask = [&](const std::string& forwarded) {
    ann_.x_forwarded_for = forwarded;
    return ann_.Post("/account/reset_password_request", {}).status();
  };
  for (int i = 0; i < 5; ++i) ask("198.51.100." + std::to_string(i));
  EXPECT_EQ(ask("198.51.100.9"), 429);  // nobody is listed: one peer, 192.0.2.1
  shared_.proxies.networks = {*Network::Parse("192.0.2.0/24")};
  EXPECT_EQ(ask("198.51.100.9"), 403);
  for (int i = 0; i < 4; ++i) ask("6.6.6.6, 198.51.100.9, 192.0.2.7");
  EXPECT_EQ(ask("198.51.100.9"), 429);
  EXPECT_EQ(ask("198.51.100.8"), 403);
}

TEST_F(Site, SendsHomeWhomTheWebServerNamesWhereThatCounts) {
  TurnLoginOff();
  ann_.Open(LinkOf(0));
  ann_.remote_user = "ann";
  EXPECT_EQ(ann_.Open("/account/reset_password_request").status(), 200);
  shared_.trust_remote_user = true;
  for (const char* path : {"/account/reset_password_request", "/account/reset_password"}) {
    EXPECT_EQ(ann_.Open(path).Header("Location"), "/account/") << path;
  }
  EXPECT_EQ(ann_.Follow().Header("Location"), "https://www.example.org/");
  ann_.remote_user = "";
  EXPECT_EQ(ann_.Open("/account/reset_password_request").status(), 200);
  EXPECT_FALSE(ann_.Sees("signed in already"));
  ann_.remote_user = "ann";
  ann_.Submit({{"email", "ann@example.org"}});
  EXPECT_EQ(ann_.location(), "/account/");
  EXPECT_TRUE(drops_.notes.empty());
}

// keycloak#40744 (a reset that skipped its proofs): the new password needs the token in the same request.
TEST_F(Site, WithoutALinkNoPasswordIsSet) {
  ann_.Open("/account/login");
  const std::string csrf = ann_.Field("csrf_token");
  ann_.Post("/account/reset_password", {{"csrf_token", csrf}, {"password", kNew}, {"password2", kNew}});
  EXPECT_EQ(ann_.location(), "/account/login");
  ann_.Open("/account/reset_password");
  EXPECT_EQ(ann_.location(), "/account/login");
  EXPECT_EQ(accounts_.swaps, 0);
}

TEST_F(Site, AfterAResetTheOldSessionIsDead) {
  Visitor elsewhere(app_);
  SignIn(elsewhere);
  ann_.Open(LinkOf(0));
  ann_.Follow();
  ann_.Submit({{"password", kNew}, {"password2", kNew}});
  EXPECT_EQ(ann_.status(), 303);
  elsewhere.Open("/account/");
  EXPECT_FALSE(elsewhere.Sees("ann@example.org"));
}

// Session fixation, CVE-2022-35943: what stood in the cookie before is worth nothing after.
TEST_F(Site, ASessionThatWasPlantedIsReplacedAtSignInAndStaysWorthless) {
  const std::string name = shared_.cookies.session;
  ann_.cookies[name] = "planted";
  SignIn(ann_);
  EXPECT_NE(ann_.cookies[name], "planted");
  ann_.Open("/account/");
  EXPECT_TRUE(ann_.Sees("ann@example.org"));
  Visitor mallory(app_);
  mallory.cookies[name] = "planted";
  mallory.Open("/account/");
  EXPECT_FALSE(mallory.Sees("ann@example.org"));
}

TEST_F(Site, NoticeThatIsNotOursIsNotShown) {
  ann_.cookies[shared_.cookies.flash] = "password-changed.AAAAAAAAAAAAAAAAAAAAAA";
  ann_.Open("/account/login");
  EXPECT_FALSE(ann_.Sees("Your password is changed"));
}

}  // namespace
}  // namespace latchkey::web
