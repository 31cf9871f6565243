// Softmax cross-entropy by vocabulary blocks, fp32.
//
// Pass one, for each block of panels and each chunk of 32 tokens, everything transposed (lanes are tokens):
//   logits (v, token) = bs[v] + sum_h Ws[h,v] y[token,h];  e = exp(logit - reference[token]), kept;  Z[token] += e;
//   dy^T (h, token) += sum_v Ws[h,v] e[v,token]
// The reference of a token is the maximum of its first panel; it is raised, and what was kept rescaled, only when a later logit exceeds it
// by more than kReferenceSlack, so that e stays finite and probabilities are never normalised: p = e / Z goes into one factor per token.
// Pass two (softmax_gradient.h) forms the gradient of Ws panel by panel.
#pragma once

#include "forward.h"

namespace {

constexpr int kPanelBits = 5;
static_assert(1 << kPanelBits == kPanel);
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

// A block of panels and what one chunk of tokens has to do with it.
struct Block {
  int first, end;  // panels
  ptrdiff_t chunk;
  int tokens;                                 // of the chunk, the rest is padding
  const int32_t* targets;                     // (tokens)
  bool has_targets;                           // whether any of them lies in these panels: mostly not
  const float* reference;                     // (32)
  float *largest, *partition, *target_logit;  // (32) each
  float* target_rows;                         // (32, hidden_row), null in evaluation
};

inline bool any_target_in(int first_panel, int end_panel, const int32_t* targets, int tokens) {
  int hits = 0;  // a sum that the compiler turns into vector compares
  for (int lane = 0; lane < tokens; ++lane) {
    const int panel = targets[lane] >> kPanelBits;
    hits += (panel >= first_panel) & (panel < end_panel);
  }
  return hits > 0;
}

// Of the targets that lie in the panel: their logits, from its tile (32 v, 32 tokens), and their columns of Ws, which now are near.
inline void pick_targets(const Core& core, const Block& block, int panel, const float* tile) {
  if (!block.has_targets) return;
  for (int lane = 0; lane < block.tokens; ++lane) {
    if (block.targets[lane] >> kPanelBits != panel) continue;
    const int column = block.targets[lane] % kPanel;
    block.target_logit[lane] = tile[column * kChunk + lane];
    if (!block.target_rows) continue;
    const float* ws = core.parameters[TBPTT_WS].values + static_cast<ptrdiff_t>(panel) * core.H * kPanel + column;
    float* row = block.target_rows + static_cast<ptrdiff_t>(lane) * core.hidden_row;
    for (int h = 0; h < core.H; ++h) row[h] = ws[h * kPanel];
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

// The products in fp32, as one thread forms them. softmax_of_chunks asks for: the exponentials of a block (their sums, the largest logits
// and those of the targets with them), the gradient of y that they give, and a rescaling of what was kept.
class Fp32Products {
 public:
  Fp32Products(Core& core, const Worker& worker, ptrdiff_t N) : core_(core), worker_(worker), chunks_((N + kChunk - 1) / kChunk) {}
  void begin(ptrdiff_t, ptrdiff_t) {}
  void begin_block(int, int) {}
  template <bool kTraining>
  void exponentials(const Block& block) {
    auto tile_of = [&](int panel) {
      return kTraining ? exponential_tile(core_, panel, block.chunk, chunks_)
                       : worker_.exponentials + (panel - block.first) * (kPanel * kChunk);
    };
    const float* output = core_.output_chunks + block.chunk * core_.H * kChunk;
    for (int panel = block.first; panel < block.end; ++panel) logits_of_panel(core_, panel, output, tile_of(panel), block.largest);
    for (int panel = block.first; panel < block.end; ++panel) {
      pick_targets(core_, block, panel, tile_of(panel));
      exponentiate(tile_of(panel), columns_of_panel(core_, panel), block.reference, block.partition);
    }
  }
  void output_gradient(const Block& block, float* gradient) const {
    output_gradient_of_block(core_, block.first, block.end, block.chunk, chunks_, gradient);
  }
  void rescale(int panel, ptrdiff_t chunk, const float* factor) {
    rescale_rows(exponential_tile(core_, panel, chunk, chunks_), kPanel, factor);
  }
  // Whole tiles are transposed later: the last panel's missing columns become zeros.
  void finish(ptrdiff_t first_chunk, ptrdiff_t end_chunk) {
    const int rows = columns_of_panel(core_, core_.panels - 1);
    for (ptrdiff_t chunk = first_chunk; chunk < end_chunk && rows < kPanel; ++chunk)
      memset(exponential_tile(core_, core_.panels - 1, chunk, chunks_) + rows * kChunk, 0,
             static_cast<size_t>((kPanel - rows) * kChunk) * sizeof(float));
  }

 private:
  Core& core_;
  const Worker& worker_;
  ptrdiff_t chunks_;
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
  if (panels_before == 0) return;
  rescale_rows(core.partition + chunk * kChunk, 1, factor);
  if (!training) return;
  rescale_rows(core.output_gradient + chunk * core.hidden_row * kChunk, core.H, factor);
  for (int panel = 0; panel < panels_before; ++panel) products.rescale(panel, chunk, factor);
}

// Pass one over some chunks of N tokens: reference, partition, target_logit and, in training, what is kept and the unscaled
// output_gradient. The exponentials of a block are taken with the references at hand; in the rare case that a logit turns out too large for
// them, and for the first panel, which has none yet, they are taken again.
template <bool kTraining, typename Products>
inline Outcome softmax_of_chunks(Core& core, Products&& products, const int32_t* targets, ptrdiff_t N, ptrdiff_t first_chunk,
                                 ptrdiff_t end_chunk, Phases& phases) {
  const ptrdiff_t output_size = static_cast<ptrdiff_t>(core.hidden_row) * kChunk;
  products.begin(first_chunk, end_chunk);
  for (ptrdiff_t n = first_chunk * kChunk; n < end_chunk * kChunk; ++n) core.partition[n] = 0, core.reference[n] = -INFINITY;
  if (kTraining)
    memset(core.output_gradient + first_chunk * output_size, 0,
           static_cast<size_t>((end_chunk - first_chunk) * output_size) * sizeof(float));
  for (int first = 0, end; first < core.panels; first = end) {
    if (cancelled(core)) return Outcome::kCancelled;
    end = first == 0 ? 1 : first + core.panels_per_block < core.panels ? first + core.panels_per_block : core.panels;
    products.begin_block(first, end);
    for (ptrdiff_t chunk = first_chunk; chunk < end_chunk; ++chunk) {
      const ptrdiff_t token = chunk * kChunk;
      const int tokens = static_cast<int>(N - token < kChunk ? N - token : kChunk);
      float largest[kChunk], before[kChunk];
      const Block block{first,
                        end,
                        chunk,
                        tokens,
                        targets + token,
                        any_target_in(first, end, targets + token, tokens),
                        core.reference + token,
                        largest,
                        core.partition + token,
                        core.target_logit + token,
                        kTraining ? core.target_rows + token * core.hidden_row : nullptr};
      for (int lane = 0; lane < kChunk; ++lane) largest[lane] = -INFINITY;
      memcpy(before, block.partition, sizeof(before));
      products.template exponentials<kTraining>(block);
      bool exceeded = false;
      for (int lane = 0; lane < kChunk; lane += kLanes)
        exceeded |= any_above(load(largest + lane), load(block.reference + lane) + kReferenceSlack);
      if (__builtin_expect(exceeded, 0)) {
        memcpy(block.partition, before, sizeof(before));
        raise_reference(core, products, kTraining, first, chunk, largest);
        products.template exponentials<kTraining>(block);
      }
      phases.end(TBPTT_PHASE_LOGITS);
      if (kTraining) {
        products.output_gradient(block, core.output_gradient + chunk * output_size);
        phases.end(TBPTT_PHASE_DH);
      }
    }
  }
  if (kTraining) products.finish(first_chunk, end_chunk);
  return Outcome::kDone;
}

// Pass one over N tokens, each thread's chunks for themselves.
template <bool kTraining, typename Products>
inline Outcome softmax_forward(Core& core, const int32_t* targets, ptrdiff_t N, Phases& phases) {
  Flag stopped;
  in_ranges(core, (N + kChunk - 1) / kChunk, 1, [&](ptrdiff_t first, ptrdiff_t end, const Worker& worker) {
    double unused[TBPTT_PHASE_COUNT];
    Phases silent(false, unused);
    Phases& clock = worker.thread == 0 ? phases : silent;
    if (softmax_of_chunks<kTraining>(core, Products(core, worker, N), targets, N, first, end, clock) == Outcome::kCancelled)
      stopped.raise();
  });
  return stopped.raised() ? Outcome::kCancelled : Outcome::kDone;
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
