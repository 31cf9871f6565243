#pragma once

#include "kernels.h"
#include "message.h"

namespace tbptt {

const char* isa_name(int32_t isa);
bool isa_available(int32_t isa);
// What TBPTT_ISA in the environment names, else the best; TBPTT_UNSUPPORTED with a message that lists what there is.
int32_t choose_isa(int32_t& isa, const Message& message);
// `isa` itself, or the choice for TBPTT_ISA_AUTOMATIC.
int32_t resolve_isa(int32_t wanted, int32_t& isa, const Message& message);

}  // namespace tbptt
