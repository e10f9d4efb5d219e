#include "os/handover.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>

#include <vector>

#include "support/temp_dir.h"

namespace latchkey::os {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

struct Ends {
  UniqueFd web_server, ours;
};

Ends Connection() {
  int ends[2];
  EXPECT_EQ(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
  return {UniqueFd(ends[0]), UniqueFd(ends[1])};
}

bool Write(const UniqueFd& fd, const std::string& text) {
  return send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
         static_cast<ssize_t>(text.size());
}

std::string Read(const UniqueFd& fd) {
  char text[64];
  const ssize_t count = recv(fd.get(), text, sizeof text, MSG_DONTWAIT);
  return count < 0 ? "nothing" : std::string(text, static_cast<size_t>(count));
}

TEST(HandoverTest, WhatWasWrittenBeforeAndMeanwhileArrives) {
  const Handover handover;
  Ends connection = Connection();
  EXPECT_TRUE(Write(connection.web_server, "one "));
  EXPECT_TRUE(handover.Give(connection.ours));
  connection.ours.Reset();
  EXPECT_TRUE(Write(connection.web_server, "two"));
  const UniqueFd taken = handover.Take();
  EXPECT_EQ(Read(taken), "one two");
  EXPECT_TRUE(Write(taken, "answer"));
  EXPECT_EQ(Read(connection.web_server), "answer");
  EXPECT_NE(fcntl(taken.get(), F_GETFD) & FD_CLOEXEC, 0);
}

TEST(HandoverTest, ThereIsNothingToTakeBeforeSomethingIsGiven) {
  EXPECT_FALSE(Handover().Take().valid());
}

TEST(HandoverTest, AFullPairTakesNoMoreAndLosesNone) {
  const Handover handover;
  const Ends connection = Connection();
  int given = 0;
  while (handover.Give(connection.ours)) ASSERT_LT(++given, 1'000'000);
  EXPECT_GT(given, 16);
  int taken = 0;
  while (handover.Take().valid()) ++taken;
  EXPECT_EQ(taken, given);
  EXPECT_TRUE(handover.Give(connection.ours));
}

// A listener that stays, as systemd's does.
class QueueTest : public testing::Test {
 protected:
  UniqueFd Connect() {
    UniqueFd fd(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path_.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    return fd;
  }
  UniqueFd Next() { return Accept(listener_.get(), seconds(1)).fd; }

  TempDir temp_;
  const std::string path_ = temp_.Path("web.sock");
  const UniqueFd listener_ = std::move(*ListenUnix(path_, 0600, ""));
};

TEST_F(QueueTest, BringsEachConnectionToWhoeverAcceptsNext) {
  Ends first = Connection(), second = Connection();
  {
    const Handover handover;
    for (Ends* one : {&first, &second}) {
      EXPECT_TRUE(handover.Give(one->ours));
      one->ours.Reset();
    }
    EXPECT_EQ(QueueUp(handover, listener_), 2);
    EXPECT_FALSE(handover.Take().valid());
  }
  for (const Ends* one : {&first, &second}) {
    EXPECT_TRUE(Write(one->web_server, "request"));
    const Arrival arrival = LookAtArrival(Next(), milliseconds(700));
    EXPECT_TRUE(arrival.brings);
    EXPECT_EQ(Read(arrival.brought), "request");
    timeval timeout{};
    socklen_t size = sizeof timeout;
    getsockopt(arrival.brought.get(), SOL_SOCKET, SO_RCVTIMEO, &timeout, &size);
    EXPECT_EQ(timeout.tv_usec, 700'000);
  }
}

TEST_F(QueueTest, AnOrdinaryConnectionSpeaksForItselfAndLosesNoByte) {
  const UniqueFd web_server = Connect();
  EXPECT_TRUE(Write(web_server, "\x01 record"));
  const UniqueFd ours = Next();
  EXPECT_FALSE(LookAtArrival(ours, seconds(1)).brings);
  EXPECT_EQ(Read(ours), "\x01 record");
}

TEST_F(QueueTest, OneThatClosesOrIsSilentSpeaksForItself) {
  UniqueFd web_server = Connect();
  const UniqueFd ours = Next();
  EXPECT_FALSE(LookAtArrival(ours, seconds(1)).brings);
  web_server.Reset();
  EXPECT_FALSE(LookAtArrival(ours, seconds(1)).brings);
}

TEST_F(QueueTest, TheMarkWithoutAConnectionBringsNothing) {
  const UniqueFd web_server = Connect();
  EXPECT_TRUE(Write(web_server, std::string(1, '\0')));
  const Arrival arrival = LookAtArrival(Next(), seconds(1));
  EXPECT_TRUE(arrival.brings);
  EXPECT_FALSE(arrival.brought.valid());
}

TEST_F(QueueTest, WhatIsNoConnectionIsNotTaken) {
  const UniqueFd file(open("/dev/null", O_RDWR | O_CLOEXEC));
  const UniqueFd datagrams(socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0));
  const UniqueFd alone(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const UniqueFd network(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  for (const UniqueFd* other : {&file, &datagrams, &alone, &network, &listener_}) {
    const Handover handover;
    EXPECT_TRUE(handover.Give(*other));
    EXPECT_EQ(QueueUp(handover, listener_), 1);
    const Arrival arrival = LookAtArrival(Next(), seconds(1));
    EXPECT_TRUE(arrival.brings);
    EXPECT_FALSE(arrival.brought.valid());
  }
}

}  // namespace
}  // namespace latchkey::os
