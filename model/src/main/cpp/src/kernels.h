// What one instruction set offers: filled in by src/isa/kernels.cpp, once per instruction set.
#pragma once

#include "core.h"

namespace tbptt {

enum class Outcome { kDone, kCancelled };

struct Kernels {
  int32_t isa;
  Outcome (*train)(Core& core, const tbptt_window& window, double learning_rate, tbptt_stats& stats);
  Outcome (*gradients)(Core& core, const tbptt_window& window, const tbptt_gradient_output& output, tbptt_stats& stats);
  Outcome (*advance)(Core& core, const tbptt_window& window);
  Outcome (*evaluate)(Core& core, const int32_t* tokens, const int32_t* targets, int32_t steps, double& loss_sum, int64_t& counted);
  void (*exp)(const float* input, float* output, int64_t count);
  void (*tanh)(const float* input, float* output, int64_t count);
  void (*logistic)(const float* input, float* output, int64_t count);
  double (*probe_fp32)(double seconds);
  double (*probe_bf16)(double seconds);  // null where the isa has no bf16 products
  double (*probe_cache)(double seconds);
};

// Null where the build lacks it.
const Kernels* kernels_of(int32_t isa);

}  // namespace tbptt
