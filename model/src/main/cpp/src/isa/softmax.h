// Softmax cross-entropy by vocabulary blocks.
//
// Pass one, for each block of panels and each chunk of 32 tokens, everything transposed (lanes are tokens):
//   logits (v, token) = bs[v] + sum_h Ws[h,v] y[token,h];  e = exp(logit - reference[token]), kept;  Z[token] += e;
//   dy^T (h, token) += sum_v Ws[h,v] e[v,token]
// p = e / Z goes into one factor per token. Pass two forms the gradient of Ws panel by panel, while its exponentials pass by once.
//
// Both are templates of what they multiply with, as one thread uses it: Fp32Products, or Bf16Products on pair words, which AMX tiles or
// vectors multiply. Products(core, worker, N) has, for pass one,
//   begin_block(first, end)      some panels begin
//   begin_chunk(chunk)           before a chunk's first block
//   exponentials<kTraining>(block)    kept; with them their sums, the largest logits, and those of the targets
//   output_gradient(block, to)   dy^T of a chunk += what the block's exponentials give, its tokens in an order of its own
//   rescale(end, chunk, factor)  what was kept of panels 0..end-1, and dy^T
//   end_chunk(chunk)             after its last block: its tokens in order
// and for pass two
//   begin_gradient()             once, when `outputs` is y / (Z count)
//   gradient(first, count, to)   to.ws = those of `count` panels (softmax.together), to.bias += their biases', without the targets' part
#pragma once

#include "fetch.h"
#include "phases.h"
#include "running_softmax.h"
#include "targets.h"
#include "tile.h"

namespace {

// A block of panels and what one chunk of tokens has to do with it.
struct Block {
  int first, end;  // panels
  ptrdiff_t chunk;
  RunningSoftmax& running;
  const ChunkTargets& targets;
  bool has_targets;  // whether any of them lies in these panels: mostly not
  Fetch& next_ws;    // of the block behind it: a little with each panel
};

inline int end_of_block(const Softmax& softmax, int first) {
  return first + kPanelsPerBlock < softmax.panels ? first + kPanelsPerBlock : softmax.panels;
}

// Bytes of Ws that are fetched ahead: more would push this block out of the second-level cache.
constexpr ptrdiff_t kMostAhead = 1 << 18;

inline ptrdiff_t chunks_of(ptrdiff_t N) { return (N + kChunk - 1) / kChunk; }

// Before a chunk's first block: its references are the first panel's largest logits.
template <bool kTraining, typename Products>
inline void begin_chunk(Products& products, const Softmax& softmax, const Block& block) {
  products.begin_chunk(block.chunk);
  if (kTraining) memset(softmax.output_gradient_of(block.chunk), 0, static_cast<size_t>(softmax.hidden_row * kChunk) * sizeof(float));
  block.running.start();
  block.running.begin_block();
  Fetch nothing;
  products.template exponentials<false>({0, 1, block.chunk, block.running, block.targets, false, nothing});
  float factor[kChunk];
  block.running.raise(factor);
}

// The rare case that a logit is too large for its reference.
template <bool kTraining, typename Products>
inline void raise_reference(const Products& products, const Block& block) {
  float factor[kChunk];
  block.running.raise(factor);
  rescale_rows(block.running.partition, 1, factor);
  if (kTraining) products.rescale(block.first, block.chunk, factor);
}

// Pass one over some chunks of N tokens: reference, partition, target_logit and, in training, what is kept and the unscaled
// output_gradient.
template <bool kTraining, typename Products>
inline Outcome softmax_of_chunks(const Core& core, Products& products, const int32_t* targets, ptrdiff_t N, ptrdiff_t first_chunk,
                                 ptrdiff_t end_chunk, Phases& phases) {
  const Softmax& softmax = core.softmax;
  for (int first = 0, end; first < softmax.panels; first = end) {
    if (cancelled(core)) return Outcome::kCancelled;
    end = end_of_block(softmax, first);
    products.begin_block(first, end);
    Fetch next_ws;
    const ptrdiff_t bytes = (end_of_block(softmax, end) - end) * softmax.ws->part * static_cast<ptrdiff_t>(sizeof(float));
    if (bytes <= kMostAhead) next_ws.add(softmax.ws->values() + end * softmax.ws->part, bytes);
    next_ws.spread((end - first) * (end_chunk - first_chunk));
    for (ptrdiff_t chunk = first_chunk; chunk < end_chunk; ++chunk) {
      const ptrdiff_t token = chunk * kChunk;
      RunningSoftmax running(softmax, chunk);
      const ChunkTargets picked{targets + token, static_cast<int>(N - token < kChunk ? N - token : kChunk), softmax.target_logit + token,
                                kTraining ? Rows{softmax.targets.columns.at(token), softmax.targets.columns.row} : Rows{}};
      const Block block{first, end, chunk, running, picked, any_target_in(first, end, picked), next_ws};
      if (first == 0) begin_chunk<kTraining>(products, softmax, block);
      running.begin_block();
      products.template exponentials<kTraining>(block);
      if (__builtin_expect(running.exceeded(), 0)) {
        raise_reference<kTraining>(products, block);
        products.template exponentials<kTraining>(block);
      }
      phases.end(TBPTT_PHASE_LOGITS);
      if (kTraining) {
        products.output_gradient(block, softmax.output_gradient_of(chunk));
        if (end == softmax.panels) products.end_chunk(chunk);
        phases.end(TBPTT_PHASE_DH);
      }
    }
  }
  return Outcome::kDone;
}

// Sum over counted tokens of ln Z + reference - target's logit.
inline double sum_of_losses(const Softmax& softmax, const int32_t* targets, ptrdiff_t N, int64_t& counted) {
  double sum = 0;
  counted = 0;
  for (ptrdiff_t n = 0; n < N; ++n) {
    if (targets[n] < 0) continue;
    ++counted;
    sum += logarithm(static_cast<double>(softmax.partition[n])) + static_cast<double>(softmax.reference[n]) -
           static_cast<double>(softmax.target_logit[n]);
  }
  return sum;
}

// injected (N, H) = dloss/dh from the output layer times `scale`: (dy / (Z count) - Ws[:,target] / count) * mask_out.
// Sets token_weight.
inline void inject(const Softmax& softmax, const int32_t* targets, ptrdiff_t N, int64_t counted, float scale) {
  const Rows injected = softmax.injected;
  const ptrdiff_t row_size = softmax.hidden_row, chunks = chunks_of(N);
  for (ptrdiff_t n = 0; n < chunks * kChunk; ++n)
    softmax.token_weight[n] = n < N && targets[n] >= 0
                                  ? static_cast<float>(1.0 / (static_cast<double>(softmax.partition[n]) * static_cast<double>(counted)))
                                  : 0.0f;
  for (ptrdiff_t chunk = 0; chunk < chunks; ++chunk)
    transpose_matrix(softmax.H, kChunk, softmax.output_gradient_of(chunk), kChunk, injected.at(chunk * kChunk), row_size);
  const Vec share = splat(share_of_token(counted)), scales = splat(scale);
  for (ptrdiff_t n = 0; n < N; ++n) {
    float* to = injected.at(n);
    if (targets[n] < 0) {
      memset(to, 0, static_cast<size_t>(row_size) * sizeof(float));
      continue;
    }
    const Vec weight = splat(softmax.token_weight[n]);
    const float *column = softmax.targets.columns.at(n), *mask = softmax.output_mask.at(n);
    for (int h = 0; h < row_size; h += kLanes) store(to + h, (load(to + h) * weight - load(column + h) * share) * load(mask + h) * scales);
    for (int h = softmax.H; h < row_size; ++h) to[h] = 0;  // also when the weight is not finite
  }
}

// outputs (N, H) *= 1 / (Z count): so that exponentials need no normalising.
inline void weigh_outputs(const Softmax& softmax, ptrdiff_t N) {
  for (ptrdiff_t n = 0; n < N; ++n) {
    const Vec weight = splat(softmax.token_weight[n]);
    float* row = softmax.outputs.at(n);
    for (int i = 0; i < softmax.hidden_row; i += kLanes) store(row + i, load(row + i) * weight);
  }
}

}  // namespace
