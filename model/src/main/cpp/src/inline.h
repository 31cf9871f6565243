// For small functions that must leave no copy behind: in src/isa, and in what it shares with the rest of the library.
#pragma once

#define TBPTT_INLINE inline __attribute__((always_inline))
