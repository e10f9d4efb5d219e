#include "metrics/metrics.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>

#include "base/die.h"

namespace latchkey::metrics {
namespace {

constexpr std::array<Definition, 3> kSome = {{
    {"latchkey_asked_total", "", "Links that were asked for."},
    {"latchkey_refused_total", R"(limit="login")", "Posts over a limit."},
    {"latchkey_refused_total", R"(limit="reset")", ""},
}};
constexpr std::array<Definition, 1> kOthers = {{{"latchkey_other_total", "", "Others."}}};

class Metrics : public testing::Test {
 protected:
  Metrics() {
    std::string name = (std::filesystem::temp_directory_path() / "metrics-XXXXXX").string();
    directory_ = mkdtemp(name.data());
  }
  ~Metrics() override { std::filesystem::remove_all(directory_); }

  Counters Open(std::span<const Definition> definitions = kSome) {
    return OrDie(Counters::Open(directory_ + "/counters", definitions));
  }
  std::string File() const {
    return std::filesystem::directory_iterator(directory_)->path().string();
  }

  std::string directory_;
};

// The format by https://prometheus.io/docs/instrumenting/exposition_formats/, "Text format details".
TEST_F(Metrics, AreWrittenAsPrometheusReadsThem) {
  const Counters counters(kSome);
  counters.Add(0);
  counters.Add(2, 40);
  counters.Add(2, 2);
  Text text;
  text.Add(Type::kGauge, {"latchkey_waiting", "", "Notes that wait."}, 7);
  counters.Write(text);
  EXPECT_EQ(text.text(),
            "# HELP latchkey_waiting Notes that wait.\n"
            "# TYPE latchkey_waiting gauge\n"
            "latchkey_waiting 7\n"
            "# HELP latchkey_asked_total Links that were asked for.\n"
            "# TYPE latchkey_asked_total counter\n"
            "latchkey_asked_total 1\n"
            "# HELP latchkey_refused_total Posts over a limit.\n"
            "# TYPE latchkey_refused_total counter\n"
            "latchkey_refused_total{limit=\"login\"} 0\n"
            "latchkey_refused_total{limit=\"reset\"} 42\n");
}

TEST_F(Metrics, AllProcessesAddToTheSameWords) {
  const Counters counters = Open();
  std::array<pid_t, 4> children{};
  for (pid_t& child : children) {
    child = fork();
    ASSERT_GE(child, 0);
    if (child != 0) continue;
    const Counters theirs = Open();
    for (int i = 0; i < 10'000; ++i) theirs.Add(1);
    _exit(0);
  }
  for (const pid_t child : children) waitpid(child, nullptr, 0);
  EXPECT_EQ(counters.Value(1), 40'000u);
  EXPECT_EQ(counters.Value(0), 0u);
  EXPECT_EQ(counters.Value(2), 0u);
}

TEST_F(Metrics, OutliveAProcessThatIsKilledWhileItCounts) {
  Open().Add(0, 5);
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    const Counters theirs = Open();
    while (true) theirs.Add(0);
  }
  const Counters counters = Open();
  while (counters.Value(0) < 1000) usleep(100);
  kill(child, SIGKILL);
  waitpid(child, nullptr, 0);
  const uint64_t counted = counters.Value(0);
  EXPECT_GE(counted, 1000u);
  counters.Add(0);
  EXPECT_EQ(Open().Value(0), counted + 1);
}

TEST_F(Metrics, OfAnotherListAreAnotherFile) {
  Open().Add(0, 5);
  EXPECT_EQ(Open(kOthers).Value(0), 0u);
  EXPECT_EQ(Open().Value(0), 5u);
}

TEST_F(Metrics, InADamagedFileBeginAnew) {
  Open().Add(0, 5);
  std::ofstream(File()) << "short";
  EXPECT_EQ(Open().Value(0), 0u);
}

TEST_F(Metrics, WithoutADirectorySayWhere) {
  const Result<Counters> counters = Counters::Open("/nonexistent/counters", kSome);
  ASSERT_FALSE(counters.ok());
  EXPECT_EQ(counters.error().next, Next::kFixSetup);
  EXPECT_NE(counters.error().message.find("/nonexistent/counters"), std::string::npos);
}

}  // namespace
}  // namespace latchkey::metrics
