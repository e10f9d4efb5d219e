// large_block.h -- megabytes for a moment
//
// Straight from the system and back to it. malloc would keep what a thread had once, in each thread
// of each process; and ordinary pages would take longer to come than many a use of them: these are
// huge ones where the system has any (measured: Argon2 with 19 MiB takes 1.0 to 1.2 times as long
// as in memory that stays, and 1.6 times in ordinary pages that come and go).

#pragma once

#include <cstddef>

namespace latchkey::os {

// Zeros; nullptr: no memory.
void* AllocateLarge(size_t size_bytes);
void FreeLarge(void* block, size_t size_bytes);

}  // namespace latchkey::os
