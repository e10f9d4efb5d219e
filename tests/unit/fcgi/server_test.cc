// A whole server over its unix socket, with accounts and an outbox in memory behind it: how it ends.

#include "fcgi/server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <future>
#include <memory>
#include <string>

#include "base/die.h"
#include "base/log.h"
#include "os/events.h"
#include "os/process.h"
#include "support/fake_accounts.h"
#include "support/fake_clock.h"
#include "support/fake_drops.h"
#include "support/fake_hash_work.h"
#include "support/registered_scheme.h"
#include "support/site_keys.h"
#include "support/temp_dir.h"
#include "unit/fcgi/web_server.h"

namespace latchkey::fcgi {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

// Beyond any stall of the machine.
constexpr seconds kPatience{30};

// A connection that the web server keeps.
class Kept {
 public:
  explicit Kept(const std::string& path) : fd_(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    path.copy(address.sun_path, sizeof address.sun_path - 1);
    EXPECT_EQ(connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    os::SetTimeouts(fd_.get(), kPatience);
  }

  bool Ask() {
    const std::string request = HeadOf(/*keep=*/true, Pair("REQUEST_METHOD", "GET") +
                                                        Pair("REQUEST_URI", "/account/login") +
                                                        Pair("REMOTE_ADDR", "192.0.2.1")) +
                                Record(kStdin, "");
    return send(fd_.get(), request.data(), request.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(request.size());
  }
  // The whole of it; empty where the connection ended before.
  std::string Answer() {
    std::string all;
    while (true) {
      const std::string header = Take(8);
      if (header.empty()) return "";
      const auto byte = [&](size_t at) { return static_cast<unsigned char>(header[at]); };
      const std::string content = Take(byte(4) * 256u + byte(5) + byte(6));
      if (header[1] == kEnd) return all;
      all += content;
    }
  }
  bool IsAnswered() { return Ask() && Answer().starts_with("Status: 200 "); }
  bool IsOpen() const {
    char byte;
    return recv(fd_.get(), &byte, 1, MSG_PEEK | MSG_DONTWAIT) < 0 && errno == EAGAIN;
  }
  // By the other end, without another byte; waits for it.
  bool IsClosed() const {
    char byte;
    const ssize_t count = recv(fd_.get(), &byte, 1, 0);
    return count == 0 || (count < 0 && errno == ECONNRESET);
  }

 private:
  std::string Take(size_t size) {
    std::string bytes(size, '\0');
    const ssize_t count = recv(fd_.get(), bytes.data(), size, MSG_WAITALL);
    return count == static_cast<ssize_t>(size) ? bytes : "";
  }

  UniqueFd fd_;
};

// What the programs under test log, as it comes.
class LogLines {
 public:
  LogLines() : stderr_(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3)), lines_(OrDie(os::MakePipe())) {
    EXPECT_EQ(dup2(lines_.write_end.get(), STDERR_FILENO), STDERR_FILENO);
    log::Start("test", log::Target::kStderr, log::Level::kInfo);
  }
  ~LogLines() {
    log::Start("test", log::Target::kStderr, log::Level::kNone);
    EXPECT_EQ(dup2(stderr_.get(), STDERR_FILENO), STDERR_FILENO);
  }
  bool WaitFor(const std::string& text) {
    while (said_.find(text) == std::string::npos) {
      char bytes[1024];
      if (!os::WaitReadable(lines_.read_end.get(), kPatience)) return false;
      const ssize_t count = read(lines_.read_end.get(), bytes, sizeof bytes);
      if (count > 0) said_.append(bytes, static_cast<size_t>(count));
    }
    return true;
  }

 private:
  UniqueFd stderr_;
  os::Pipe lines_;
  std::string said_;
};

class ServerTest : public testing::Test {
 protected:
  ServerTest() {
    InitialiseLibrary();
    shared_.site_name = "Example";
    shared_.hash_work = std::make_unique<password::FakeHashWork>();
  }
  ~ServerTest() override {
    if (stopped_.valid()) stop_.Wake();
  }

  // One that has nobody to give its connections to.
  void Start(seconds drain) {
    stopped_ = std::async(std::launch::async, [this, drain] {
      Server server(OrDie(os::ListenUnix(path_, 0600, "")),
                    {.threads = 2, .storing_threads = 1, .drain = drain},
                    [this] { return std::make_shared<web::App>(shared_, accounts_, drops_); });
      started_.Wake();
      server.Serve(stop_.fd());
    });
    ASSERT_TRUE(os::WaitReadable(started_.fd(), kPatience));
  }
  void AskItToEnd() {
    stop_.Wake();
    ASSERT_TRUE(log_.WaitFor("drain_started"));
  }
  bool Ended() { return stopped_.wait_for(kPatience) == std::future_status::ready; }

  TempDir directory_;
  const std::string path_ = directory_.Path("web.sock");
  LogLines log_;
  FakeClock clock_;
  web::Shared shared_{OrDie(http::BaseUrl::Parse(kTestOrigin)), TestKeyring(),
                      OrDie(view::Templates::Load("templates", view::kPageTemplates)),
                      password::FakeHashing(), clock_};
  FakeAccounts accounts_;  // nobody is in it, nobody changes it
  FakeDrops drops_;
  const os::WakeEvent started_, stop_;
  std::future<void> stopped_;
};

TEST_F(ServerTest, WithoutASuccessorEachKeptConnectionIsAnsweredOnceMoreAndThenClosed) {
  Start(/*drain=*/4 * kPatience);
  Kept one(path_), other(path_);
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(one.IsAnswered());
    EXPECT_TRUE(other.IsAnswered());
  }
  AskItToEnd();
  EXPECT_TRUE(one.IsOpen());
  EXPECT_TRUE(one.IsAnswered());
  EXPECT_TRUE(one.IsClosed());
  EXPECT_TRUE(other.IsOpen());
  Kept late(path_);
  EXPECT_TRUE(late.Ask());
  EXPECT_TRUE(other.IsAnswered());
  EXPECT_TRUE(other.IsClosed());
  // Then nobody is left, and it ends before the time is over.
  EXPECT_TRUE(Ended());
  EXPECT_EQ(late.Answer(), "");  // it came too late
}

TEST_F(ServerTest, WithoutASuccessorWhatIsIdleStaysOpenForTheTimeOfTheDrain) {
  constexpr seconds kDrain{1};
  Start(kDrain);
  Kept used(path_), unused(path_);
  EXPECT_TRUE(used.IsAnswered());
  const auto asked = steady_clock::now();
  AskItToEnd();
  EXPECT_TRUE(used.IsClosed());
  EXPECT_GE(steady_clock::now() - asked, kDrain);
  EXPECT_TRUE(unused.IsClosed());
  EXPECT_TRUE(Ended());
}

}  // namespace
}  // namespace latchkey::fcgi
