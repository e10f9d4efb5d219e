#include "outbox/outbox.h"

#include <gtest/gtest.h>

#include <set>

namespace latchkey::outbox {
namespace {

db::Row Link(const std::string& address) {
  return {std::string(16, 'i'), "link", address, "", "0", "192.0.2.7", "de, en;q=0.5", "1",
          "1777889471"};
}

TEST(NoteTest, ARowBecomesANote) {
  const auto note = NoteOf(Link("ann@example.org"));
  ASSERT_TRUE(note);
  EXPECT_EQ(note->kind, Kind::kLink);
  EXPECT_EQ(note->address, "ann@example.org");
  EXPECT_EQ(note->peer, "192.0.2.7");
  EXPECT_EQ(note->languages, "de, en;q=0.5");
  EXPECT_FALSE(note->muted);
  EXPECT_EQ(note->tries, 1u);
  EXPECT_EQ(note->dropped_at.time_since_epoch().count(), 1777889471);
}

TEST(NoteTest, WhatIsNoNoteIsNone) {
  const std::vector<std::pair<size_t, std::optional<std::string>>> changes = {
      {0, "short"},      {0, std::nullopt},          {1, "LINK"}, {1, "other"}, {1, ""},  {2, ""},
      {2, std::nullopt}, {2, std::string(321, 'a')}, {3, "7"},    {7, "-1"},    {7, "x"}, {8, "-5"},
      {8, std::nullopt}, {8, "99999999999999999999"}};
  for (const auto& [column, value] : changes) {
    db::Row row = Link("ann@example.org");
    row[column] = value;
    EXPECT_FALSE(NoteOf(row)) << column << ' ' << value.value_or("NULL");
  }
  EXPECT_FALSE(NoteOf({}));
}

TEST(NoteTest, ANoticeNamesAnAccount) {
  db::Row row = Link("");
  row[1] = "changed";
  EXPECT_FALSE(NoteOf(row));
  row[3] = "7";
  ASSERT_TRUE(NoteOf(row));
  EXPECT_EQ(NoteOf(row)->account_id, "7");
  row[3] = std::string(65, '7');
  EXPECT_FALSE(NoteOf(row));
}

TEST(NoteTest, APeerThatIsNoAddressIsLeftOut) {
  db::Row row = Link("ann@example.org");
  for (const std::string peer : {"unix:", "call 555-0100", "192.0.2.7\r\nBcc: x", ""}) {
    row[5] = peer;
    EXPECT_EQ(NoteOf(row)->peer, "") << peer;
  }
}

TEST(NoteTest, IdsAreLongAndDiffer) {
  std::set<std::string> ids;
  for (int i = 0; i < 100; ++i) ids.insert(NewNoteId());
  EXPECT_EQ(ids.size(), 100u);
  EXPECT_EQ(ids.begin()->size(), 16u);
}

TEST(NoteTest, LogsSayEightDigits) {
  Note note;
  note.id = std::string("\x5f\x2c\x00\xff", 4) + std::string(12, 'x');
  EXPECT_EQ(ShortId(note), "5f2c00ff");
}

}  // namespace
}  // namespace latchkey::outbox
