#include "view/press.h"

#include <algorithm>
#include <utility>

namespace latchkey::view {
namespace {

constexpr size_t kMostShapes = 100;
constexpr size_t kMostTexts = 26;  // a mark counts in letters
// The end of a mark: every character that is let through besides letters and digits.
constexpr std::string_view kTail = "-_.@z";

bool IsPlain(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           kTail.find(c) != std::string_view::npos;
  });
}

// Adds the names to the shape and the texts to the others; false: one is not plain.
bool Describe(const Values& values, std::string& shape, std::vector<std::string_view>& texts) {
  for (const auto& [name, text] : values.texts()) {
    if (!IsPlain(text)) return false;
    shape += ' ';
    shape += name;
    texts.push_back(text);
  }
  for (const auto& [name, inner] : values.sections()) {
    shape += '{';
    shape += name;
    if (!Describe(*inner, shape, texts)) return false;
    shape += '}';
  }
  return true;
}

std::string Mark(std::string_view word, size_t number) {
  std::string mark(word);
  mark += static_cast<char>('a' + number);
  mark += kTail;
  return mark;
}

// The same values, each a mark, counted in Describe's order.
void CopyMarked(const Values& values, std::string_view word, size_t& count, Values& marked) {
  for (const auto& [name, text] : values.texts()) marked.Set(name, Mark(word, count++));
  for (const auto& [name, inner] : values.sections()) {
    CopyMarked(*inner, word, count, marked.Show(name));
  }
}

}  // namespace

Press::Press(const Templates& templates, Values common)
    : templates_(templates), common_(std::move(common)) {}

std::string Press::Render(std::string_view name, const Values& values) const {
  std::string shape(name);
  Texts texts;
  if (!Describe(values, shape, texts) || texts.size() > kMostTexts) {
    return templates_.Render(name, values, &common_);
  }
  auto found = frames_.find(shape);
  if (found == frames_.end() && frames_.size() < kMostShapes) {
    found = frames_.emplace(std::move(shape), MakeFrame(name, values, texts)).first;
  }
  if (found == frames_.end() || !found->second) return templates_.Render(name, values, &common_);
  return Fill(*found->second, texts);
}

std::optional<Press::Frame> Press::MakeFrame(std::string_view name, const Values& values,
                                             const Texts& texts) const {
  const std::string page = templates_.Render(name, values, &common_);
  std::string word = "mark";
  while (page.find(word) != std::string::npos) word += 'k';
  Values marked;
  size_t count = 0;
  CopyMarked(values, word, count, marked);
  std::optional<Frame> frame = Split(templates_.Render(name, marked, &common_), word);
  if (frame && Fill(*frame, texts) != page) frame.reset();
  return frame;
}

std::optional<Press::Frame> Press::Split(std::string_view page, std::string_view word) {
  Frame frame;
  for (size_t at = 0; (at = page.find(word)) != std::string_view::npos;) {
    const std::string_view mark = page.substr(at, word.size() + 1 + kTail.size());
    if (!mark.ends_with(kTail)) return std::nullopt;
    frame.pieces.push_back(
        {std::string(page.substr(0, at)), static_cast<size_t>(mark[word.size()] - 'a')});
    page.remove_prefix(at + mark.size());
  }
  frame.last = page;
  return frame;
}

std::string Press::Fill(const Frame& frame, const Texts& texts) {
  size_t size = frame.last.size();
  for (const Piece& piece : frame.pieces) size += piece.text.size() + texts[piece.then].size();
  std::string page;
  page.reserve(size);
  for (const Piece& piece : frame.pieces) {
    page += piece.text;
    page += texts[piece.then];
  }
  page += frame.last;
  return page;
}

}  // namespace latchkey::view
