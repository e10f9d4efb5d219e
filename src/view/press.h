// press.h -- pages of one shape, expanded once
//
// The names and sections of a page's values are its shape, and a program has few; what the values say is
// mostly a token, a number or an address. Where all of it is of characters that a page shows as they are
// ([A-Za-z0-9._@-]), the shape is expanded once with marks in place of the values, and from then on only
// put together. Anything else is expanded each time, and so is a shape in which a mark does not come
// through unchanged. Nothing is kept of what a value said. Limits: a number within inline script, which
// our pages' policy forbids, could be taken for a word.

#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "view/view.h"

namespace latchkey::view {

// For one thread.
class Press {
 public:
  // common: the values that every page has besides its own. The templates outlive this object.
  Press(const Templates& templates, Values common);

  // The same text as of Templates::Render.
  std::string Render(std::string_view name, const Values& values) const;

 private:
  struct Piece {
    std::string text;
    size_t then;  // which value stands behind it
  };
  struct Frame {
    std::vector<Piece> pieces;
    std::string last;
  };
  using Texts = std::vector<std::string_view>;

  std::optional<Frame> MakeFrame(std::string_view name, const Values& values, const Texts& texts) const;
  static std::optional<Frame> Split(std::string_view page, std::string_view word);
  static std::string Fill(const Frame& frame, const Texts& texts);

  const Templates& templates_;
  const Values common_;
  mutable std::unordered_map<std::string, std::optional<Frame>> frames_;  // by shape; nullopt: expand it
};

}  // namespace latchkey::view
