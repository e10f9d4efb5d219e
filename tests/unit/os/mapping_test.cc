#include "os/mapping.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "support/temp_dir.h"

namespace latchkey::os {
namespace {

constexpr size_t kSize = 4096;

// A file fits that begins with 'L'; who makes one puts a name of its own behind that.
class Shared : public testing::Test {
 protected:
  Result<Mapping> Open(char name, const std::function<void()>& meanwhile = [] {}) const {
    const auto fits = [](std::span<const std::byte> bytes) { return bytes[0] == std::byte{'L'}; };
    const auto fill = [&](std::span<std::byte> bytes) {
      bytes[0] = std::byte{'L'};
      bytes[1] = std::byte(name);
      meanwhile();
    };
    return Mapping::OpenOrPublish(path_, kSize, fits, fill);
  }
  void OpenInAnotherProcess(char name) const {
    const pid_t child = fork();
    if (child == 0) _exit(Open(name).ok() ? 0 : 1);
    int status = 1;
    waitpid(child, &status, 0);
    EXPECT_EQ(status, 0);
  }
  // Who made the file that is shared by whoever opens it under that name.
  std::string MakerFor(char name, const std::function<void()>& meanwhile = [] {}) const {
    const Result<Mapping> mapping = Open(name, meanwhile);
    EXPECT_TRUE(mapping.ok()) << mapping.error().message;
    return mapping.ok() ? std::string(1, static_cast<char>(mapping->bytes()[1])) : "";
  }
  void Leave(const std::string& bytes) const {
    std::ofstream(path_, std::ios::binary | std::ios::trunc) << bytes;
  }
  size_t Files() const {
    const std::filesystem::directory_iterator files(temp_.Path(""));
    return static_cast<size_t>(std::distance(begin(files), end(files)));
  }

  TempDir temp_;
  const std::string path_ = temp_.Path("shared");
};

TEST_F(Shared, IsMadeByTheFirstAndOpenedByTheNext) {
  EXPECT_EQ(MakerFor('a'), "a");
  EXPECT_EQ(MakerFor('b'), "a");
  EXPECT_EQ(Files(), 1u);
}

TEST_F(Shared, WhatOneWritesTheOtherReads) {
  const Result<Mapping> one = Open('a'), other = Open('b');
  ASSERT_TRUE(one.ok() && other.ok());
  one->bytes()[7] = std::byte{42};
  EXPECT_EQ(other->bytes()[7], std::byte{42});
}

TEST_F(Shared, OneOfAnotherSizeIsReplaced) {
  Leave("Lx");
  EXPECT_EQ(MakerFor('a'), "a");
  EXPECT_EQ(MakerFor('b'), "a");
  EXPECT_EQ(Files(), 1u);
}

TEST_F(Shared, OneThatHoldsSomethingElseIsReplaced) {
  Leave(std::string(kSize, 'x'));
  EXPECT_EQ(MakerFor('a'), "a");
  EXPECT_EQ(MakerFor('b'), "a");
  EXPECT_EQ(Files(), 1u);
}

// Between our look, which found none, and our link.
TEST_F(Shared, WhoIsFasterHasMadeItForBoth) {
  EXPECT_EQ(MakerFor('a', [&] { OpenInAnotherProcess('b'); }), "b");
  EXPECT_EQ(MakerFor('c'), "b");
  EXPECT_EQ(Files(), 1u);
}

// The same, after a look that found a damaged one.
TEST_F(Shared, OneThatWasReplacedMeanwhileIsLookedAtAgain) {
  Leave("damaged");
  EXPECT_EQ(MakerFor('a', [&] { OpenInAnotherProcess('b'); }), "b");
  EXPECT_EQ(MakerFor('c'), "b");
}

TEST_F(Shared, WhatIsNoFileIsLeftAndSaid) {
  std::filesystem::create_directory(path_);
  const Result<Mapping> mapping = Open('a');
  ASSERT_FALSE(mapping.ok());
  EXPECT_EQ(mapping.error().next, Next::kFixSetup);
  EXPECT_TRUE(std::filesystem::is_directory(path_));
}

TEST_F(Shared, WithoutItsDirectoryItSaysSo) {
  const auto none = [](auto) {};
  const Result<Mapping> mapping =
      Mapping::OpenOrPublish(temp_.Path("no/shared"), kSize, [](auto) { return true; }, none);
  ASSERT_FALSE(mapping.ok());
  EXPECT_EQ(mapping.error().next, Next::kFixSetup);
}

}  // namespace
}  // namespace latchkey::os
