#include "base/log.h"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace latchkey::log
