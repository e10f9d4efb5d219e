#include "supervisor/programs.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "os/events.h"
#include "support/temp_dir.h"

namespace latchkey::supervisor {
namespace {

// Shell scripts in the place of the two programs.
class ProgramsTest : public testing::Test {
 protected:
  ProgramsTest() {
    Script("latchkey-web", "exit 0");
    Script("latchkey-mailer", "exit 0");
  }
  void Script(const std::string& name, const std::string& line) {
    std::ofstream(temp_.Path(name)) << "#!/bin/sh\n" << line << "\n";
    chmod(temp_.Path(name).c_str(), 0755);
  }
  std::string Written(const std::string& name) {
    std::ifstream stream(temp_.Path(name));
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  int Wait(std::optional<int> pid) { return os::WaitFor(os::Child{pid.value()}).code; }

  TempDir temp_;
  Programs programs_{temp_.path(), "/etc/x.toml"};
};

TEST_F(ProgramsTest, ChecksBothWithTheConfigurationsPath) {
  Script("latchkey-web", "echo \"web $*\" >>\"$(dirname \"$0\")/seen\"");
  Script("latchkey-mailer", "echo \"mailer $*\" >>\"$(dirname \"$0\")/seen\"");
  EXPECT_TRUE(programs_.CheckAll().ok());
  EXPECT_EQ(Written("seen"),
            "web --config /etc/x.toml --check\nmailer --config /etc/x.toml --check\n");
}

TEST_F(ProgramsTest, TheLineOfTheOneThatRefusesIsTold) {
  Script("latchkey-mailer", "echo '/etc/x.toml:3: relay.host: no' >&2; exit 1");
  const Status status = programs_.CheckAll();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message, "/etc/x.toml:3: relay.host: no");
}

TEST_F(ProgramsTest, AProgramThatIsNotThereIsNamed) {
  std::filesystem::remove(temp_.Path("latchkey-web"));
  const Status status = programs_.CheckAll();
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().message,
            temp_.Path("latchkey-web") +
                " ended without a word (status 127); install it beside this program");
}

TEST_F(ProgramsTest, ACheckOfAReloadThatAgreesIsSilent) {
  Script("latchkey-web", "echo \"$* $(readlink /proc/self/fd/0)\" >\"$0.seen\"");
  const std::optional<int> check = programs_.StartCheck(Program::kWeb);
  EXPECT_EQ(Wait(check), 0);
  EXPECT_EQ(programs_.Complaint(*check), "");
  EXPECT_EQ(Written("latchkey-web.seen"), "--config /etc/x.toml --check /dev/null\n");
}

TEST_F(ProgramsTest, EachCheckOfAReloadHasItsOwnComplaintOfOneLine) {
  Script("latchkey-web", "echo '/etc/x.toml:7: web.threads: no' >&2; echo more >&2; exit 1");
  Script("latchkey-mailer", "echo '/etc/x.toml:3: relay.host: no' >&2; exit 1");
  const std::optional<int> web = programs_.StartCheck(Program::kWeb);
  const std::optional<int> mailer = programs_.StartCheck(Program::kMailer);
  EXPECT_EQ(Wait(mailer), 1);
  EXPECT_EQ(Wait(web), 1);
  EXPECT_EQ(programs_.Complaint(*mailer), "/etc/x.toml:3: relay.host: no");
  EXPECT_EQ(programs_.Complaint(*web), "/etc/x.toml:7: web.threads: no");
  EXPECT_EQ(programs_.Complaint(*web), "");  // told, and forgotten
}

TEST_F(ProgramsTest, ACheckThatCannotRunEndsWithoutAComplaint) {
  std::filesystem::remove(temp_.Path("latchkey-mailer"));
  const std::optional<int> check = programs_.StartCheck(Program::kMailer);
  EXPECT_EQ(Wait(check), 127);
  EXPECT_EQ(programs_.Complaint(*check), "");
}

TEST_F(ProgramsTest, ACheckThatHangsIsNotWaitedForAndIsEndedWhateverItIgnores) {
  Script("latchkey-web", "trap '' TERM; exec sleep 600");
  const std::optional<int> check = programs_.StartCheck(Program::kWeb);
  ASSERT_TRUE(check);
  EXPECT_EQ(programs_.Complaint(*check), "");
  programs_.Kill(*check);
  const os::Exit exit = os::WaitFor(os::Child{*check});
  EXPECT_TRUE(exit.by_signal);
  EXPECT_EQ(exit.code, SIGKILL);
}

// More than a pipe holds: its words are lost, and its end is not.
TEST_F(ProgramsTest, ACheckThatSaysTooMuchEndsAllTheSame) {
  Script("latchkey-web", "echo 'the first line' >&2; head -c 1000000 /dev/zero >&2; exit 3");
  const std::optional<int> check = programs_.StartCheck(Program::kWeb);
  EXPECT_EQ(Wait(check), 3);
  EXPECT_EQ(programs_.Complaint(*check), "the first line");
}

TEST_F(ProgramsTest, ChecksKeepNoDescriptor) {
  const auto count = [] {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return std::distance(begin(all), end(all));
  };
  const auto before = count();
  for (int i = 0; i < 3; ++i) {
    const std::optional<int> check = programs_.StartCheck(Program::kWeb);
    Wait(check);
    programs_.Complaint(*check);
  }
  EXPECT_EQ(count(), before);
}

TEST_F(ProgramsTest, WebHasTheListenerAndThePairAndBothTheWakeDescriptor) {
  const os::WakeEvent listener, wake;
  const os::Handover handover;
  config::Supervisor settings;
  programs_.Share(listener.fd(), wake.fd(), handover, settings);
  const std::string wake_fd = std::to_string(wake.fd());
  const std::string take_fd = std::to_string(handover.taking_fd());
  const std::string give_fd = std::to_string(handover.giving_fd());
  const std::string ready = " --ready-fd " + std::to_string(programs_.ready_fd() + 1);
  const std::string line = "for fd in 0 " + wake_fd + " " + take_fd + " " + give_fd +
                           "; do set -- \"$@\" $(readlink /proc/self/fd/$fd | sed 's/socket:.*/socket/'); "
                           "done; echo \"$*\" >\"$0.seen\"";
  Script("latchkey-web", line);
  Script("latchkey-mailer", line);
  EXPECT_EQ(Wait(programs_.Start(Program::kWeb)), 0);
  EXPECT_EQ(Wait(programs_.Start(Program::kMailer)), 0);
  const std::string options = "--config /etc/x.toml --wake-fd " + wake_fd;
  EXPECT_EQ(Written("latchkey-web.seen"), options + ready + " --take-fd " + take_fd + " --give-fd " + give_fd +
                                              " anon_inode:[eventfd] anon_inode:[eventfd] socket socket\n");
  EXPECT_EQ(Written("latchkey-mailer.seen"), options + ready + " /dev/null anon_inode:[eventfd]\n");
}

}  // namespace
}  // namespace latchkey::supervisor
