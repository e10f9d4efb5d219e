#include "admin/admin.h"

#include <gtest/gtest.h>

#include <regex>
#include <sstream>

#include "config/config.h"

namespace latchkey::admin {
namespace {

class AdminTest : public testing::Test {
 protected:
  int Latchkey(const std::vector<std::string>& arguments, const std::string& input = "") {
    std::istringstream in(input);
    std::ostringstream out, err;
    const int status = admin::Run(arguments, {in, out, err});
    out_ = out.str();
    err_ = err.str();
    return status;
  }
  std::string out_, err_;
};

TEST_F(AdminTest, HelpNamesEverySubcommandAndTheExitStatuses) {
  EXPECT_EQ(Latchkey({"--help"}), 0);
  for (const Subcommand& command : Subcommands()) {
    EXPECT_NE(out_.find("latchkey " + std::string(command.name)), std::string::npos);
  }
  EXPECT_NE(out_.find("Exit status: 0 yes or done, 1 no, 2 not understood."), std::string::npos);
  EXPECT_EQ(err_, "");
}

TEST_F(AdminTest, EachSubcommandHasItsHelp) {
  EXPECT_EQ(Latchkey({"hash", "make", "--help"}), 0);
  EXPECT_TRUE(out_.starts_with(
      "usage: latchkey hash make --scheme NAME [--preset NAME] [--presets DIRECTORY] "
      "[--login NAME] [--key KEY] [--line]\n"))
      << out_;
}

TEST_F(AdminTest, MeasuresASchemeAndProposesACostThatTheSchemeTakes) {
  EXPECT_EQ(Latchkey({"bench-hash", "--only", "phpass", "--time", "1"}), 0);
  EXPECT_TRUE(std::regex_search(out_, std::regex(R"(phpass +[0-9.]+ +64 KiB  [A-Z0-9] \([0-9.]+\)\n$)")))
      << out_;
  EXPECT_EQ(Latchkey({"bench-hash", "--only", "sha1"}), 0);
  EXPECT_TRUE(std::regex_search(out_, std::regex(R"(sha1 +[0-9.]+ +64 KiB  read only\n$)"))) << out_;
  EXPECT_EQ(Latchkey({"bench-hash", "--only", "rot13"}), 2);
  EXPECT_EQ(Latchkey({"bench-hash", "--time", "0"}), 2);
}

TEST_F(AdminTest, TellsItsVersion) {
  EXPECT_EQ(Latchkey({"--version"}), 0);
  EXPECT_EQ(out_, "latchkey " LATCHKEY_VERSION "\n");
}

struct Misuse {
  std::vector<std::string> arguments;
  std::string error;
};
class MisuseTest : public AdminTest, public testing::WithParamInterface<Misuse> {};

TEST_P(MisuseTest, IsOneLineAndExitStatus2) {
  EXPECT_EQ(Latchkey(GetParam().arguments), 2);
  EXPECT_EQ(err_, GetParam().error + "\n");
  EXPECT_EQ(out_, "");
}

INSTANTIATE_TEST_SUITE_P(
    AdminTest, MisuseTest,
    testing::Values(
        Misuse{{}, "latchkey: name a subcommand; see latchkey --help"},
        Misuse{{"frobnicate"}, "latchkey: no subcommand frobnicate; see latchkey --help"},
        Misuse{{"hash"}, "latchkey: no subcommand hash; see latchkey --help"},
        Misuse{{"schema", "now"},
               "latchkey schema: does not take now; usage: latchkey schema [--config FILE] [--upgrade]"},
        Misuse{{"schema", "--config"},
               "latchkey schema: --config needs FILE; usage: latchkey schema [--config FILE] [--upgrade]"},
        Misuse{{"schema", "--config", "a", "--config", "b"},
               "latchkey schema: --config is given twice; usage: latchkey schema [--config FILE] [--upgrade]"},
        Misuse{{"check-config", "--keys=all"},
               "latchkey check-config: --keys takes no value; usage: latchkey check-config "
               "[--config FILE] [--keys]"},
        Misuse{{"hash", "detect"},
               "latchkey hash detect: needs --hash STORED; usage: latchkey hash detect --hash "
               "STORED [--salt SALT]"}));

TEST_F(AdminTest, ListsTheKeys) {
  EXPECT_EQ(Latchkey({"check-config", "--keys"}), 0);
  EXPECT_NE(out_.find("web.workers  (integer, 0 to 256; default 0)\n    Web processes; 0: as many as "
                      "cores.\n"),
            std::string::npos);
  EXPECT_NE(out_.find("base_url  (URL; required)\n"), std::string::npos);
}

TEST_F(AdminTest, ABadConfigurationIsToldWithItsPlaceAndExitStatus1) {
  EXPECT_EQ(Latchkey({"check-config", "--config", "/nonexistent"}), 1);
  EXPECT_EQ(err_,
            "/nonexistent: cannot be read (No such file or directory); name another with "
            "--config FILE\n");
  EXPECT_EQ(Latchkey({"schema", "--config=/nonexistent"}), 1);
  EXPECT_EQ(out_, "");
}

TEST_F(AdminTest, CheckConfigAsksTheProgramsBesideItself) {
  EXPECT_EQ(Latchkey({"check-config", "--config", "etc/latchkey.toml"}), 1);
  for (const char* program : {"latchkey-web", "latchkey-mailer"}) {
    EXPECT_NE(err_.find("/" + std::string(program) + " ended without a word (status 127)"),
              std::string::npos)
        << err_;
  }
  EXPECT_EQ(out_, "");
}

TEST_F(AdminTest, PrintsTheSchema) {
  EXPECT_EQ(Latchkey({"schema", "--config", "etc/latchkey.toml"}), 0);
  EXPECT_NE(out_.find("CREATE TABLE IF NOT EXISTS `latchkey`.`outbox`"), std::string::npos);
}

// php -r 'echo password_hash("correct horse", PASSWORD_BCRYPT, ["cost" => 4]);'
constexpr char kBcrypt[] = "$2y$04$/QMh5q7yCAkQKN.qYJ1XFus.zvjiL.9LqLe.D56DzIWRUdMUeP.li";

TEST_F(AdminTest, VerifiesAStoredHash) {
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", kBcrypt}, "correct horse"), 0);
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", kBcrypt}, "wrong horse"), 1);
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", "nonsense"}, "correct horse"), 2);
  EXPECT_EQ(err_, "the stored hash is of no known scheme\n");
}

TEST_F(AdminTest, ANewlineIsPartOfThePasswordUnlessLineSaysOtherwise) {
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", kBcrypt}, "correct horse\n"), 1);
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", kBcrypt, "--line"}, "correct horse\n"), 0);
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", kBcrypt, "--line"}, "correct horse"), 0);
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", kBcrypt, "--line"}, "correct horse\n\n"), 1);
}

TEST_F(AdminTest, DetectsASchemeByItsName) {
  EXPECT_EQ(Latchkey({"hash", "detect", "--hash", kBcrypt}), 0);
  EXPECT_EQ(out_, "bcrypt\n");
  EXPECT_EQ(Latchkey({"hash", "detect", "--hash", ""}), 2);
}

TEST_F(AdminTest, VerifiesAShapeOfSeveralSchemesByWhicheverItIs) {
  // hashcat's example of vBulletin; joomla-md5 has the same shape and comes first.
  const std::string digest = "28f9975808ae2bdc5847b1cda26033ea";
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", digest, "--salt", "308"}, "hashcat"), 0);
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", digest + ":308"}, "hashcat"), 0);
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", digest, "--salt", "309"}, "hashcat"), 1);
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", digest}, "hashcat"), 1);
  EXPECT_EQ(Latchkey({"hash", "detect", "--hash", digest, "--salt", "308"}), 0);
  EXPECT_EQ(out_, "joomla-md5\n");
  EXPECT_EQ(Latchkey({"hash", "detect", "--hash", digest}), 0);
  EXPECT_EQ(out_, "md5\n");
}

TEST_F(AdminTest, NamesWhatDescribesItselfFirst) {
  EXPECT_EQ(Latchkey({"hash", "detect", "--hash", "$H$5WSY04LH6WuqpxdJpnBXtPfzemgZsS/"}), 0);
  EXPECT_EQ(out_, "phpass\n");
}

TEST_F(AdminTest, PutsALoginOrAKeyBesideThePassword) {
  // php -r 'echo sha1("ann" . "correct horse"), md5("K" . "correct horse"), md5("correct horse" .
  // "K");'
  const std::string with_login = "3b7b15d0c593348c4ae9ac01db6356bc3209552d";
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", with_login, "--login", "Ann"}, "correct horse"),
            0);
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", with_login, "--login", "Bob"}, "correct horse"),
            1);
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", with_login}, "correct horse"), 1);
  for (const std::string with_key :
       {"cfa9b1b186ec1606fa88108914d48275", "9d7587344228a28659694dcbc8a31c41"}) {
    EXPECT_EQ(Latchkey({"hash", "verify", "--hash", with_key, "--key", "K"}, "correct horse"), 0);
    EXPECT_EQ(Latchkey({"hash", "verify", "--hash", with_key, "--key", "k"}, "correct horse"), 1);
  }
  ASSERT_EQ(Latchkey({"hash", "make", "--scheme", "smf-sha1", "--login", "Ann"}, "correct horse"),
            0);
  EXPECT_EQ(out_, with_login + "\n");
}

TEST_F(AdminTest, DoesToThePasswordWhatThePresetsApplicationDoes) {
  const std::vector<std::string> verify = {"hash", "verify", "--presets", "etc/sites", "--preset"};
  const auto verifies = [&](const std::string& preset, const std::string& hash,
                            const std::string& password) {
    std::vector<std::string> arguments = verify;
    arguments.insert(arguments.end(), {preset, "--hash", hash});
    return Latchkey(arguments, password);
  };
  // php -r 'echo md5(trim(addslashes(" it\'s \\ ")));'
  EXPECT_EQ(verifies("wordpress", "21c323d53bd69e7dfa9fd095d9a86d4d", " it's \\ "), 0);
  EXPECT_EQ(verifies("wordpress", "21c323d53bd69e7dfa9fd095d9a86d4d", "it\\'s"), 1);
  EXPECT_EQ(verifies("generic", "21c323d53bd69e7dfa9fd095d9a86d4d", "it's"), 2);  // md5 is not among what it reads
  // php, as in known_answers.h: of "correct horse"; WordPress 6.8's, which the preset's 6.1 lacks
  EXPECT_EQ(verifies("wordpress", "$wp$2y$04$X4T5YLAEDUElaHKsbuWV8eYxrVUtFI/tp9WdWkjM7wGkFB8CdbfPm",
                     " correct horse"),
            0);
  EXPECT_EQ(verifies("nonesuch", "21c323d53bd69e7dfa9fd095d9a86d4d", ""), 2);
  EXPECT_NE(err_.find("nonesuch"), std::string::npos) << err_;

  ASSERT_EQ(Latchkey({"hash", "make", "--scheme", "phpass", "--preset", "wordpress", "--presets",
                      "etc/sites"},
                     " it's "),
            0);
  const std::string made = out_.substr(0, out_.find('\n'));
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash", made}, "it\\'s"), 0);
}

TEST_F(AdminTest, NeverRecognisesWhatMarksAnAccountAsClosed) {
  for (const std::string stored : {"", "*", "*0", "!", "!x", "not cached"}) {
    EXPECT_EQ(Latchkey({"hash", "verify", "--hash", stored}, ""), 2) << stored;
    EXPECT_EQ(Latchkey({"hash", "detect", "--hash", stored}), 2) << stored;
  }
}

TEST_F(AdminTest, WhatItMakesItVerifies) {
  ASSERT_EQ(Latchkey({"hash", "make", "--scheme", "argon2id"}, "correct horse"), 0) << err_;
  const std::string hash = out_.substr(0, out_.find('\n'));
  EXPECT_EQ(out_, hash + "\n");
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash=" + hash}, "correct horse"), 0);
  EXPECT_EQ(Latchkey({"hash", "verify", "--hash=" + hash}, "correct horsex"), 1);
}

TEST_F(AdminTest, RefusesToCutAPassword) {
  EXPECT_EQ(Latchkey({"hash", "make", "--scheme", "bcrypt"}, std::string(73, 'a')), 1);
  EXPECT_EQ(err_, "the password is longer than 72 bytes; bcrypt does not take that\n");
  EXPECT_EQ(Latchkey({"hash", "make", "--scheme", "bcrypt"}, std::string("a\0b", 3)), 1);
  EXPECT_EQ(out_, "");
}

TEST_F(AdminTest, AnUnknownSchemeIsNotUnderstood) {
  EXPECT_EQ(Latchkey({"hash", "make", "--scheme", "rot13"}, "x"), 2);
  EXPECT_EQ(err_, "no scheme of this name is written; see latchkey hash schemes\n");
}

}  // namespace
}  // namespace latchkey::admin
