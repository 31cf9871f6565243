// Softmax cross-entropy by vocabulary blocks, fp32.
//
// Pass one, for each block of panels and each chunk of 32 tokens, everything transposed (lanes are tokens):
//   logits (v, token) = bs[v] + sum_h Ws[h,v] y[token,h];  e = exp(logit - reference[token]), kept;  Z[token] += e;
//   dy^T (h, token) += sum_v Ws[h,v] e[v,token]
// The reference of a token is the maximum of its first block; it is raised, and what was kept rescaled, only when a later logit exceeds it
// by more than kReferenceSlack, so that e stays finite and probabilities are never normalised: p = e / Z goes into one factor per token.
// Pass two (softmax_gradient.h) forms the gradient of Ws panel by panel.
#pragma once

#include "forward.h"

namespace {

constexpr float kReferenceSlack = 16.0f;  // e <= exp(16): sums of 2^24 of them are far below the fp32 range

inline float* exponential_tile(const Core& core, int panel, ptrdiff_t chunk, ptrdiff_t chunks) {
  return core.exponentials + (panel * chunks + chunk) * (kPanel * kChunk);
}

inline int columns_of_panel(const Core& core, int panel) {
  const int rest = core.V - panel * kPanel;
  return rest < kPanel ? rest : kPanel;
}

// One panel of logits of one chunk: tile (v, token) = bias + Ws^T y^T; the largest of each token goes into `largest`.
TBPTT_INLINE void logits_of_panel(const Core& core, int panel, const float* output, float* tile, float* largest) {
  const float* ws = core.parameters[TBPTT_WS].values + static_cast<ptrdiff_t>(panel) * core.H * kPanel;
  const float* bias = core.parameters[TBPTT_BS].values + panel * kPanel;
  constexpr int kColumns = 2;
  for (int lane = 0; lane < kChunk; lane += kColumns * kLanes)
    for_each_group<kTileRows>(columns_of_panel(core, panel), [&](auto group, int first) {
      constexpr int kRows = decltype(group)::value;
      Vec acc[kRows][kColumns];
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i) {
        acc[i][0] = acc[i][1] = splat(bias[first + i]);
        // The tile is cold: own its lines by the time the product is ready to be stored.
        for (int at = 0; at < kColumns * kLanes; at += 16) __builtin_prefetch(tile + (first + i) * kChunk + lane + at, 1);
      }
      multiply_accumulate<kRows, kColumns>(acc, core.H, ws + first, 1, kPanel, output + lane, kChunk);
      Vec top0 = load(largest + lane), top1 = load(largest + lane + kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i) {
        top0 = larger(top0, acc[i][0]);
        top1 = larger(top1, acc[i][1]);
        store(tile + (first + i) * kChunk + lane, acc[i][0]);
        store(tile + (first + i) * kChunk + lane + kLanes, acc[i][1]);
      }
      store(largest + lane, top0);
      store(largest + lane + kLanes, top1);
    });
}

// tile = exp(tile - reference), partition += its sum
TBPTT_INLINE void exponentiate(float* tile, int rows, const float* reference, float* partition) {
  for (int lane = 0; lane < kChunk; lane += 2 * kLanes) {
    const Vec from0 = load(reference + lane), from1 = load(reference + lane + kLanes);
    Vec sum0{}, sum1{};
    for (int v = 0; v < rows; ++v) {
      float* at = tile + v * kChunk + lane;
      const Vec e0 = exponential_of_shifted(load(at) - from0), e1 = exponential_of_shifted(load(at + kLanes) - from1);
      store(at, e0);
      store(at + kLanes, e1);
      sum0 += e0;
      sum1 += e1;
    }
    store(partition + lane, load(partition + lane) + sum0);
    store(partition + lane + kLanes, load(partition + lane + kLanes) + sum1);
  }
}

// dy^T (h, token) of one chunk += Ws (h, v) e (v, token) over the panels of a block.
TBPTT_INLINE void output_gradient_of_block(const Core& core, int first_panel, int end_panel, ptrdiff_t chunk, ptrdiff_t chunks,
                                           float* gradient) {
  constexpr int kColumns = 2;
  const ptrdiff_t panel_size = static_cast<ptrdiff_t>(core.H) * kPanel;
  for (int lane = 0; lane < kChunk; lane += kColumns * kLanes)
    for_each_group<kTileRows>(core.H, [&](auto group, int first) {
      constexpr int kRows = decltype(group)::value;
      Vec acc[kRows][kColumns];
      float* at = gradient + first * kChunk + lane;
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i) {
        acc[i][0] = load(at + i * kChunk);
        acc[i][1] = load(at + i * kChunk + kLanes);
      }
      for (int panel = first_panel; panel < end_panel; ++panel)
        multiply_accumulate<kRows, kColumns>(acc, columns_of_panel(core, panel),
                                             core.parameters[TBPTT_WS].values + panel * panel_size + first * kPanel, kPanel, 1,
                                             exponential_tile(core, panel, chunk, chunks) + lane, kChunk);
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i) {
        store(at + i * kChunk, acc[i][0]);
        store(at + i * kChunk + kLanes, acc[i][1]);
      }
    });
}

inline void rescale_rows(float* rows, ptrdiff_t count, const float* factor) {
  for (ptrdiff_t row = 0; row < count; ++row)
    for (int lane = 0; lane < kChunk; lane += kLanes)
      store(rows + row * kChunk + lane, load(rows + row * kChunk + lane) * load(factor + lane));
}

// The products in fp32. softmax_forward asks for: where a panel's logits go (tile), the logits themselves, what is kept of them (keep),
// the gradient of y (output_gradient), and a rescaling of what was kept (rescale).
class Fp32Products {
 public:
  Fp32Products(Core& core, ptrdiff_t N, bool training) : core_(core), chunks_((N + kChunk - 1) / kChunk), training_(training) {}
  void begin() {}
  float* tile(int panel, int in_block, ptrdiff_t chunk) const {
    return training_ ? exponential_tile(core_, panel, chunk, chunks_) : core_.exponentials + in_block * (kPanel * kChunk);
  }
  void logits(int panel, ptrdiff_t chunk, float* tile, float* largest) const {
    logits_of_panel(core_, panel, core_.output_chunks + chunk * core_.H * kChunk, tile, largest);
  }
  template <bool kTraining>
  void keep(int panel, ptrdiff_t, float* tile, const float* reference, float* partition) {
    exponentiate(tile, columns_of_panel(core_, panel), reference, partition);
  }
  void output_gradient(int first_panel, int end_panel, ptrdiff_t chunk, float* gradient) const {
    output_gradient_of_block(core_, first_panel, end_panel, chunk, chunks_, gradient);
  }
  void rescale(int panel, ptrdiff_t chunk, const float* factor) {
    rescale_rows(exponential_tile(core_, panel, chunk, chunks_), kPanel, factor);
  }
  // Whole tiles are transposed later: the last panel's missing columns become zeros.
  void finish() {
    const int rows = columns_of_panel(core_, core_.panels - 1);
    for (ptrdiff_t chunk = 0; chunk < chunks_ && rows < kPanel; ++chunk)
      memset(exponential_tile(core_, core_.panels - 1, chunk, chunks_) + rows * kChunk, 0,
             static_cast<size_t>((kPanel - rows) * kChunk) * sizeof(float));
  }

 private:
  Core& core_;
  ptrdiff_t chunks_;
  bool training_;
};

// Raises the references of a chunk to `largest` where that is more than the slack above, and rescales all that was kept before.
template <typename Products>
inline __attribute__((noinline)) void raise_reference(Core& core, Products& products, bool training, int panels_before, ptrdiff_t chunk,
                                                      const float* largest) {
  float factor[kChunk];
  float* reference = core.reference + chunk * kChunk;
  for (int lane = 0; lane < kChunk; lane += kLanes) {
    const Vec old = load(reference + lane), top = load(largest + lane);
    const Vec raised = top > old + kReferenceSlack ? top : old;
    store(factor + lane, exponential(old - raised));
    store(reference + lane, raised);
  }
  rescale_rows(core.partition + chunk * kChunk, 1, factor);
  if (!training) return;
  rescale_rows(core.output_gradient + chunk * core.H * kChunk, core.H, factor);
  for (int panel = 0; panel < panels_before; ++panel) products.rescale(panel, chunk, factor);
}

// Pass one over N tokens: reference, partition, target_logit and, in training, what is kept and the unscaled output_gradient.
template <bool kTraining, typename Products>
inline Outcome softmax_forward(Core& core, Products&& products, const int32_t* targets, ptrdiff_t N, Phases& phases) {
  const ptrdiff_t chunks = (N + kChunk - 1) / kChunk, output_size = static_cast<ptrdiff_t>(core.H) * kChunk;
  products.begin();
  memset(core.partition, 0, static_cast<size_t>(chunks * kChunk) * sizeof(float));
  if (kTraining) memset(core.output_gradient, 0, static_cast<size_t>(chunks * output_size) * sizeof(float));
  for (int block = 0; block < core.panels; block += core.panels_per_block) {
    if (cancelled(core)) return Outcome::kCancelled;
    const int end = block + core.panels_per_block < core.panels ? block + core.panels_per_block : core.panels;
    for (ptrdiff_t chunk = 0; chunk < chunks; ++chunk) {
      float largest[kChunk];
      for (int lane = 0; lane < kChunk; ++lane) largest[lane] = -INFINITY;
      for (int panel = block; panel < end; ++panel) products.logits(panel, chunk, products.tile(panel, panel - block, chunk), largest);

      const ptrdiff_t first_token = chunk * kChunk, tokens = N - first_token < kChunk ? N - first_token : kChunk;
      const int first_column = block * kPanel, end_column = end * kPanel;
      for (ptrdiff_t lane = 0; lane < tokens; ++lane) {
        const int32_t target = targets[first_token + lane];
        if (target >= first_column && target < end_column) {
          const int panel = target / kPanel;
          core.target_logit[first_token + lane] = products.tile(panel, panel - block, chunk)[(target % kPanel) * kChunk + lane];
        }
      }

      float* reference = core.reference + first_token;
      if (block == 0) {
        memcpy(reference, largest, sizeof(largest));
      } else {
        bool exceeded = false;
        for (int lane = 0; lane < kChunk; lane += kLanes)
          exceeded |= any_above(load(largest + lane), load(reference + lane) + kReferenceSlack);
        if (__builtin_expect(exceeded, 0)) raise_reference(core, products, kTraining, block, chunk, largest);
      }
      for (int panel = block; panel < end; ++panel)
        products.template keep<kTraining>(panel, chunk, products.tile(panel, panel - block, chunk), reference,
                                          core.partition + first_token);
      phases.end(TBPTT_PHASE_LOGITS);
      if (kTraining) {
        products.output_gradient(block, end, chunk, core.output_gradient + chunk * output_size);
        phases.end(TBPTT_PHASE_DH);
      }
    }
  }
  if (kTraining) products.finish();
  return Outcome::kDone;
}

// Sum over counted tokens of ln Z + reference - target's logit.
inline double sum_of_losses(const Core& core, const int32_t* targets, ptrdiff_t N, int64_t& counted) {
  double sum = 0;
  counted = 0;
  for (ptrdiff_t n = 0; n < N; ++n) {
    if (targets[n] < 0) continue;
    ++counted;
    sum += logarithm(static_cast<double>(core.partition[n])) + static_cast<double>(core.reference[n]) -
           static_cast<double>(core.target_logit[n]);
  }
  return sum;
}

}  // namespace
