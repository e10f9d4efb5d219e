#include "base/secret.h"

#include <gtest/gtest.h>

#include <ostream>
#include <type_traits>

namespace latchkey {
namespace {

template <typename T>
concept Prints = requires(std::ostream& out, const T& value) { out << value; };
template <typename T>
concept Compares = requires(const T& a, const T& b) { a == b; };

static_assert(!Prints<Secret> && !Compares<Secret>);
static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_convertible_v<std::string, Secret>);

// Longer than a string keeps within itself, and not.
const std::string kTexts[] = {"short", std::string(100, 's')};

// All that the string's memory holds, behind its end too.
std::string_view Memory(const std::string& text) { return {text.data(), text.capacity()}; }

TEST(Wipe, LeavesNothingOfTheBytes) {
  for (std::string text : kTexts) {
    Wipe(text);
    EXPECT_TRUE(text.empty());
    EXPECT_EQ(Memory(text).find_first_of("short"), std::string_view::npos);
  }
}

TEST(Wipe, LeavesNothingBehindTheEnd) {
  std::string text(100, 's');
  text.resize(5);
  Wipe(text);
  EXPECT_EQ(Memory(text).find('s'), std::string_view::npos);
}

TEST(Secret, LeavesNothingWhereItCameFrom) {
  for (const std::string& text : kTexts) {
    std::string source = text;
    const Secret secret(std::move(source));
    EXPECT_EQ(secret.Reveal(), text);
    EXPECT_EQ(secret.size_bytes(), text.size());
    EXPECT_EQ(Memory(source).find('s'), std::string_view::npos);
  }
}

TEST(Secret, MovesWhole) {
  for (const std::string& text : kTexts) {
    Secret first{std::string(text)};
    Secret second(std::move(first));
    EXPECT_EQ(second.Reveal(), text);
    EXPECT_TRUE(first.empty());
    Secret third{std::string("other")};
    third = std::move(second);
    EXPECT_EQ(third.Reveal(), text);
    EXPECT_TRUE(second.empty());
    Secret& itself = third;
    third = std::move(itself);
    EXPECT_EQ(third.Reveal(), text);
  }
}

TEST(Secret, CopiesOnlyWhenAsked) {
  const Secret secret{std::string("s3cret\0x", 8)};
  const Secret copy = secret.Copy();
  EXPECT_EQ(copy.Reveal(), secret.Reveal());
  EXPECT_NE(copy.Reveal().data(), secret.Reveal().data());
  EXPECT_TRUE(Secret().empty());
}

}  // namespace
}  // namespace latchkey
