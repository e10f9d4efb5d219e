// Every kind of reply at every step. What each means is RFC 5321's, sections 4.2.1, 4.3.2 and 4.5.3.2.

#include "smtp/dialogue.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <map>

namespace latchkey::smtp {
namespace {

using ::testing::ElementsAre;
using ::testing::Not;
using ::testing::HasSubstr;

constexpr char kSilence[] = "(silence)";  // or a connection that was reset: the wire says neither more

// A relay that says these texts, one a Receive, once it has been sent something new.
class ScriptedWire final : public Wire {
 public:
  std::deque<std::string> script;
  std::string sent;
  size_t takes = SIZE_MAX;  // bytes, before the connection is lost
  std::vector<std::string> writes;
  std::vector<Wait> waits;

  void Allow(Wait wait) override { waits.push_back(wait); }
  size_t Send(std::string_view bytes) override {
    const size_t taken = std::min(bytes.size(), takes - sent.size());
    writes.emplace_back(bytes);
    sent += bytes.substr(0, taken);
    return taken;
  }
  std::string Receive() override {
    if (script.empty() || script.front() == kSilence) return "";
    const std::string text = script.front();
    script.pop_front();
    return text;
  }
  // Line by line.
  std::vector<std::string> Commands() const {
    std::vector<std::string> lines;
    for (size_t at = 0; at < sent.size();) {
      const size_t end = sent.find("\r\n", at);
      lines.push_back(sent.substr(at, end - at));
      at = end + 2;
    }
    return lines;
  }
};

class DialogueTest : public ::testing::Test {
 protected:
  Reply Send(const std::string& to = "ann@example.org", const std::string& message = "Hi\r\n") {
    return dialogue_.SendMessage("no-reply@example.org", to, message, {});
  }
  ScriptedWire wire_;
  Dialogue dialogue_{wire_};
};

TEST_F(DialogueTest, AMessageIsSentAndTheConnectionServesTheNext) {
  wire_.script = {"250 ok\r\n", "250-2.1.5\r\n250 fine\r\n", "354 go\r\n", "250 taken\r\n",
                  "250 ok\r\n", "251 will forward\r\n", "354\r\n", "250\r\n"};
  EXPECT_EQ(Send().outcome, Outcome::kAccepted);
  EXPECT_TRUE(dialogue_.is_usable());
  EXPECT_EQ(Send("bob@example.org").outcome, Outcome::kAccepted);
  EXPECT_THAT(wire_.Commands(),
              ElementsAre("MAIL FROM:<no-reply@example.org>", "RCPT TO:<ann@example.org>", "DATA",
                          "Hi", ".", "MAIL FROM:<no-reply@example.org>",
                          "RCPT TO:<bob@example.org>", "DATA", "Hi", "."));
}

TEST_F(DialogueTest, AReplyMayComeInAnyPieces) {
  wire_.script = {"2", "50-a\r", "\n25", "0 b\r\n", "250\n", "354 x\r\n", "250 taken\r\n"};
  EXPECT_EQ(Send().outcome, Outcome::kAccepted);
}

struct Row {
  std::string reply;
  // At MAIL and RCPT, at DATA, at the final dot: 's' on, 't' later, 'r' refused, 'u' unknown, 'a'
  // accepted; a capital where the connection must not be used again.
  std::string meaning;
};

std::vector<Row> Rows() {
  return {
      {"220 again\r\n", "sTa"},
      {"250 fine\r\n", "sTa"},
      {"354 go\r\n", "TsU"},
      {"421 closing\r\n", "TTT"},
      {"451 later\r\n", "ttt"},
      {"452 full\r\n", "ttt"},
      {"530 log in first\r\n", "ttt"},
      {"550 no\r\n", "rrr"},
      {"552 too much\r\n", "rrr"},
      {"554 no\r\n", "rrr"},
      {"garbage\r\n", "TTU"},
      {"HTTP/1.1 400 Bad Request\r\n\r\n", "TTU"},
      {"2500 fine\r\n", "TTU"},
      {"250-first\r\n550 second\r\n", "TTU"},
      {"250 " + std::string(2'000'000, 'x'), "TTU"},
      {std::string(2'000'000, '2'), "TTU"},
      {kSilence, "TTU"},
  };
}

class EveryReply : public testing::TestWithParam<Row> {
 protected:
  void TryEachStep(bool pipelining);
};

// The reply that leads on at each step before `step`.
std::deque<std::string> UpTo(size_t step) {
  const std::deque<std::string> good = {"250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 ok\r\n"};
  return {good.begin(), good.begin() + static_cast<long>(step)};
}

void EveryReply::TryEachStep(bool pipelining) {
  const std::map<char, Outcome> outcomes = {{'t', Outcome::kTryLater}, {'r', Outcome::kRefused},
                                            {'u', Outcome::kUnknown}, {'a', Outcome::kAccepted}};
  for (const auto& [step, column] : std::map<size_t, size_t>{{0, 0}, {1, 0}, {2, 1}, {3, 2}}) {
    const char meaning = GetParam().meaning[column];
    if (meaning == 's') continue;
    ScriptedWire wire;
    wire.script = UpTo(step);
    wire.script.push_back(GetParam().reply);
    // What follows from a refusal, as far as it was asked before that was known.
    if (pipelining) wire.script.insert(wire.script.end(), step < 3 ? 2 - step : 0, "503 no\r\n");
    wire.script.push_back("250 reset\r\n");
    Dialogue dialogue(wire);
    const Reply reply = dialogue.SendMessage("a@example.org", "b@example.org", "Hi\r\n",
                                             {.pipelining = pipelining});
    EXPECT_EQ(reply.outcome, outcomes.at(static_cast<char>(std::tolower(meaning)))) << step;
    EXPECT_EQ(dialogue.is_usable(), std::islower(meaning) != 0) << step;
    // A refused message is taken back before the next, but only where somebody listens.
    const bool resets = meaning == 't' || meaning == 'r';
    EXPECT_EQ(wire.Commands().back() == "RSET", resets) << step;
    EXPECT_THAT(reply.reason, Not(HasSubstr("example"))) << step;
  }
}

TEST_P(EveryReply, MeansAtEveryStepWhatItSays) { TryEachStep(/*pipelining=*/false); }
TEST_P(EveryReply, MeansTheSameWhereTheCommandsAreSentAtOnce) { TryEachStep(/*pipelining=*/true); }

INSTANTIATE_TEST_SUITE_P(DialogueTest, EveryReply, testing::ValuesIn(Rows()));

TEST_F(DialogueTest, ARefusedResetEndsTheConnection) {
  wire_.script = {"550 no\r\n", "500 what\r\n"};
  EXPECT_EQ(Send().outcome, Outcome::kRefused);
  EXPECT_FALSE(dialogue_.is_usable());
}

TEST_F(DialogueTest, WhatIsSaidUnaskedIsNotTakenForTheNextReply) {
  wire_.script = {"250 ok\r\n250 ok\r\n354 go\r\n", "550 no\r\n"};
  EXPECT_EQ(Send().outcome, Outcome::kTryLater);
  EXPECT_FALSE(dialogue_.is_usable());
  EXPECT_THAT(wire_.sent, Not(HasSubstr("DATA")));
}

TEST_F(DialogueTest, AMessageThatBrokeOffWasNotTaken) {
  wire_.script = {"250 ok\r\n", "250 ok\r\n", "354 go\r\n", "250 ok\r\n"};
  const std::string before = "MAIL FROM:<no-reply@example.org>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\n";
  wire_.takes = before.size() + std::string("Hi\r\n.\r").size();
  EXPECT_EQ(Send().outcome, Outcome::kTryLater);
  EXPECT_FALSE(dialogue_.is_usable());
}

TEST_F(DialogueTest, AConnectionThatDiedWhileIdleIsKnownForThat) {
  EXPECT_EQ(Send().outcome, Outcome::kTryLater);
  EXPECT_TRUE(dialogue_.was_stale());
}

TEST_F(DialogueTest, WhatCouldBeReadInTwoWaysLeavesNoByte) {
  for (const char* to : {"", "a@b.example> NOTIFY=NEVER", "a@b.example\r\nDATA", "<a@b.example>",
                         "a b@example.org", "a@b.example\n"}) {
    EXPECT_EQ(Send(to).outcome, Outcome::kRefused) << to;
  }
  for (const char* message : {"", "no end", "Hi\n.\r\n", "Hi\r.\r\n", "Hi\n", "Hi\r\n\r"}) {
    EXPECT_EQ(Send("ann@example.org", message).outcome, Outcome::kRefused) << message;
  }
  EXPECT_EQ(wire_.sent, "");
  EXPECT_TRUE(dialogue_.is_usable());
}

TEST_F(DialogueTest, AnAddressBeyondAsciiAsksForSmtputf8) {
  wire_.script = {"250\r\n", "250\r\n", "354\r\n", "250\r\n"};
  EXPECT_EQ(dialogue_.SendMessage("a@example.org", "j\xc3\xb6rg@example.org", "Hi\r\n", {.utf8 = true}).outcome,
            Outcome::kAccepted);
  EXPECT_EQ(wire_.Commands()[0], "MAIL FROM:<a@example.org> SMTPUTF8");
}

class PipeliningTest : public DialogueTest {
 protected:
  static constexpr char kEnvelope[] =
      "MAIL FROM:<no-reply@example.org>\r\nRCPT TO:<ann@example.org>\r\nDATA\r\n";

  // To a relay that says this; what was sent after the envelope, line by line.
  std::vector<std::string> SendTo(const std::deque<std::string>& script) {
    wire_.script = script;
    reply_ = dialogue_.SendMessage("no-reply@example.org", "ann@example.org", "Hi\r\n",
                                   {.pipelining = true});
    std::vector<std::string> lines = wire_.Commands();
    lines.erase(lines.begin(), lines.begin() + 3);
    return lines;
  }
  Reply reply_{};
};

TEST_F(PipeliningTest, TheEnvelopeIsOneWriteAndTheMessageAnother) {
  EXPECT_THAT(SendTo({"250 ok\r\n250 o", "k\r\n354 go\r\n", "250 taken\r\n"}), ElementsAre("Hi", "."));
  EXPECT_THAT(wire_.writes, ElementsAre(kEnvelope, "Hi\r\n.\r\n"));
  EXPECT_EQ(reply_.outcome, Outcome::kAccepted);
  EXPECT_TRUE(dialogue_.is_usable());
}

// RFC 2920 section 3.1.
TEST_F(PipeliningTest, ALoneDotEndsDataThatWasTakenForNobody) {
  EXPECT_THAT(SendTo({"250\r\n550 who\r\n354 go\r\n", "554 nobody\r\n", "250 reset\r\n"}),
              ElementsAre(".", "RSET"));
  EXPECT_EQ(reply_.outcome, Outcome::kRefused);
  EXPECT_THAT(reply_.reason, HasSubstr("550 to RCPT"));
  EXPECT_TRUE(dialogue_.is_usable());
  EXPECT_THAT(SendTo({"451 later\r\n503 no\r\n354 go\r\n", "554 nobody\r\n", "250 reset\r\n"}).back(),
              "RSET");
  EXPECT_THAT(reply_.reason, HasSubstr("451 to MAIL"));
}

TEST_F(PipeliningTest, NoEmptyMailIsSentToARecipientThatWasTakenWithoutASender) {
  EXPECT_THAT(SendTo({"550 no\r\n250 ok\r\n354 go\r\n", "250 taken\r\n"}), ElementsAre());
  EXPECT_EQ(reply_.outcome, Outcome::kRefused);
  EXPECT_FALSE(dialogue_.is_usable());
}

TEST_F(PipeliningTest, WhatIsSaidBeyondTheThreeRepliesEndsTheConnection) {
  EXPECT_THAT(SendTo({"250\r\n250\r\n354\r\n250 what\r\n"}), ElementsAre());
  EXPECT_EQ(reply_.outcome, Outcome::kTryLater);
  EXPECT_FALSE(dialogue_.is_usable());
}

TEST_F(PipeliningTest, ARelayThatHangsUpWithinTheEnvelopeIsNotListenedTo) {
  EXPECT_THAT(SendTo({"250\r\n", "421 bye\r\n"}), ElementsAre());
  EXPECT_EQ(reply_.reason, "421 to RCPT");
  EXPECT_FALSE(dialogue_.was_stale());
  Dialogue other(wire_);
  other.SendMessage("a@example.org", "b@example.org", "Hi\r\n", {.pipelining = true});
  EXPECT_TRUE(other.was_stale());
}

// RFC 5321 section 4.5.3.2.6.
TEST_F(DialogueTest, TheAnswerToAWholeMessageMayTakeLonger) {
  wire_.script = {"250\r\n", "250\r\n", "354\r\n", "451 later\r\n", "250\r\n"};
  Send();
  EXPECT_THAT(wire_.waits, ElementsAre(Wait::kMessage, Wait::kCommand));
}

// RFC 5321 section 4.5.2; CVE-2023-51764 is about a dot that only one side takes for the end.
TEST(StuffedTest, ADotAtTheStartOfALineIsDoubled) {
  EXPECT_EQ(Stuffed("a\r\n.\r\n..b\r\nc.\r\n"), "a\r\n..\r\n...b\r\nc.\r\n.\r\n");
  EXPECT_EQ(Stuffed(".\r\n"), "..\r\n.\r\n");
}

}  // namespace
}  // namespace latchkey::smtp
