#include "password/tuning.h"

#include <gtest/gtest.h>

namespace latchkey::password {
namespace {

std::string TunedCost(const char* scheme, double factor) {
  const Scheme& one = *FindScheme(scheme);
  const std::string text = Tune(one, Sample(one), factor);
  return text.empty() ? "none" : std::string(one.CostOf(text));
}

TEST(Tuning, HasASampleOfEveryScheme) {
  for (const Scheme* scheme : AllSchemes()) {
    EXPECT_TRUE(scheme->Recognises(Sample(*scheme))) << scheme->name() << " " << Sample(*scheme);
  }
}

TEST(Tuning, TurnsWhatEachFormatCallsItsCost) {
  EXPECT_EQ(TunedCost("bcrypt", 4.1), "14");
  EXPECT_EQ(TunedCost("bcrypt", 3.9), "13");
  EXPECT_EQ(TunedCost("bcrypt", 0.3), "10");
  EXPECT_EQ(TunedCost("argon2id", 4.1), "$argon2id$v=19$m=78848,t=2,p=1");
  EXPECT_EQ(TunedCost("werkzeug-scrypt", 2.5), "scrypt:65536:8:1");
  EXPECT_EQ(TunedCost("django-scrypt", 0.5), "8192$8$5");
  EXPECT_EQ(TunedCost("werkzeug-pbkdf2", 1.23456), "pbkdf2:sha256:1230000");
  EXPECT_EQ(TunedCost("yescrypt", 2), "jAT");
}

TEST(Tuning, OfTheOthersHasTheWorkThatWasAskedFor) {
  for (const char* name :
       {"django-argon2", "django-bcrypt-sha256", "django-pbkdf2", "dovecot-argon2id",
        "dovecot-blf-crypt", "dovecot-sha512-crypt", "drupal", "mediawiki-argon2",
        "mediawiki-pbkdf2", "phpass", "phpbb-phpass", "sha256-crypt", "wordpress-bcrypt"}) {
    const Scheme& scheme = *FindScheme(name);
    const std::string now = Sample(scheme), half = Tune(scheme, now, 0.5);
    ASSERT_TRUE(scheme.Recognises(half)) << name << " " << half;
    EXPECT_LT(scheme.StrengthOf(half).amount, scheme.StrengthOf(now).amount) << name;
  }
}

TEST(Tuning, StaysWithinWhatTheSchemeRecognises) {
  EXPECT_EQ(TunedCost("bcrypt", 1e9), "16");
  EXPECT_EQ(TunedCost("werkzeug-scrypt", 1e9), "scrypt:131072:8:1");
  EXPECT_EQ(TunedCost("bcrypt", 1e-9), "none");
}

TEST(Tuning, FindsNothingToTurnInAPlainDigest) {
  EXPECT_EQ(TunedCost("sha1", 2), "none");
  EXPECT_EQ(TunedCost("punbb", 2), "none");
}

}  // namespace
}  // namespace latchkey::password
