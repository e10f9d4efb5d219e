// large_block.h -- megabytes for a moment
//
// Straight from the system and back to it. malloc would keep what a thread had once, in each thread
// of each process; and ordinary pages would take longer to come than many a use of them: these are
// huge ones where the system has any (measured: Argon2 with 19 MiB takes 1.0 to 1.2 times as long
// as in memory that stays, and 1.6 times in ordinary pages that come and go).

#pragma once

#include <cstddef>

namespace latchkey::os {

// Of any content; nullptr: no memory.
void* AllocateLarge(size_t size_bytes);
void FreeLarge(void* block, size_t size_bytes);

// As long as one lives, the block that its thread has freed last is kept for the next of its size: the
// system would fill it with zeros each time. One at a time in a thread.
class KeepLargeBlock {
 public:
  KeepLargeBlock();
  ~KeepLargeBlock();
  KeepLargeBlock(const KeepLargeBlock&) = delete;
  KeepLargeBlock& operator=(const KeepLargeBlock&) = delete;
};

// This thread's, if there is one: for whoever takes as much in another way, so that it is not both.
void FreeKeptBlock();

}  // namespace latchkey::os
