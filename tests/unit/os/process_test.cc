#include "os/process.h"

#include <fcntl.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <iterator>
#include <thread>

#include "support/temp_dir.h"

namespace latchkey::os {
namespace {

// Runs a line of shell by Spawn; what it writes to the file $OUT of the test is kept.
class SpawnTest : public testing::Test {
 protected:
  Exit Run(const std::string& line, int stdin_fd = -1, const std::vector<int>& keep = {}) {
    const auto child = Spawn(Shell(line), stdin_fd, keep);
    EXPECT_TRUE(child.ok());
    return WaitFor(*child);
  }
  std::vector<std::string> Shell(const std::string& line) {
    return {"/bin/sh", "-c", line, "sh", temp_.Path("out")};
  }
  std::string Output() {
    std::ifstream stream(temp_.Path("out"));
    return {std::istreambuf_iterator<char>(stream), {}};
  }
  TempDir temp_;
};

TEST_F(SpawnTest, AChildsExitStatusIsTold) {
  const Exit exit = Run("exit 7");
  EXPECT_FALSE(exit.by_signal);
  EXPECT_EQ(exit.code, 7);
}

TEST_F(SpawnTest, ADeathBySignalIsTold) {
  const Exit exit = Run("kill -9 $$");
  EXPECT_TRUE(exit.by_signal);
  EXPECT_EQ(exit.code, SIGKILL);
}

TEST_F(SpawnTest, AProgramThatIsNotThereExitsWith127) {
  const auto child = Spawn({"/nonexistent/program"}, -1, {});
  ASSERT_TRUE(child.ok());
  EXPECT_EQ(WaitFor(*child).code, 127);
}

TEST_F(SpawnTest, ArgumentsArriveByteForByte) {
  const auto child = Spawn(
      {"/bin/sh", "-c", R"(printf '%s|' "$@" >"$0")", temp_.Path("out"), "a b", "", "$HOME;'\""},
      -1, {});
  ASSERT_TRUE(child.ok());
  EXPECT_EQ(WaitFor(*child).code, 0);
  EXPECT_EQ(Output(), "a b||$HOME;'\"|");
}

TEST_F(SpawnTest, StandardInputIsTheGivenDescriptorOrEmpty) {
  int pipe_fds[2];
  ASSERT_EQ(pipe2(pipe_fds, O_CLOEXEC), 0);
  ASSERT_EQ(write(pipe_fds[1], "hello", 5), 5);
  close(pipe_fds[1]);
  EXPECT_EQ(Run("cat >\"$1\"", pipe_fds[0]).code, 0);
  close(pipe_fds[0]);
  EXPECT_EQ(Output(), "hello");
  EXPECT_EQ(Run("cat >\"$1\"").code, 0);
  EXPECT_EQ(Output(), "");
}

TEST_F(SpawnTest, StandardErrorIsTheGivenDescriptor) {
  int pipe_fds[2];
  ASSERT_EQ(pipe2(pipe_fds, O_CLOEXEC), 0);
  const auto child = Spawn(Shell("echo oops >&2"), -1, {}, pipe_fds[1]);
  close(pipe_fds[1]);
  ASSERT_TRUE(child.ok());
  WaitFor(*child);
  char text[16];
  EXPECT_EQ(read(pipe_fds[0], text, sizeof text), 5);
  EXPECT_EQ(std::string(text, 5), "oops\n");
  close(pipe_fds[0]);
}

TEST_F(SpawnTest, OnlyTheKeptDescriptorsStayOpenWhateverTheirFlags) {
  const int kept = open("/dev/null", O_RDONLY | O_CLOEXEC);
  const int leaked = open("/dev/null", O_RDONLY);
  ASSERT_GT(kept, 2);
  ASSERT_GT(leaked, 2);
  const std::string test = "[ -e /proc/self/fd/" + std::to_string(kept) +
                           " ] && ! [ -e /proc/self/fd/" + std::to_string(leaked) + " ]";
  EXPECT_EQ(Run(test, -1, {kept}).code, 0);
  close(kept);
  close(leaked);
}

TEST_F(SpawnTest, TheChildHasNoBlockedOrIgnoredSignals) {
  sigset_t blocked, before;
  sigemptyset(&blocked);
  sigaddset(&blocked, SIGTERM);
  ASSERT_EQ(pthread_sigmask(SIG_BLOCK, &blocked, &before), 0);
  const auto old = signal(SIGPIPE, SIG_IGN);
  EXPECT_EQ(Run(R"(grep -E '^Sig(Blk|Ign)' /proc/self/status | tr -s '\t ' ' ' >"$1")").code, 0);
  signal(SIGPIPE, old);
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  // 32 and 33 are the C library's own; make leaves 32 ignored in what it starts.
  constexpr uint64_t kLibraryOwn = uint64_t{3} << 31;
  unsigned long long blocked_left = 1, ignored_left = 1;
  ASSERT_EQ(std::sscanf(Output().c_str(), "SigBlk: %llx SigIgn: %llx", &blocked_left, &ignored_left), 2);
  EXPECT_EQ(blocked_left & ~kLibraryOwn, 0U);
  EXPECT_EQ(ignored_left & ~kLibraryOwn, 0U);
}

TEST_F(SpawnTest, AChildEndsWithItsParent) {
  int alive[2];  // readable at its end when every writer is gone
  ASSERT_EQ(pipe2(alive, O_CLOEXEC), 0);
  const pid_t middle = fork();
  ASSERT_GE(middle, 0);
  if (middle == 0) {
    close(alive[0]);
    int until_exec[2];
    if (pipe2(until_exec, O_CLOEXEC) != 0) _exit(1);
    if (!Spawn({"/bin/sleep", "600"}, -1, {alive[1]}).ok()) _exit(1);
    close(until_exec[1]);
    char byte;
    if (read(until_exec[0], &byte, 1) == 0) raise(SIGKILL);
    _exit(1);
  }
  close(alive[1]);
  int status = 0;
  ASSERT_EQ(waitpid(middle, &status, 0), middle);
  ASSERT_TRUE(WIFSIGNALED(status));
  char byte;
  EXPECT_EQ(read(alive[0], &byte, 1), 0);
  close(alive[0]);
}

TEST_F(SpawnTest, ReapTellsOfAllThatEndedAndDoesNotWait) {
  const auto sleeper = Spawn({"/bin/sleep", "600"}, -1, {});
  ASSERT_TRUE(sleeper.ok());
  EXPECT_TRUE(Reap().empty());
  Kill(*sleeper, SIGTERM);
  siginfo_t info{};
  ASSERT_EQ(waitid(P_PID, static_cast<id_t>(sleeper->pid), &info, WEXITED | WNOWAIT), 0);
  const std::vector<Exit> exits = Reap();
  ASSERT_EQ(exits.size(), 1u);
  EXPECT_EQ(exits[0].pid, sleeper->pid);
  EXPECT_TRUE(exits[0].by_signal);
  EXPECT_EQ(exits[0].code, SIGTERM);
  EXPECT_TRUE(Reap().empty());
}

TEST(RunCheckTest, IsGoodWithExitStatus0WhateverWasSaid) {
  EXPECT_TRUE(RunCheck({"/bin/sh", "-c", "echo warning >&2"}).ok());
}

TEST(RunCheckTest, OtherwiseTellsTheFirstLine) {
  const Status status = RunCheck({"/bin/sh", "-c", "echo first >&2; echo second >&2; exit 1"});
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().next, Next::kFixSetup);
  EXPECT_EQ(status.error().message, "first");
}

TEST(RunCheckTest, AFloodOfWordsHangsNobody) {
  EXPECT_EQ(RunCheck({"/bin/sh", "-c", "echo first >&2; head -c 1000000 /dev/zero >&2; exit 1"})
                .error()
                .message,
            "first");
}

TEST(RunCheckTest, ASilentEndNamesProgramAndHow) {
  EXPECT_EQ(RunCheck({"/bin/sh", "-c", "kill -9 $$"}).error().message,
            "/bin/sh ended without a word (signal 9); install it beside this program");
  EXPECT_EQ(RunCheck({"/nonexistent/p"}).error().message,
            "/nonexistent/p ended without a word (status 127); install it beside this program");
}

// What `check` finds, in a child process of its own: rights do not come back.
int InAnotherProcess(int (*check)()) {
  const pid_t pid = fork();
  if (pid == 0) _exit(check());
  int status = 0;
  waitpid(pid, &status, 0);
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

TEST(BecomeUserTest, RootTakesTheUsersRightsForGood) {
  if (!IsRoot()) GTEST_SKIP() << "needs root";
  EXPECT_EQ(InAnotherProcess([] {
              if (!BecomeUser("nobody").ok()) return 1;
              uid_t real, effective, saved;
              getresuid(&real, &effective, &saved);
              if (real == 0 || real != effective || real != saved) return 2;
              gid_t rgid, egid, sgid;
              getresgid(&rgid, &egid, &sgid);
              if (rgid == 0 || rgid != egid || rgid != sgid) return 3;
              gid_t groups[64];
              const int count = getgroups(64, groups);
              for (int i = 0; i < count; ++i) {
                if (groups[i] == 0) return 4;
              }
              return seteuid(0) == 0 ? 5 : 0;
            }),
            0);
}

TEST(BecomeUserTest, TheSignalOnTheParentsDeathStays) {
  if (!IsRoot()) GTEST_SKIP() << "needs root";
  EXPECT_EQ(InAnotherProcess([] {
              prctl(PR_SET_PDEATHSIG, SIGTERM);
              if (!BecomeUser("nobody").ok()) return 1;
              int signal = 0;
              prctl(PR_GET_PDEATHSIG, &signal);
              return signal == SIGTERM ? 0 : 2;
            }),
            0);
}

TEST(BecomeUserTest, AnUnknownUserIsNamed) {
  if (!IsRoot()) GTEST_SKIP() << "needs root";
  const Status status = BecomeUser("no-such-user-here");
  ASSERT_FALSE(status.ok());
  EXPECT_EQ(status.error().next, Next::kFixSetup);
  EXPECT_NE(status.error().message.find("no-such-user-here"), std::string::npos);
}

TEST(BecomeUserTest, AnOrdinaryUserStaysWhoItIs) {
  EXPECT_EQ(InAnotherProcess([] {
              if (IsRoot() && !BecomeUser("nobody").ok()) return 1;
              const uid_t before = getuid();
              if (!BecomeUser("no-such-user-here").ok()) return 2;
              return getuid() == before ? 0 : 3;
            }),
            0);
}

TEST(LimitSelfTest, LeavesNoCoreNoPtraceNoNewPrivileges) {
  EXPECT_EQ(InAnotherProcess([] {
              LimitSelf();
              if (prctl(PR_GET_DUMPABLE) != 0) return 1;
              return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : 2;
            }),
            0);
}

TEST(OwnDirectoryTest, HoldsThisProgram) {
  EXPECT_EQ(access((OwnDirectory() + "/" + program_invocation_short_name).c_str(), X_OK), 0);
}

}  // namespace
}  // namespace latchkey::os
