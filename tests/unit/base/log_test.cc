#include "base/log.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "support/temp_dir.h"

namespace latchkey::log {
namespace {

using namespace std::string_view_literals;

TEST(LogFormat, IsAnEventAndItsFields) {
  EXPECT_EQ(Format("reset_asked", {}), "reset_asked");
  EXPECT_EQ(Format("reset_asked", {{"peer", "192.0.2.7"}, {"note", std::string("5f2c")}}),
            "reset_asked peer=192.0.2.7 note=5f2c");
  EXPECT_EQ(Format("queue_read", {{"notes", 3}, {"bytes", uint64_t{1} << 40}, {"change", -1}}),
            "queue_read notes=3 bytes=1099511627776 change=-1");
}

TEST(LogFormat, QuotesWhatIsNotOneWord) {
  EXPECT_EQ(Format("e", {{"a", "two words"}}), "e a=\"two words\"");
  EXPECT_EQ(Format("e", {{"a", ""}}), "e a=\"\"");
  EXPECT_EQ(Format("e", {{"a", "x=y"}}), "e a=\"x=y\"");
  EXPECT_EQ(Format("e", {{"a", "say \"hi\""}}), "e a=\"say 'hi'\"");
}

// CVE-2025-25184: what a visitor sent wrote lines of its own into the log.
TEST(LogFormat, KeepsALineALineAndAFieldAField) {
  EXPECT_EQ(Format("e", {{"a", "x\r\n2026-05-04 error forged"}}),
            "e a=\"x\\x0d\\x0a2026-05-04 error forged\"");
  EXPECT_EQ(Format("e", {{"a", "x\" peer=\"1.2.3.4"}}), "e a=\"x' peer='1.2.3.4\"");
  EXPECT_EQ(Format("e", {{"a", "\x1b[2J\0"sv}}), "e a=\\x1b[2J\\x00");
  EXPECT_EQ(Format("e", {{"a", "{} %s %n"}}), "e a=\"{} %s %n\"");
}

// What the lines of a program would be in, for as long as it lives.
class StderrInFile {
 public:
  explicit StderrInFile(const std::string& path) : before_(dup(STDERR_FILENO)) {
    const UniqueFd file(open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600));
    EXPECT_TRUE(before_.valid() && file.valid());
    EXPECT_EQ(dup2(file.get(), STDERR_FILENO), STDERR_FILENO);
  }
  ~StderrInFile() { dup2(before_.get(), STDERR_FILENO); }

 private:
  UniqueFd before_;
};

TEST(Log, LinesOfThreadsStayWhole) {
  constexpr int kThreads = 8, kLines = 200;
  const std::string padding(400, 'x');
  TempDir temp;
  Start("log-test", Target::kStderr, Level::kInfo);
  {
    const StderrInFile file(temp.Path("log"));
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread) {
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kLines; ++i) Info("told", {{"n", thread * kLines + i}, {"x", padding}});
        Debug("not_told");
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  Start("log-test", Target::kStderr, Level::kNone);

  std::ifstream file(temp.Path("log"));
  std::set<std::string> told;
  for (std::string line; std::getline(file, line);) {
    constexpr size_t kTimeBytes = sizeof("2026-05-04T10:11:12.345Z ") - 1;
    ASSERT_GT(line.size(), kTimeBytes);
    EXPECT_EQ(line[kTimeBytes - 2], 'Z');
    told.insert(line.substr(kTimeBytes));
  }
  std::set<std::string> expected;
  for (int i = 0; i < kThreads * kLines; ++i) {
    expected.insert("info log-test " + Format("told", {{"n", i}, {"x", padding}}));
  }
  EXPECT_EQ(told, expected);
}

}  // namespace
}  // namespace latchkey::log
