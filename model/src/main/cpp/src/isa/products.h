// The softmax's products in the precision of a core.
#pragma once

#include "products_bf16.h"
#include "products_fp32.h"

namespace {

// body(products), made for one thread
template <typename Body>
TBPTT_INLINE void with_products(const Core& core, const Worker& worker, ptrdiff_t N, Body body) {
  switch (core.config.precision) {
    case TBPTT_FP32:
      return body(Fp32Products(core, worker, N));
    case TBPTT_BF16:
      return body(Bf16Products<1>(core, worker, N));
    default:
      return body(Bf16Products<2>(core, worker, N));
  }
}

// Pass one over N tokens, each thread's chunks for themselves.
template <bool kTraining>
inline Outcome softmax_forward(const Core& core, const int32_t* targets, ptrdiff_t N, Phases& phases) {
  Flag stopped;
  in_ranges(core, chunks_of(N), 1, [&](ptrdiff_t first, ptrdiff_t end, const Worker& worker) {
    double unused[TBPTT_PHASE_COUNT];
    Phases silent(false, unused);
    Phases& clock = worker.thread == 0 ? phases : silent;
    with_products(core, worker, N, [&](auto&& products) {
      if (softmax_of_chunks<kTraining>(core, products, targets, N, first, end, clock) == Outcome::kCancelled) stopped.raise();
    });
  });
  return stopped.raised() ? Outcome::kCancelled : Outcome::kDone;
}

// What the panels of pass two share, once `outputs` is y / (Z count).
inline void begin_gradient(const Core& core, ptrdiff_t N) {
  with_products(core, core.workers[0], N, [](auto&& products) { products.begin_gradient(); });
}

// The gradients of `count` panels, at most kPanelsTogether.
inline void gradient_of_panels(const Core& core, const Worker& worker, int first, int count, ptrdiff_t N, int64_t counted,
                               PanelGradient gradient) {
  for (int i = 0; i < count * kPanel; ++i) gradient.bias[i] = 0;
  with_products(core, worker, N, [&](auto&& products) { products.gradient(first, count, gradient); });
  for (int i = 0; i < count; ++i) subtract_targets(core.softmax, worker, first + i, counted, gradient.of(core.softmax, i));
}

}  // namespace
