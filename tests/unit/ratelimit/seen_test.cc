#include "ratelimit/seen.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "support/temp_dir.h"

namespace latchkey::ratelimit {
namespace {

const std::string kOne = "0123456789abcdef";
const std::string kOther = "x123456789abcdef";  // in the same place

class SeenTest : public testing::Test {
 protected:
  Seen Open() {
    Result<Seen> seen = Seen::Open(path_);
    EXPECT_TRUE(seen.ok()) << seen.error().message;
    return std::move(*seen);
  }
  TempDir temp_;
  const std::string path_ = temp_.Path("seen");
};

TEST_F(SeenTest, KnowsWhatWasAddedAndNothingElse) {
  Seen seen = Open();
  EXPECT_FALSE(seen.Has(kOne));
  seen.Add(kOne);
  EXPECT_TRUE(seen.Has(kOne));
  EXPECT_FALSE(seen.Has(kOther));
  EXPECT_FALSE(seen.Has(std::string(16, '\0')));
}

TEST_F(SeenTest, AnIdOfZerosIsOneLikeAnother) {
  Seen seen = Open();
  seen.Add(std::string(16, '\0'));
  EXPECT_TRUE(seen.Has(std::string(16, '\0')));
}

TEST_F(SeenTest, TheNewestOfAPlaceStays) {
  Seen seen = Open();
  seen.Add(kOne);
  seen.Add(kOther);
  EXPECT_TRUE(seen.Has(kOther));
  EXPECT_FALSE(seen.Has(kOne));
}

TEST_F(SeenTest, AnotherProcessKnowsIt) {
  const pid_t child = fork();
  if (child == 0) {
    Open().Add(kOne);
    _exit(0);
  }
  waitpid(child, nullptr, 0);
  EXPECT_TRUE(Open().Has(kOne));
}

TEST_F(SeenTest, AFileOfAnotherSizeIsReplaced) {
  std::ofstream(path_) << "short";
  std::filesystem::permissions(path_, std::filesystem::perms(0600));
  Open().Add(kOne);
  EXPECT_TRUE(Open().Has(kOne));
}

TEST_F(SeenTest, WithoutADirectoryItSaysSo) {
  const Result<Seen> seen = Seen::Open(temp_.Path("no/seen"));
  ASSERT_FALSE(seen.ok());
  EXPECT_EQ(seen.error().next, Next::kFixSetup);
}

}  // namespace
}  // namespace latchkey::ratelimit
