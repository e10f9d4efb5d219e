// Keeps what the code under test logs out of the tests' output, from errors down.

#include <gtest/gtest.h>

#include "base/log.h"

namespace {

class QuietLog : public testing::Environment {
  void SetUp() override {
    using namespace latchkey::log;
    Start("unit", Target::kStderr, Level::kNone);
  }
};

[[maybe_unused]] const auto* const kQuietLog = testing::AddGlobalTestEnvironment(new QuietLog);

}  // namespace
