#include "os/signals.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <unistd.h>

namespace latchkey::os {
namespace {

// Blocks nothing for the tests that come after.
class SignalEventsTest : public testing::Test {
 protected:
  SignalEventsTest() { pthread_sigmask(SIG_BLOCK, nullptr, &before_); }
  ~SignalEventsTest() override { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  sigset_t before_;
};

TEST_F(SignalEventsTest, ASignalIsReadInsteadOfKilling) {
  SignalEvents events({SIGTERM, SIGHUP});
  EXPECT_EQ(events.Next(), std::nullopt);
  raise(SIGTERM);
  EXPECT_EQ(events.Next(), SIGTERM);
  EXPECT_EQ(events.Next(), std::nullopt);
  raise(SIGHUP);
  EXPECT_EQ(events.Next(), SIGHUP);
}

TEST_F(SignalEventsTest, AWriteToAClosedPeerIsAnErrorCode) {
  SignalEvents events({SIGTERM});
  int fds[2];
  ASSERT_EQ(pipe(fds), 0);
  close(fds[0]);
  EXPECT_EQ(write(fds[1], "x", 1), -1);
  EXPECT_EQ(errno, EPIPE);
  close(fds[1]);
}

}  // namespace
}  // namespace latchkey::os
