#include "smtp/smtp.h"

#include <gtest/gtest.h>

namespace latchkey::smtp {
namespace {

// A transfer that failed: how far it came, and the relay's last code.
Transfer Failed(bool began_mail, bool sent_whole, int response) {
  return {
      .completed = false, .began_mail = began_mail, .sent_whole = sent_whole, .response = response};
}

TEST(JudgeTest, AnAnswerToTheFinalDotDecides) {
  EXPECT_EQ(Judge({.completed = true, .began_mail = true, .sent_whole = true, .response = 250}),
            Outcome::kAccepted);
  EXPECT_EQ(Judge(Failed(true, true, 451)), Outcome::kTryLater);
  EXPECT_EQ(Judge(Failed(true, true, 554)), Outcome::kRefused);
}

TEST(JudgeTest, NoAnswerToTheFinalDotIsUnknown) {
  EXPECT_EQ(Judge(Failed(true, true, 354)), Outcome::kUnknown);
  EXPECT_EQ(Judge(Failed(true, true, 0)), Outcome::kUnknown);
}

TEST(JudgeTest, AMessageThatWasNotSentWholeWasNotAccepted) {
  EXPECT_EQ(Judge(Failed(true, false, 354)), Outcome::kTryLater);
}

TEST(JudgeTest, TheEnvelopeIsRefusedForGoodBy5AndForNowBy4) {
  EXPECT_EQ(Judge(Failed(true, false, 550)), Outcome::kRefused);
  EXPECT_EQ(Judge(Failed(true, false, 421)), Outcome::kTryLater);
}

TEST(JudgeTest, ARefusalBeforeTheMailIsNotTheMessagesFault) {
  EXPECT_EQ(Judge(Failed(false, false, 554)), Outcome::kTryLater);
  EXPECT_EQ(Judge(Failed(false, false, 535)), Outcome::kTryLater);
  EXPECT_EQ(Judge(Failed(false, false, 0)), Outcome::kTryLater);
}

Settings Towards(const std::string& host, Tls tls, const std::string& user = "") {
  Settings settings;
  settings.host = host;
  settings.tls = tls;
  settings.user = user;
  settings.helo = "shop.example";
  return settings;
}

TEST(CheckSettingsTest, PlaintextIsForThisHostOnly) {
  for (const char* host : {"127.0.0.1", "127.8.0.1", "::1", "localhost"}) {
    EXPECT_TRUE(CheckSettings(Towards(host, Tls::kNone)).ok()) << host;
  }
  for (const char* host :
       {"192.0.2.1", "128.0.0.1", "localhost.example", "127.0.0.1.example", "::2", ""}) {
    EXPECT_FALSE(CheckSettings(Towards(host, Tls::kNone)).ok()) << host;
    EXPECT_TRUE(CheckSettings(Towards(host, Tls::kStartTls)).ok()) << host;
    EXPECT_TRUE(CheckSettings(Towards(host, Tls::kImplicit)).ok()) << host;
  }
}

TEST(CheckSettingsTest, ALoginIsNotSentInClear) {
  EXPECT_FALSE(CheckSettings(Towards("127.0.0.1", Tls::kNone, "shop")).ok());
  EXPECT_TRUE(CheckSettings(Towards("127.0.0.1", Tls::kStartTls, "shop")).ok());
}

TEST(CheckSettingsTest, ControlCharactersAreRefused) {
  EXPECT_FALSE(CheckSettings(Towards("mx.example\r\nX", Tls::kStartTls)).ok());
}

}  // namespace
}  // namespace latchkey::smtp
