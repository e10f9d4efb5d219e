#include "os/socket.h"

#include <fcntl.h>
#include <grp.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <fstream>
#include <thread>

#include "support/temp_dir.h"

namespace latchkey::os {
namespace {

using std::chrono::milliseconds;

UniqueFd Connect(const std::string& path) {
  UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, sizeof address.sun_path - 1);
  if (connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) fd.Reset();
  return fd;
}

class SocketTest : public testing::Test {
 protected:
  UniqueFd Listen(unsigned mode = 0600, const std::string& group = "") {
    auto listener = ListenUnix(path_, mode, group);
    if (!listener.ok()) {
      ADD_FAILURE() << listener.error().message;
      return UniqueFd();
    }
    return std::move(*listener);
  }
  std::string Refusal(const std::string& group = "") {
    const auto listener = ListenUnix(path_, 0600, group);
    if (listener.ok()) return "listens";
    EXPECT_EQ(listener.error().next, Next::kFixSetup);
    return listener.error().message;
  }
  struct stat File() {
    struct stat file {};
    EXPECT_EQ(lstat(path_.c_str(), &file), 0);
    return file;
  }

  TempDir temp_;
  std::string path_ = temp_.Path("web.sock");
};

TEST_F(SocketTest, HasExactlyTheModeWhateverTheUmask) {
  const mode_t before = umask(0077);
  const UniqueFd open_to_group = Listen(0660);
  umask(before);
  EXPECT_EQ(File().st_mode, S_IFSOCK | 0660u);
}

TEST_F(SocketTest, LeavesTheUmaskAsItWas) {
  const mode_t before = umask(0027);
  const UniqueFd listener = Listen();
  EXPECT_EQ(umask(before), 0027u);
}

TEST_F(SocketTest, HasTheGroup) {
  if (geteuid() != 0) GTEST_SKIP() << "needs root";
  const UniqueFd listener = Listen(0660, "nogroup");
  EXPECT_EQ(File().st_gid, getgrnam("nogroup")->gr_gid);
  EXPECT_EQ(File().st_mode, S_IFSOCK | 0660u);
}

TEST_F(SocketTest, AnUnknownGroupIsRefusedBeforeAnythingIsMade) {
  EXPECT_EQ(Refusal("no-such-group"), "there is no group no-such-group on this machine");
  EXPECT_NE(access(path_.c_str(), F_OK), 0);
}

TEST_F(SocketTest, IsNonBlockingAndClosesOnExec) {
  const UniqueFd listener = Listen();
  EXPECT_NE(fcntl(listener.get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(listener.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST_F(SocketTest, AStaleSocketIsReplaced) {
  Listen().Reset();
  const UniqueFd listener = Listen();
  EXPECT_TRUE(Connect(path_).valid());
}

TEST_F(SocketTest, ALiveSocketIsLeftAlone) {
  const UniqueFd listener = Listen();
  EXPECT_EQ(Refusal(), path_ + ": another program listens here; stop it or choose another path");
  EXPECT_TRUE(Connect(path_).valid());
}

TEST_F(SocketTest, AFileThatIsNoSocketIsLeftAlone) {
  std::ofstream(path_) << "precious";
  EXPECT_EQ(Refusal(), path_ + ": is there already and is no socket; remove it");
  std::string content;
  std::ifstream(path_) >> content;
  EXPECT_EQ(content, "precious");
}

TEST_F(SocketTest, AMissingDirectoryIsNamed) {
  path_ = temp_.Path("none/web.sock");
  EXPECT_NE(Refusal().find(path_ + ": cannot be made"), std::string::npos);
}

TEST_F(SocketTest, APathThatIsTooLongIsRefusedNotCut) {
  path_ = temp_.Path(std::string(108, 's'));
  EXPECT_NE(Refusal().find("at most 107 bytes"), std::string::npos);
}

TEST_F(SocketTest, AnAcceptedConnectionTimesOutInARead) {
  const UniqueFd listener = Listen();
  const UniqueFd peer = Connect(path_);
  const Accepted accepted = Accept(listener.get(), milliseconds(20));
  ASSERT_TRUE(accepted.fd.valid());
  EXPECT_NE(fcntl(accepted.fd.get(), F_GETFD) & FD_CLOEXEC, 0);
  char byte;
  EXPECT_EQ(read(accepted.fd.get(), &byte, 1), -1);
  EXPECT_EQ(errno, EAGAIN);
}

TEST_F(SocketTest, NobodyWaitingIsNoExhaustion) {
  const UniqueFd listener = Listen();
  const Accepted accepted = Accept(listener.get(), milliseconds(20));
  EXPECT_FALSE(accepted.fd.valid());
  EXPECT_FALSE(accepted.exhausted);
}

TEST_F(SocketTest, OutOfDescriptorsIsToldApart) {
  const UniqueFd listener = Listen();
  const UniqueFd peer = Connect(path_);
  rlimit before{};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit none{0, before.rlim_max};
  setrlimit(RLIMIT_NOFILE, &none);
  const Accepted accepted = Accept(listener.get(), milliseconds(20));
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_FALSE(accepted.fd.valid());
  EXPECT_TRUE(accepted.exhausted);
  EXPECT_TRUE(Accept(listener.get(), milliseconds(20)).fd.valid());
}

TEST_F(SocketTest, ShutDownEndsABlockedRead) {
  const UniqueFd listener = Listen();
  const UniqueFd peer = Connect(path_);
  const Accepted accepted = Accept(listener.get(), std::chrono::minutes(1));
  std::thread other([&] { ShutDown(accepted.fd.get()); });
  char byte;
  EXPECT_EQ(read(accepted.fd.get(), &byte, 1), 0);
  other.join();
}

TEST_F(SocketTest, AListenerIsTakenOverFromItsDescriptor) {
  UniqueFd listener = Listen();
  ASSERT_EQ(fcntl(listener.get(), F_SETFL, 0), 0);
  const int given = listener.get();
  auto taken = TakeListener(given);
  ASSERT_TRUE(taken.ok());
  EXPECT_NE(taken->get(), given);
  EXPECT_NE(fcntl(taken->get(), F_GETFL) & O_NONBLOCK, 0);
  EXPECT_NE(fcntl(taken->get(), F_GETFD) & FD_CLOEXEC, 0);
  const UniqueFd peer = Connect(path_);
  EXPECT_TRUE(Accept(taken->get(), milliseconds(20)).fd.valid());
  char byte;
  EXPECT_EQ(read(given, &byte, 1), 0);  // /dev/null now
}

TEST_F(SocketTest, WhatIsNoListenerIsNotTaken) {
  const UniqueFd nothing(open("/dev/null", O_RDWR | O_CLOEXEC));
  EXPECT_FALSE(TakeListener(nothing.get()).ok());
  const UniqueFd listener = Listen();
  const UniqueFd peer = Connect(path_);
  EXPECT_FALSE(TakeListener(peer.get()).ok());
  EXPECT_FALSE(TakeListener(-1).ok());
}

}  // namespace
}  // namespace latchkey::os
