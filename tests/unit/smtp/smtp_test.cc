#include "smtp/smtp.h"

#include <gtest/gtest.h>

namespace latchkey::smtp {
namespace {

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
