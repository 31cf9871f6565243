// Compiled once per instruction set, with its flags and with TBPTT_ISA_TABLE and TBPTT_ISA_ID set by CMakeLists.txt.
#include "probe.h"
#include "window.h"

namespace {

template <typename Function>
TBPTT_INLINE void map_array(const float* input, float* output, int64_t count, Function function) {
  for (int64_t i = 0; i < count; i += kLanes) {
    const int64_t rest = count - i < kLanes ? count - i : kLanes;
    float lanes[kLanes] = {};
    memcpy(lanes, input + i, static_cast<size_t>(rest) * sizeof(float));
    store(lanes, function(load(lanes)));
    memcpy(output + i, lanes, static_cast<size_t>(rest) * sizeof(float));
  }
}

void exp_of_array(const float* input, float* output, int64_t count) {
  map_array(input, output, count, [](Vec x) { return exponential(x); });
}

void tanh_of_array(const float* input, float* output, int64_t count) {
  map_array(input, output, count, [](Vec x) { return hyperbolic_tangent(x); });
}

void logistic_of_array(const float* input, float* output, int64_t count) {
  map_array(input, output, count, [](Vec x) { return logistic(x); });
}

}  // namespace

#if defined(TBPTT_HAS_TILES) || defined(__AVX512BF16__)
#define TBPTT_PROBE_BF16 probe_bf16
#else
#define TBPTT_PROBE_BF16 nullptr
#endif

namespace tbptt {
extern const Kernels TBPTT_ISA_TABLE;
const Kernels TBPTT_ISA_TABLE = {TBPTT_ISA_ID,      train,      gradients,        advance,    evaluate, exp_of_array, tanh_of_array,
                                 logistic_of_array, probe_fp32, TBPTT_PROBE_BF16, probe_cache};
}  // namespace tbptt
