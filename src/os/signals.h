// signals.h -- signals as readable events, not as interruptions
//
// Block first, in main, before threads exist; then read them from the descriptor. SIGPIPE is ignored:
// a write to a closed peer is an error code.

#pragma once

#include <initializer_list>
#include <optional>

#include "base/unique_fd.h"

namespace latchkey::os {

class SignalEvents {
 public:
  // Blocks these in this thread and all made after it.
  explicit SignalEvents(std::initializer_list<int> signals);

  int fd() const { return fd_.get(); }
  // The next one that came, or none. Does not block.
  std::optional<int> Next();

 private:
  UniqueFd fd_;
};

}  // namespace latchkey::os
