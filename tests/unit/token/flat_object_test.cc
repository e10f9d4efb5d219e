#include "token/flat_object.h"

#include <gtest/gtest.h>

namespace latchkey::token {
namespace {

TEST(FlatObject, ReadsStringsAndWholeNumbers) {
  const auto object = FlatObject::Parse(R"({"a":"x\"y","b":0,"c":18446744073709551615})");
  ASSERT_TRUE(object);
  EXPECT_EQ(object->size(), 3U);
  ASSERT_NE(object->Text("a"), nullptr);
  EXPECT_EQ(*object->Text("a"), "x\"y");
  ASSERT_NE(object->Number("c"), nullptr);
  EXPECT_EQ(*object->Number("c"), UINT64_MAX);
  EXPECT_EQ(object->Number("a"), nullptr);
  EXPECT_EQ(object->Text("b"), nullptr);
  EXPECT_EQ(object->Text("d"), nullptr);
  EXPECT_TRUE(FlatObject::Parse("{}"));
}

TEST(FlatObject, RefusesWhatIsNotOneFlatObject) {
  for (const std::string_view text :
       {"", "{", "}", "\"a\"", "1", "null", "[]", "[{}]", "{}{}", "{},", "{}}", "{\"a\":{}}",
        "{\"a\":[]}", "{\"a\":[\"x\"]}", "{\"a\":null}", "{\"a\":true}", "{\"a\":1.0}",
        "{\"a\":1e3}", "{\"a\":-1}", "{\"a\":-0}", "{\"a\":01}", "{\"a\":+1}", "{\"a\":0x1}",
        "{\"a\":18446744073709551616}", "{\"a\":NaN}", "{\"a\"}", "{\"a\":}", "{\"a\":1,}",
        "{a:1}", "{'a':1}", "{\"a\":1 \"b\":2}", "{\"a\":1/**/}", "{\"a\":\"x}"}) {
    EXPECT_FALSE(FlatObject::Parse(text)) << text;
  }
}

TEST(FlatObject, RefusesAKeyTwiceHoweverItIsWritten) {
  EXPECT_FALSE(FlatObject::Parse(R"({"a":"x","a":"x"})"));
  EXPECT_FALSE(FlatObject::Parse(R"({"a":"x","\u0061":"x"})"));
}

TEST(FlatObject, RefusesWhatReadersSkip) {
  EXPECT_FALSE(FlatObject::Parse("\xef\xbb\xbf{}"));
  EXPECT_FALSE(FlatObject::Parse(" {}"));
  EXPECT_FALSE(FlatObject::Parse("{}\n"));
  EXPECT_FALSE(FlatObject::Parse("{\n}"));
  EXPECT_FALSE(FlatObject::Parse(std::string_view("{}\0{}", 5)));
  EXPECT_FALSE(FlatObject::Parse(std::string_view("{}\0", 3)));
}

TEST(FlatObject, RefusesBrokenText) {
  EXPECT_FALSE(FlatObject::Parse("{\"a\":\"\xff\"}"));
  EXPECT_FALSE(FlatObject::Parse("{\"a\":\"\xc0\xaf\"}"));
  EXPECT_FALSE(FlatObject::Parse(R"({"a":"\ud800"})"));
  EXPECT_FALSE(FlatObject::Parse(R"({"a":"\x41"})"));
}

TEST(FlatObject, EndsAtTheFirstNestingHoweverDeep) {
  std::string deep = "{\"a\":";
  for (int i = 0; i < 1'000'000; ++i) deep += '[';
  EXPECT_FALSE(FlatObject::Parse(deep + "}"));
  std::string objects;
  for (int i = 0; i < 10'000; ++i) objects += "{\"a\":";
  EXPECT_FALSE(FlatObject::Parse(objects + "1" + std::string(10'000, '}')));
}

TEST(FlatObject, WritesWhatItReads) {
  FlatObject object;
  object.Add("n", uint64_t{7});
  object.Add("a", "quote \" back \\ slash / \u00e9");
  const std::string json = object.Serialise();
  EXPECT_EQ(json, "{\"a\":\"quote \\\" back \\\\ slash / \u00e9\",\"n\":7}");
  EXPECT_TRUE(FlatObject::Parse(json)->TextIs("a", "quote \" back \\ slash / \u00e9"));
}

}  // namespace
}  // namespace latchkey::token
