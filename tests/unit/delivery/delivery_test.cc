#include "delivery/delivery.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cctype>
#include <deque>
#include <map>

#include "base/die.h"
#include "support/fake_accounts.h"
#include "support/fake_clock.h"
#include "support/registered_scheme.h"
#include "support/site_keys.h"

namespace latchkey::delivery {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;
using outbox::End;
using outbox::Note;

// The notes that are claimed, and what became of each: "sent", "deferred ...".
class FakeClaims final : public outbox::Claims {
 public:
  std::deque<Note> notes;
  std::map<std::string, std::string> ends;  // by id
  std::optional<Error> finish_failure, defer_failure;
  bool are_others = false;  // somebody else's by now
  int released = 0;
  int finishes = 0;

  Result<std::vector<Note>> Claim(size_t most, std::chrono::seconds) override {
    return std::vector<Note>(notes.begin(),
                             notes.begin() + static_cast<long>(std::min(most, notes.size())));
  }
  Result<std::vector<Note>> Reclaim(std::chrono::seconds lease) override {
    return Claim(notes.size(), lease);
  }
  Result<size_t> Finish(const std::vector<outbox::Ended>& ended) override {
    ++finishes;
    if (finish_failure) return *finish_failure;
    if (are_others) return size_t{0};
    for (const outbox::Ended& one : ended) {
      EndOf(one.note, std::string(Name(one.end)) + (one.reason.empty() ? "" : ": " + one.reason));
    }
    return ended.size();
  }
  Status Defer(const Note& note, std::chrono::seconds, std::string_view reason) override {
    if (defer_failure) return *defer_failure;
    EndOf(note, "deferred: " + std::string(reason));
    return Ok();
  }
  Status Hold(const Note& note, std::chrono::seconds lease) override {
    held.push_back({note.id, lease});
    return Ok();
  }
  Status Release(const std::string& kept) override {
    ++released;
    kept_ids.push_back(kept);
    return Ok();
  }
  std::vector<std::pair<std::string, std::chrono::seconds>> held;
  std::vector<std::string> kept_ids;
  Status Purge(std::chrono::seconds) override { return Ok(); }

 private:
  void EndOf(const Note& note, const std::string& end) {
    ends[note.id] = end;
    std::erase_if(notes, [&](const Note& known) { return known.id == note.id; });
  }
};

class FakeSender final : public Sender {
 public:
  struct Mail {
    std::string to, message;
  };
  std::vector<Mail> mails;
  smtp::Reply reply{smtp::Outcome::kAccepted, "250"};
  std::function<void()> in_line = [] {}, meanwhile = [] {};

  smtp::Reply Send(const mail::Address&, const mail::Address& to, const std::string& message,
                   const std::function<void()>& waiting) override {
    mails.push_back({to.text(), message});
    in_line();
    waiting();
    meanwhile();
    for (const auto& wait : waits) wait(), waiting();
    return reply;
  }
  // What happens while the relay is waited for, before each time that the mailer may do something.
  std::vector<std::function<void()>> waits;
};

// Quoted-printable undone, as a mail reader does it (RFC 2045 section 6.7).
std::string Decoded(const std::string& message) {
  std::string text;
  for (size_t i = 0; i < message.size(); ++i) {
    const bool is_escape = message[i] == '=' && i + 2 < message.size() &&
                           (message.compare(i, 3, "=\r\n") == 0 || std::isxdigit(message[i + 1]));
    if (!is_escape) {
      text += message[i];
    } else if (message.compare(i, 3, "=\r\n") == 0) {
      i += 2;
    } else {
      text += static_cast<char>(std::stoi(message.substr(i + 1, 2), nullptr, 16));
      i += 2;
    }
  }
  return text;
}

class DeliveryTest : public ::testing::Test {
 protected:
  // Somebody asked for a link; returns the note's id.
  std::string Ask(const std::string& typed) {
    Note note = NewNote();
    note.address = typed;
    queue_.notes.push_back(note);
    return note.id;
  }
  std::string Change(const std::string& account_id) {
    Note note = NewNote();
    note.kind = outbox::Kind::kChanged;
    note.account_id = account_id;
    queue_.notes.push_back(note);
    return note.id;
  }
  Note NewNote() {
    Note note;
    note.id = std::string(15, 'n') + static_cast<char>('a' + next_++);
    note.peer = "192.0.2.7";
    note.tries = 1;
    note.dropped_at = clock_.Now();
    return note;
  }
  size_t Run() {
    const Result<size_t> handled = TryRun();
    EXPECT_TRUE(handled.ok()) << handled.error().message;
    return handled.ok() ? *handled : 0;
  }
  // Until nothing is due, or what is left is given back.
  Result<size_t> TryRun() {
    size_t all = 0;
    while (true) {
      const Result<std::vector<Note>> notes = mailer_.Claim();
      if (!notes.ok()) return notes.error();
      const int released = queue_.released;
      const Result<size_t> handled = mailer_.Handle(*notes, [this] { return stop_; });
      if (!handled.ok()) return handled;
      all += *handled;
      if (notes->empty() || queue_.released > released || queue_.are_others) return all;
    }
  }
  std::string EndOf(const std::string& id) {
    return queue_.ends.count(id) ? queue_.ends[id] : "waiting";
  }
  std::vector<std::string> Recipients() {
    std::vector<std::string> to;
    for (const FakeSender::Mail& mail : sender_.mails) to.push_back(mail.to);
    return to;
  }
  std::string Text(size_t mail = 0) { return Decoded(sender_.mails.at(mail).message); }
  // The links in the text part of the last mail, in their order.
  std::vector<std::string> Tokens() {
    const std::string text = Text(sender_.mails.size() - 1);
    const std::string start = std::string("\r\n") + kTestOrigin + "/reset_password/";
    std::vector<std::string> tokens;
    for (size_t at = text.find(start); at != std::string::npos; at = text.find(start, at + 1)) {
      const size_t from = at + start.size();
      if (text.compare(from, 7, "not_me/") == 0) continue;
      tokens.push_back(text.substr(from, text.find("\r\n", from) - from));
    }
    return tokens;
  }

  FakeClock clock_;
  token::Keyring keyring_ = TestKeyring();
  const password::Hashing hashing_ = password::FakeHashing();
  accounts::BoundTokens links_{keyring_, token::Purpose::kReset, kTestOrigin, clock_};
  accounts::BoundTokens not_me_links_{keyring_, token::Purpose::kNotMe, kTestOrigin, clock_};
  view::Templates templates_ = OrDie(view::Templates::Load("templates", view::kMailTemplates));
  FakeAccounts accounts_;
  FakeClaims queue_;
  FakeSender sender_;
  bool stop_ = false;
  int next_ = 0;
  Ceiling ceiling_{0, clock_};
  Ledger ledger_{1h, clock_};
  Settings settings_{.base_url = kTestOrigin,
                     .site_name = "The Shop",
                     .from_name = "The Shop",
                     .from = *mail::Address::Parse("no-reply@shop.example"),
                     .bounces = *mail::Address::Parse("bounces@shop.example")};
  Mailer mailer_{{queue_, accounts_, links_, not_me_links_, hashing_, templates_, sender_, ceiling_, ledger_, clock_},
                 settings_};
};

TEST_F(DeliveryTest, AUserNamesLinkGoesToTheStoredAddress) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}, {"8", "eve@example.org", "fake$hash"}};
  accounts_.logins = {{"ann_s", "7"}, {"ann@example.org", "8"}};
  EXPECT_EQ(EndOf(Ask("ann_s")), "waiting");
  EXPECT_EQ(Run(), 1u);
  EXPECT_EQ(Recipients(), std::vector<std::string>{"ann@example.org"});
  EXPECT_EQ(links_.Open(Tokens().at(0), accounts_)->account->id, "7");
  // A name in the form of somebody's address takes nothing from them.
  Ask("ann@example.org");
  const std::string nobody = Ask("ann_t");
  Run();
  EXPECT_EQ(Recipients().back(), "ann@example.org");
  EXPECT_EQ(EndOf(nobody), "no_account");
}

TEST_F(DeliveryTest, ALinkGoesToTheStoredAddressAndOpensTheAccount) {
  accounts_.rows = {{"7", "Ann@Example.org", "fake$hash"}};
  const std::string id = Ask("ann@example.ORG");
  EXPECT_EQ(Run(), 1u);
  EXPECT_EQ(EndOf(id), "sent");
  EXPECT_EQ(Recipients(), std::vector<std::string>{"Ann@Example.org"});
  EXPECT_THAT(sender_.mails[0].message, HasSubstr("Subject: Reset your password for The Shop\r\n"));
  EXPECT_THAT(Text(), HasSubstr("192.0.2.7"));
  EXPECT_THAT(Text(), HasSubstr("within 10 minutes"));
  EXPECT_THAT(Text(), Not(HasSubstr("(account")));
  ASSERT_EQ(Tokens().size(), 1u);
  EXPECT_EQ(links_.Open(Tokens()[0], accounts_)->account->id, "7");
}

TEST_F(DeliveryTest, AnUnknownAddressGetsNothing) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  const std::string id = Ask("eve@example.org");
  Run();
  EXPECT_EQ(EndOf(id), "no_account");
  EXPECT_TRUE(sender_.mails.empty());
}

TEST_F(DeliveryTest, SeveralAccountsAreNamedInOneMailEachWithItsLink) {
  for (int i = 1; i <= 5; ++i)
    accounts_.rows.push_back({std::to_string(i), "ann@example.org", "fake$hash"});
  const std::string id = Ask("ann@example.org");
  Run();
  EXPECT_EQ(EndOf(id), "sent");
  ASSERT_EQ(sender_.mails.size(), 1u);
  ASSERT_EQ(Tokens().size(), 5u);
  for (size_t i = 0; i < 5; ++i) {
    EXPECT_EQ(links_.Open(Tokens()[i], accounts_)->account->id, std::to_string(i + 1));
    EXPECT_THAT(Text(), HasSubstr("(account " + std::to_string(i + 1) + ")"));
  }
}

TEST_F(DeliveryTest, MoreThanFiveAccountsGetNothing) {
  for (int i = 1; i <= 6; ++i)
    accounts_.rows.push_back({std::to_string(i), "ann@example.org", "fake$hash"});
  const std::string id = Ask("ann@example.org");
  Run();
  EXPECT_EQ(EndOf(id), "no_account: more than five accounts");
  EXPECT_TRUE(sender_.mails.empty());
}

// Keycloak GHSA-cf8f-w2c5-p5jr: sites mark an account as disabled by a hash that is none.
TEST_F(DeliveryTest, AccountWithAHashOfNoKnownFormatGetsNoLink) {
  accounts_.rows = {{"1", "ann@example.org", "!disabled"}, {"2", "bob@example.org", "*"}};
  const std::string ann = Ask("ann@example.org");
  const std::string bob = Ask("bob@example.org");
  Run();
  EXPECT_EQ(EndOf(ann), "no_account");
  EXPECT_EQ(EndOf(bob), "no_account");
}

TEST_F(DeliveryTest, AddressesThatDifferInCaseAreNotMixed) {
  accounts_.rows = {{"1", "Ann@example.org", "fake$hash"}, {"2", "ann@example.org", "fake$hash"}};
  Ask("ann@example.org");
  Run();
  EXPECT_EQ(Recipients(), std::vector<std::string>{"ann@example.org"});
  ASSERT_EQ(Tokens().size(), 1u);
  EXPECT_EQ(links_.Open(Tokens()[0], accounts_)->account->id, "2");
}

TEST_F(DeliveryTest, AccountsWithoutAHashGetNoLink) {
  accounts_.rows = {
      {"1", "ann@example.org", ""}, {"2", "ann@example.org", "fake$hash"}, {"3", "bob@example.org", ""}};
  const std::string ann = Ask("ann@example.org");
  const std::string bob = Ask("bob@example.org");
  Run();
  EXPECT_EQ(EndOf(bob), "no_account");
  EXPECT_EQ(EndOf(ann), "sent");
  ASSERT_EQ(Tokens().size(), 1u);
  EXPECT_EQ(links_.Open(Tokens()[0], accounts_)->account->id, "2");
}

// GHSA-q86f, GHSA-g7hc-96xr-gvvx
TEST_F(DeliveryTest, AStoredAddressThatIsNoneFailsAndIsNotSentTo) {
  accounts_.rows = {{"7", "ann@example.org>\r\nRCPT TO:<eve@evil.example", "fake$hash"}};
  const std::string id = Change("7");
  Run();
  EXPECT_THAT(EndOf(id), HasSubstr("failed: the stored address"));
  EXPECT_THAT(EndOf(id), Not(HasSubstr("evil")));
  EXPECT_TRUE(sender_.mails.empty());
}

TEST_F(DeliveryTest, ANoticeGoesToTheAccountsAddressWithoutALink) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  const std::string id = Change("7");
  Run();
  EXPECT_EQ(EndOf(id), "sent");
  EXPECT_EQ(Recipients(), std::vector<std::string>{"ann@example.org"});
  EXPECT_THAT(sender_.mails[0].message,
              HasSubstr("Subject: Your password for The Shop was changed\r\n"));
  EXPECT_THAT(Text(), HasSubstr(std::string(kTestOrigin) + "/reset_password_request"));
  EXPECT_TRUE(Tokens().empty());
}

TEST_F(DeliveryTest, ANoticeGoesToTheAddressItNamesWhileThatIsStored) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash", "", {"ann@example.org", "ann@old.example"}}};
  Change("7");
  queue_.notes[0].address = "ann@old.example";
  const std::string gone = Change("7");
  queue_.notes[1].address = "ann@older.example";
  Run();
  EXPECT_EQ(Recipients(), std::vector<std::string>{"ann@old.example"});
  EXPECT_THAT(EndOf(gone), HasSubstr("no_account"));
}

TEST_F(DeliveryTest, MutedNotesAreNotSentNorLookedUp) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  const std::string id = Ask("ann@example.org");
  queue_.notes[0].muted = true;
  Run();
  EXPECT_EQ(EndOf(id), "muted: over the limit for the account");
  EXPECT_EQ(accounts_.finds, 0);
}

TEST_F(DeliveryTest, AfterThisWasNotMeNoLinkIsMailedButAnAdministrators) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}, {"8", "ann@example.org", "fake$hash"}};
  accounts_.states["7"] = {clock_.Now(), true};
  const std::string first = Ask("ann@example.org");
  Run();
  EXPECT_EQ(EndOf(first), "sent");  // the other account is nobody's to mute
  ASSERT_EQ(Tokens().size(), 1u);
  EXPECT_EQ(links_.Open(Tokens()[0], accounts_)->account->id, "8");

  accounts_.states["8"] = {clock_.Now(), true};
  const std::string second = Ask("ann@example.org");
  Run();
  EXPECT_THAT(EndOf(second), HasSubstr("muted: "));
  EXPECT_EQ(sender_.mails.size(), 1u);

  Ask("ann@example.org");
  queue_.notes[0].kind = outbox::Kind::kAdmin;
  Run();
  ASSERT_EQ(Tokens().size(), 2u);
  EXPECT_THAT(Text(1), HasSubstr("an administrator of The Shop sends you"));
  EXPECT_THAT(Text(1), Not(HasSubstr("most likely you")));
  // Made in the very second that the others were revoked in.
  EXPECT_TRUE(links_.Open(Tokens()[0], accounts_)->account);
}

TEST_F(DeliveryTest, AMailSaysWhenItsLinkEndsAndHowToSayThatItWasNotYou) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  Ask("ann@example.org");
  Run();
  EXPECT_THAT(Text(), HasSubstr("until " + DescribeTime(clock_.Now() + 600s)));
  const std::string start = std::string("\r\n") + kTestOrigin + "/reset_password/not_me/";
  const size_t at = Text().find(start);
  ASSERT_NE(at, std::string::npos);
  const std::string token = Text().substr(at + start.size(), Text().find("\r\n", at + 2) - at - start.size());
  clock_.Advance(23h);
  EXPECT_EQ(not_me_links_.Open(token, accounts_)->account->id, "7");
  EXPECT_FALSE(links_.Open(token, accounts_)->account);
}

TEST_F(DeliveryTest, ANoteIsSentWithinAnHourOrNotAtAll) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  const std::string id = Ask("ann@example.org");
  clock_.Advance(1h);
  Run();
  EXPECT_EQ(EndOf(id), "sent");
  const std::string late = Ask("ann@example.org");
  clock_.Advance(1h + 1s);
  Run();
  EXPECT_THAT(EndOf(late), HasSubstr("abandoned"));
  EXPECT_EQ(sender_.mails.size(), 1u);
}

TEST_F(DeliveryTest, TheRelaysAnswerDecides) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  const std::vector<std::pair<smtp::Outcome, std::string>> answers = {
      {smtp::Outcome::kTryLater, "deferred: 451"}, {smtp::Outcome::kUnknown, "deferred: 451"},
      {smtp::Outcome::kRefused, "failed: 451"}, {smtp::Outcome::kAccepted, "sent"}};
  for (const auto& [outcome, end] : answers) {
    sender_.reply = {outcome, "451"};
    const std::string id = Ask("ann@example.org");
    Run();
    EXPECT_EQ(EndOf(id), end);
  }
}

TEST_F(DeliveryTest, ARepeatedMailHasTheSameMessageId) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  sender_.reply = {smtp::Outcome::kUnknown, "no answer"};
  Ask("ann@example.org");
  const Note note = queue_.notes[0];
  Run();
  clock_.Advance(10s);
  queue_.notes.push_back(note);
  Run();
  // 15 bytes "n" (0x6e) and an "a" (0x61).
  const std::string line = "Message-ID: <6e6e6e6e6e6e6e6e6e6e6e6e6e6e6e61@shop.example>\r\n";
  EXPECT_THAT(sender_.mails.at(0).message, HasSubstr(line));
  EXPECT_THAT(sender_.mails.at(1).message, HasSubstr(line));
}

TEST_F(DeliveryTest, AMailWhoseEndCouldNotBeRecordedIsNotSentAgain) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  const std::string id = Ask("ann@example.org");
  queue_.finish_failure = Error{Next::kTryLater, "down"};
  EXPECT_FALSE(TryRun().ok());
  queue_.finish_failure.reset();
  Run();
  EXPECT_EQ(EndOf(id), "sent");
  EXPECT_EQ(sender_.mails.size(), 1u);
}

TEST_F(DeliveryTest, ANoteThatAnotherThreadGetsAfterItWasSentIsNotSentAgain) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  const std::string id = Ask("ann@example.org");
  queue_.are_others = true;
  EXPECT_EQ(Run(), 1u);
  EXPECT_EQ(EndOf(id), "waiting");
  queue_.are_others = false;
  Mailer other({queue_, accounts_, links_, not_me_links_, hashing_, templates_, sender_, ceiling_, ledger_, clock_}, settings_);
  ASSERT_TRUE(other.Handle(*other.Claim(), [] { return false; }).ok());
  EXPECT_EQ(EndOf(id), "sent");
  EXPECT_EQ(sender_.mails.size(), 1u);
}

TEST_F(DeliveryTest, ManyQuickMailsShareAMarkAndASlowOneHasItsOwn) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  for (int i = 0; i < 31; ++i) Ask("ann@example.org");
  Run();  // batches of 1, 2, 4, 8, 16
  EXPECT_EQ(queue_.finishes, 5);
  for (int i = 0; i < 8; ++i) Ask("ann@example.org");
  sender_.meanwhile = [&] { clock_.Advance(30ms); };
  Run();
  EXPECT_GE(queue_.finishes, 9);
  EXPECT_EQ(sender_.mails.size(), 39u);
}

TEST_F(DeliveryTest, WhatWasSentIsMarkedWhileTheNextIsInLine) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  Ask("ann@example.org");
  Run();  // so that two are claimed at once
  const std::string first = Ask("ann@example.org");
  Ask("ann@example.org");
  std::vector<std::string> seen;
  sender_.in_line = [&] { clock_.Advance(20ms); };
  sender_.meanwhile = [&] { seen.push_back(EndOf(first)); };
  Run();
  EXPECT_EQ(seen, (std::vector<std::string>{"waiting", "sent"}));
}

TEST_F(DeliveryTest, ASlowRelayGetsOneNoteAThreadAndTheRestIsForOthers) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  for (int i = 0; i < 20; ++i) Ask("ann@example.org");
  Run();
  EXPECT_EQ(mailer_.Claim()->size(), 0u);
  for (int i = 0; i < 20; ++i) Ask("ann@example.org");
  sender_.meanwhile = [&] { clock_.Advance(1001ms); };
  EXPECT_EQ(Run(), 1u);
  EXPECT_EQ(queue_.released, 1);
  for (int i = 0; i < 5; ++i) {
    const auto notes = mailer_.Claim();
    ASSERT_TRUE(mailer_.Handle(*notes, [] { return false; }).ok());
  }
  EXPECT_EQ(mailer_.Claim()->size(), 1u);
}

TEST_F(DeliveryTest, ACeilingHoldsBackAndIsNotChargedForWhatIsNotSent) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  Ceiling three(3, clock_);
  Mailer mailer({queue_, accounts_, links_, not_me_links_, hashing_, templates_, sender_, three, ledger_, clock_}, settings_);
  const auto run = [&] {
    for (int i = 0; i < 10; ++i) {
      const auto notes = mailer.Claim();
      ASSERT_TRUE(mailer.Handle(*notes, [] { return false; }).ok());
    }
  };
  for (int i = 0; i < 4; ++i) Ask("eve@example.org");
  for (int i = 0; i < 5; ++i) Ask("ann@example.org");
  run();
  EXPECT_EQ(sender_.mails.size(), 3u);
  EXPECT_EQ(queue_.notes.size(), 2u);
  clock_.Advance(59s);
  run();
  EXPECT_EQ(sender_.mails.size(), 3u);
  clock_.Advance(1s);
  run();
  EXPECT_EQ(sender_.mails.size(), 5u);
}

TEST(CeilingTest, NoMinuteHasMore) {
  FakeClock clock;
  Ceiling ceiling(10, clock);
  EXPECT_EQ(ceiling.Take(6), 6u);
  clock.Advance(30s);
  EXPECT_EQ(ceiling.Take(6), 4u);
  EXPECT_EQ(ceiling.Take(1), 0u);
  ceiling.GiveBack(1);
  EXPECT_EQ(ceiling.Take(5), 1u);
  clock.Advance(30s);
  EXPECT_EQ(ceiling.Take(20), 6u);
  EXPECT_EQ(Ceiling(0, clock).Take(1000), 1000u);
}

TEST_F(DeliveryTest, ALookupThatFailsIsDeferredAndBlocksNobody) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  const std::string first = Ask("ann@example.org");
  Ask("eve@example.org");
  accounts_.failure = Error{Next::kFixSetup, "MySQL error 1142"};
  EXPECT_EQ(Run(), 2u);
  EXPECT_EQ(EndOf(first), "deferred: looking up the account: MySQL error 1142");
  accounts_.failure = Error{Next::kTryLater, "down"};
  queue_.defer_failure = Error{Next::kTryLater, "down"};
  Ask("ann@example.org");
  EXPECT_FALSE(TryRun().ok());
}

TEST_F(DeliveryTest, StoppingFinishesTheCurrentNoteAndGivesTheRestBack) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  Ask("ann@example.org");
  Run();
  const std::string first = Ask("ann@example.org");
  const std::string second = Ask("ann@example.org");
  sender_.meanwhile = [&] { stop_ = true; };
  EXPECT_EQ(Run(), 1u);
  EXPECT_EQ(EndOf(first), "sent");
  EXPECT_EQ(EndOf(second), "waiting");
  EXPECT_EQ(queue_.released, 1);
}

TEST_F(DeliveryTest, ASlowRelayNeverOutlastsTheLease) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  Ask("ann@example.org");
  const auto notes = mailer_.Claim();
  // 120.5 s of the lease of 180 s are needed: 120 to send and half a second to mark.
  clock_.Advance(59'501ms);
  EXPECT_EQ(*mailer_.Handle(*notes, [] { return false; }), 0u);
  EXPECT_EQ(queue_.released, 1);
  EXPECT_TRUE(sender_.mails.empty());
}

TEST_F(DeliveryTest, WhileARelayTakesItsTimeWhatWasSentIsMarkedAndTheLeaseMadeLonger) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  Ask("ann@example.org");
  Run();  // so that two are claimed at once
  const std::string first = Ask("ann@example.org");
  const std::string second = Ask("ann@example.org");
  std::vector<std::string> seen;
  // The first is sent at once; the second's relay is silent for three minutes.
  sender_.meanwhile = [&] {
    if (sender_.mails.size() != 3) return;
    sender_.waits = {[&] { clock_.Advance(20ms); }, [&] { seen = {EndOf(first)}; clock_.Advance(70s); },
                     [&] { clock_.Advance(70s); }, [&] { clock_.Advance(40s); }};
  };
  Run();
  EXPECT_EQ(seen, std::vector<std::string>{"sent"});
  EXPECT_EQ(EndOf(second), "sent");
  ASSERT_EQ(queue_.held.size(), 2u);  // whenever a third of it is over
  EXPECT_EQ(queue_.held[0], (std::pair{second, 180s}));
  EXPECT_EQ(queue_.kept_ids, (std::vector<std::string>{second, second}));
}

TEST_F(DeliveryTest, WhatCouldNotBeMarkedMeanwhileIsNotGivenBack) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  Ask("ann@example.org");
  Run();
  const std::string first = Ask("ann@example.org");
  Ask("ann@example.org");
  sender_.meanwhile = [&] {
    if (sender_.mails.size() != 3) return;
    queue_.finish_failure = Error{Next::kTryLater, "down"};
    sender_.waits = {[&] { clock_.Advance(70s); }};
  };
  EXPECT_FALSE(TryRun().ok());
  EXPECT_EQ(queue_.released, 0);
  EXPECT_EQ(EndOf(first), "waiting");
}

TEST_F(DeliveryTest, APeerThatIsUnknownIsSaidToBe) {
  accounts_.rows = {{"7", "ann@example.org", "fake$hash"}};
  Ask("ann@example.org");
  queue_.notes[0].peer = "";
  Run();
  EXPECT_THAT(Text(), HasSubstr("from an unknown network address"));
}

TEST(RetryPauseTest, DoublesFromFiveSecondsToTenMinutes) {
  const std::vector<std::pair<uint32_t, int>> pauses = {
      {0, 5}, {1, 5}, {2, 10}, {3, 20}, {7, 320}, {8, 600}, {4'000'000'000u, 600}};
  for (const auto& [tries, seconds] : pauses) {
    for (int i = 0; i < 50; ++i) {
      EXPECT_GE(RetryPause(tries).count(), seconds) << tries;
      EXPECT_LE(RetryPause(tries).count(), seconds + seconds / 5) << tries;
    }
  }
}

// TZ=UTC LC_ALL=C date -d @1777889471 '+%F %H:%M UTC'
TEST(DescribeTimeTest, IsTheSameInEveryLanguage) {
  EXPECT_EQ(DescribeTime(std::chrono::sys_seconds(1777889471s)), "2026-05-04 10:11 UTC");
  EXPECT_EQ(DescribeTime(std::chrono::sys_seconds(0s)), "1970-01-01 00:00 UTC");
  EXPECT_EQ(DescribeTime(std::chrono::sys_seconds(1830297599s)), "2027-12-31 23:59 UTC");
}

}  // namespace
}  // namespace latchkey::delivery
