#pragma once

#include "core.h"

namespace tbptt {

// Sets the shapes and the addresses of all sections of `core` for an arena that begins at `base` (aligned to 64, may be 0 to measure).
// Returns the number of bytes from `base` to the end.
uint64_t lay_out(Core& core, const tbptt_config& config, uintptr_t base);

}  // namespace tbptt
