#include "fcgi/records.h"

#include <gtest/gtest.h>

#include <string>

namespace latchkey::fcgi {
namespace {

// FastCGI 1.0, 8: types of records.
constexpr char kBegin = 1, kParams = 4, kStdin = 5, kGetValues = 9;

std::string Record(char type, const std::string& content, char request = 1, char padding = 0) {
  const std::string header = {1,
                              type,
                              0,
                              request,
                              static_cast<char>(content.size() >> 8),
                              static_cast<char>(content.size() & 0xff),
                              padding,
                              0};
  return header + content + std::string(static_cast<size_t>(padding), 'p');
}

std::string Head() {
  return Record(kBegin, std::string{0, 1, 1, 0, 0, 0, 0, 0}) +
         Record(kParams, std::string(300, 'x'), 1, 4) + Record(kParams, "");
}

TEST(HasWholeRequest, WithABodyOrWithout) {
  EXPECT_TRUE(HasWholeRequest(Head() + Record(kStdin, "")));
  EXPECT_TRUE(HasWholeRequest(Head() + Record(kStdin, "a=b", 1, 5) + Record(kStdin, "")));
  EXPECT_TRUE(HasWholeRequest(Head() + Record(kStdin, "") + Head()));
}

TEST(HasWholeRequest, NotWhileAByteIsMissing) {
  const std::string whole = Head() + Record(kStdin, "a=b", 1, 5) + Record(kStdin, "", 1, 3);
  for (size_t bytes = 0; bytes < whole.size(); ++bytes) {
    EXPECT_FALSE(HasWholeRequest(whole.substr(0, bytes))) << bytes;
  }
}

TEST(HasWholeRequest, TheEndOfAnotherIsNotItsEnd) {
  EXPECT_FALSE(HasWholeRequest(Head() + Record(kStdin, "", 2)));
  EXPECT_TRUE(HasWholeRequest(Head() + Record(kStdin, "", 2) + Record(kStdin, "")));
  // A question about the program, which has the number 0, comes before.
  EXPECT_FALSE(HasWholeRequest(Record(kGetValues, "", 0) + Head() + Record(kStdin, "")));
}

}  // namespace
}  // namespace latchkey::fcgi
