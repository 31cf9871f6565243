// What this CPU and its operating system allow.
#pragma once

#include <stdint.h>

namespace tbptt {

bool cpu_has(int32_t isa);
// AMX state has to be asked for once per process on Linux; false where it is refused.
bool permit_amx();

// Denormal results and operands count as zero while it lives; the caller's control register comes back afterwards.
// Lag errors fade into denormals, which are tens of times slower.
class FlushToZero {
 public:
  FlushToZero();
  ~FlushToZero();
  FlushToZero(const FlushToZero&) = delete;
  FlushToZero& operator=(const FlushToZero&) = delete;

 private:
  uint64_t before_;
};

}  // namespace tbptt
