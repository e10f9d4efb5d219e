// replay.cc -- each file of each corpus once, as a test; run in the top directory

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/log.h"
#include "fuzz/fuzz.h"

namespace latchkey::fuzz {
namespace {

const std::filesystem::path kCorpora = "tests/fuzz/corpus";

class Replay : public testing::Test {
 public:
  Replay(Body body, std::filesystem::path path) : body_(body), path_(std::move(path)) {}
  void TestBody() override {
    std::ifstream file(path_, std::ios::binary);
    const std::string input{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(file.bad());
    body_(input);
  }

 private:
  Body body_;
  std::filesystem::path path_;
};

void RegisterAll() {
  for (const auto& [name, body] : Targets()) {
    for (const auto& file : std::filesystem::directory_iterator(kCorpora / name)) {
      testing::RegisterTest(name.c_str(), file.path().filename().c_str(), nullptr, nullptr, __FILE__,
                            __LINE__, [body = body, path = file.path()]() -> testing::Test* {
                              return new Replay(body, path);
                            });
    }
  }
}

TEST(CorpusTest, EachTargetHasOneAndEachOneATarget) {
  size_t corpora = 0;
  for (const auto& directory : std::filesystem::directory_iterator(kCorpora)) {
    EXPECT_TRUE(Targets().contains(directory.path().filename().string())) << directory.path();
    EXPECT_FALSE(std::filesystem::is_empty(directory.path())) << directory.path();
    ++corpora;
  }
  EXPECT_EQ(corpora, Targets().size());
}

}  // namespace
}  // namespace latchkey::fuzz

int main(int argc, char** argv) {
  latchkey::log::Start("fuzz", latchkey::log::Target::kStderr, latchkey::log::Level::kNone);
  testing::InitGoogleTest(&argc, argv);
  latchkey::fuzz::RegisterAll();
  return RUN_ALL_TESTS();
}
