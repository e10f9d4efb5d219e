#include "supervisor/supervisor.h"

#include <gtest/gtest.h>

#include <utility>

#include "base/log.h"

namespace latchkey::supervisor {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

class FakeClock final : public Clock {
 public:
  std::chrono::sys_seconds Now() const override { return {}; }
  milliseconds SinceBoot() const override { return now; }
  milliseconds now{1'000'000};
};

// Writes down what it is asked for: "web 1", "check-mailer 4", "end 1", "kill 2". Numbers are ids.
class FakeProcesses final : public Processes {
 public:
  std::optional<int> Start(Program program) override {
    return Note(program == Program::kWeb ? "web" : "mailer");
  }
  std::optional<int> StartCheck(Program program) override {
    return Note(program == Program::kWeb ? "check-web" : "check-mailer");
  }
  std::string Complaint(int pid) override { return "complaint of " + std::to_string(pid); }
  void End(int pid) override { Write("end " + std::to_string(pid)); }
  void Kill(int pid) override { Write("kill " + std::to_string(pid)); }
  Result<Plan> ReadPlan() override {
    if (!configuration_reads) return Error{Next::kFixSetup, "bad"};
    return plan;
  }

  Plan plan{.workers = 2, .drain = seconds(10)};
  bool configuration_reads = true;
  bool can_fork = true;
  std::string done;

 private:
  std::optional<int> Note(const std::string& what) {
    if (!can_fork) {
      Write(what + " failed");
      return std::nullopt;
    }
    Write(what + " " + std::to_string(++last_pid_));
    return last_pid_;
  }
  void Write(const std::string& what) { done += (done.empty() ? "" : ", ") + what; }
  int last_pid_ = 0;
};

class SupervisorTest : public testing::Test {
 protected:
  SupervisorTest() {
    testing::internal::CaptureStderr();
    log::Start("test", log::Target::kStderr, log::Level::kInfo);
    supervisor_.emplace(processes_.plan, processes_, clock_);
  }
  ~SupervisorTest() override {
    log::Start("test", log::Target::kStderr, log::Level::kNone);
    testing::internal::GetCapturedStderr();
  }

  bool Logged(const std::string& text) {
    const std::string lines = testing::internal::GetCapturedStderr();
    testing::internal::CaptureStderr();
    return lines.find(text + "\n") != std::string::npos;
  }

  // What was done since the last question.
  std::string Done() { return std::exchange(processes_.done, ""); }
  void Exits(int pid, int status = 0) { supervisor_->Ended({pid, false, status}); }
  // One child after the other tells that it serves.
  void AreReady(int first, int last) {
    for (int pid = first; pid <= last; ++pid) supervisor_->Ready(pid);
  }
  void Dies(int pid, int signal) { supervisor_->Ended({pid, true, signal}); }
  std::string After(milliseconds time) {
    clock_.now += time;
    supervisor_->Tick();
    return Done();
  }

  FakeClock clock_;
  FakeProcesses processes_;
  std::optional<Supervisor> supervisor_;
};

TEST_F(SupervisorTest, StartsTheWorkersAndOneMailer) {
  EXPECT_EQ(Done(), "web 1, web 2, mailer 3");
}

TEST_F(SupervisorTest, WhatLivedLongIsStartedAtOnce) {
  Done();
  clock_.now += seconds(11);
  Dies(2, 11);
  EXPECT_TRUE(
      Logged("worker_ended program=latchkey-web pid=2 signal=11 lived_ms=11000 "
             "restart_in_ms=0"));
  EXPECT_EQ(supervisor_->Tick(), seconds(60));
  EXPECT_EQ(Done(), "web 4");
}

TEST_F(SupervisorTest, WhatEndsEarlyIsStartedLaterAndLater) {
  Done();
  Exits(3, 1);
  EXPECT_EQ(supervisor_->Tick(), milliseconds(100));
  EXPECT_EQ(After(milliseconds(99)), "");
  EXPECT_EQ(After(milliseconds(1)), "mailer 4");
  Exits(4, 1);
  EXPECT_EQ(After(milliseconds(199)), "");
  EXPECT_EQ(After(milliseconds(1)), "mailer 5");
}

TEST_F(SupervisorTest, OneThatFailsDoesNotDelayTheOthers) {
  Done();
  for (const int pid : {1, 4, 5, 6}) {
    Exits(pid, 1);
    After(seconds(5));
  }
  EXPECT_EQ(Done(), "");
  Exits(7, 1);
  Dies(3, 9);
  EXPECT_EQ(After(milliseconds(0)), "mailer 8");
}

TEST_F(SupervisorTest, AForkThatFailsIsTriedAgain) {
  Done();
  processes_.can_fork = false;
  Exits(1, 1);
  EXPECT_EQ(After(milliseconds(100)), "web failed");
  EXPECT_EQ(After(milliseconds(199)), "");
  processes_.can_fork = true;
  EXPECT_EQ(After(milliseconds(1)), "web 4");
}

TEST_F(SupervisorTest, AStrangersEndChangesNothing) {
  Done();
  Exits(99);
  EXPECT_EQ(After(seconds(10)), "");
}

TEST_F(SupervisorTest, StopAsksAllToEndAndWaitsForThem) {
  Done();
  supervisor_->Stop();
  EXPECT_EQ(Done(), "end 1, end 2, end 3");
  Exits(1);
  Exits(2);
  EXPECT_FALSE(supervisor_->over());
  Exits(3);
  EXPECT_TRUE(supervisor_->over());
  EXPECT_EQ(After(seconds(100)), "");
}

TEST_F(SupervisorTest, StopKillsWhatOverstaysDrainAndGrace) {
  Done();
  supervisor_->Stop();
  Exits(1);
  Exits(3);
  Done();
  EXPECT_EQ(supervisor_->Tick(), seconds(15));
  EXPECT_EQ(After(milliseconds(14'999)), "");
  EXPECT_EQ(After(milliseconds(1)), "kill 2");
  EXPECT_FALSE(supervisor_->over());
  Dies(2, 9);
  EXPECT_TRUE(supervisor_->over());
}

TEST_F(SupervisorTest, ASecondStopKillsAtOnce) {
  supervisor_->Stop();
  Done();
  supervisor_->Stop();
  EXPECT_EQ(After(milliseconds(0)), "kill 1, kill 2, kill 3");
}

TEST_F(SupervisorTest, StopForgetsWhatWaitsToBeStarted) {
  Exits(1, 1);
  Done();
  supervisor_->Stop();
  EXPECT_EQ(Done(), "end 2, end 3");
  Exits(2);
  Exits(3);
  EXPECT_TRUE(supervisor_->over());
}

TEST_F(SupervisorTest, AGoodReloadStartsTheNewAndLetsTheOldLeaveOnceAllAreReady) {
  Done();
  processes_.plan.workers = 1;
  supervisor_->Reload();
  EXPECT_EQ(Done(), "check-web 4, check-mailer 5");
  Exits(4);
  EXPECT_EQ(Done(), "");
  Exits(5);
  EXPECT_EQ(Done(), "web 6, mailer 7");
  AreReady(6, 6);
  EXPECT_EQ(Done(), "");
  AreReady(7, 7);
  EXPECT_EQ(Done(), "end 1, end 2, end 3");
  Exits(1);
  EXPECT_EQ(After(seconds(15)), "kill 2, kill 3");
  Dies(2, 9);
  EXPECT_EQ(After(seconds(1)), "");
}

TEST_F(SupervisorTest, TheOldOnesHaveTheTimeTheyWerePromised) {
  processes_.plan.drain = seconds(0);
  supervisor_->Reload();
  Exits(4);
  Exits(5);
  AreReady(6, 8);
  Done();
  EXPECT_EQ(After(milliseconds(14'999)), "");
  EXPECT_EQ(After(milliseconds(1)), "kill 1, kill 2, kill 3");
}

TEST_F(SupervisorTest, ABadConfigurationIsRefusedAndTheOldGoOn) {
  Done();
  supervisor_->Reload();
  Done();
  Exits(4, 1);
  EXPECT_EQ(Done(), "kill 5");
  EXPECT_TRUE(Logged("reload_refused program=latchkey-web reason=\"complaint of 4\""));
  Dies(5, 9);
  clock_.now += seconds(11);
  Dies(1, 11);
  EXPECT_EQ(After(milliseconds(0)), "web 6");
}

TEST_F(SupervisorTest, AFileThatTheSupervisorCannotReadIsRefused) {
  Done();
  processes_.configuration_reads = false;
  supervisor_->Reload();
  EXPECT_EQ(After(seconds(100)), "");
}

TEST_F(SupervisorTest, ACheckKilledBySignalIsNoAgreement) {
  Done();
  supervisor_->Reload();
  Exits(4);
  Done();
  Dies(5, 6);
  EXPECT_EQ(Done(), "");
}

TEST_F(SupervisorTest, ACheckThatHangsIsRefusedAfterAMinute) {
  Done();
  supervisor_->Reload();
  Done();
  EXPECT_EQ(After(milliseconds(59'999)), "");
  EXPECT_EQ(After(milliseconds(1)), "kill 4, kill 5");
  Dies(4, 9);
  Dies(5, 9);
  EXPECT_EQ(After(seconds(100)), "");
}

TEST_F(SupervisorTest, AReloadAskedForDuringAnotherIsDoneAfterIt) {
  Done();
  supervisor_->Reload();
  supervisor_->Reload();
  supervisor_->Reload();
  EXPECT_EQ(Done(), "check-web 4, check-mailer 5");
  Exits(4);
  Exits(5);
  supervisor_->Reload();
  EXPECT_EQ(Done(), "web 6, web 7, mailer 8");
  AreReady(6, 8);
  for (const int pid : {1, 2}) Exits(pid);
  EXPECT_EQ(Done(), "end 1, end 2, end 3");
  Exits(3);
  EXPECT_EQ(Done(), "check-web 9, check-mailer 10");
  Exits(9, 1);
  EXPECT_EQ(Done(), "kill 10");
}

TEST_F(SupervisorTest, AReloadAskedForWhileOldOnesLeaveWaitsForThem) {
  supervisor_->Reload();
  Exits(4);
  Exits(5);
  AreReady(6, 8);
  Done();
  supervisor_->Reload();
  Exits(1);
  Exits(2);
  EXPECT_EQ(Done(), "");
  EXPECT_EQ(After(seconds(15)), "kill 3");
  Dies(3, 9);
  EXPECT_EQ(Done(), "check-web 9, check-mailer 10");
}

TEST_F(SupervisorTest, OneOfTheNewThatEndsBeforeAllAreReadyEndsTheReload) {
  supervisor_->Reload();
  Exits(4);
  Exits(5);
  AreReady(6, 7);
  Done();
  Logged("");
  Exits(8, 1);
  EXPECT_EQ(Done(), "end 6, end 7");
  EXPECT_TRUE(Logged("reload_refused program=latchkey-mailer reason=\"ended with status 1 before all "
                     "were ready\""));
  AreReady(8, 8);
  Exits(6);
  Exits(7);
  clock_.now += seconds(11);
  Dies(1, 11);
  EXPECT_EQ(After(milliseconds(0)), "web 9");
}

TEST_F(SupervisorTest, NewOnesThatAreNotReadyWithinAMinuteEnd) {
  supervisor_->Reload();
  Exits(4);
  Exits(5);
  AreReady(6, 7);
  Done();
  EXPECT_EQ(After(milliseconds(59'999)), "");
  EXPECT_EQ(After(milliseconds(1)), "end 6, end 7, end 8");
}

TEST_F(SupervisorTest, NewOnesThatCannotBeStartedChangeNothing) {
  supervisor_->Reload();
  Exits(4);
  Done();
  processes_.can_fork = false;
  Exits(5);
  EXPECT_EQ(Done(), "web failed");
  processes_.can_fork = true;
  supervisor_->Reload();
  EXPECT_EQ(Done(), "check-web 6, check-mailer 7");
}

TEST_F(SupervisorTest, StopEndsTheNewTooBeforeTheyAreReady) {
  supervisor_->Reload();
  Exits(4);
  Exits(5);
  Done();
  supervisor_->Stop();
  EXPECT_EQ(Done(), "end 1, end 2, end 3, end 6, end 7, end 8");
}

TEST_F(SupervisorTest, AWorkerThatDiesDuringACheckIsStartedAgain) {
  Done();
  supervisor_->Reload();
  Done();
  clock_.now += seconds(11);
  Dies(1, 11);
  EXPECT_EQ(After(milliseconds(0)), "web 6");
  Exits(4);
  Exits(5);
  AreReady(7, 9);
  EXPECT_EQ(Done(), "web 7, web 8, mailer 9, end 6, end 2, end 3");
}

TEST_F(SupervisorTest, StopEndsACheckAndNothingNewStarts) {
  supervisor_->Reload();
  Done();
  supervisor_->Stop();
  EXPECT_EQ(Done(), "end 1, end 2, end 3, kill 4, kill 5");
  supervisor_->Reload();
  Exits(4);
  Exits(5);
  EXPECT_EQ(Done(), "");
  for (const int pid : {1, 2, 3}) Exits(pid);
  EXPECT_TRUE(supervisor_->over());
}

}  // namespace
}  // namespace latchkey::supervisor
