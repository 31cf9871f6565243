// Pass two of the softmax: the gradient of Ws and bs, one panel of 32 vocabulary columns at a time, while its exponentials pass by once.
#pragma once

#include "targets.h"

namespace {

// output_rows (N, hidden_row) *= 1 / (Z count): so that exponentials need no normalising.
inline void weigh_output_rows(Core& core, ptrdiff_t N) {
  for (ptrdiff_t n = 0; n < N; ++n) {
    const Vec weight = splat(core.token_weight[n]);
    float* row = core.output_rows + n * core.hidden_row;
    for (int i = 0; i < core.hidden_row; i += kLanes) store(row + i, load(row + i) * weight);
  }
}

// to (token, 32 v) = one panel's exponentials of tokens first .. first+count-1, transposed; bias (32) += their weighted sum.
TBPTT_INLINE void transpose_exponentials(const float* tiles, const float* weight, ptrdiff_t tokens, float* to, float* bias) {
  for (int v = 0; v < kPanel; v += kLanes) {
    Vec sum = load(bias + v);
    for (ptrdiff_t token = 0; token < tokens; token += kLanes) {
      const float* from = tiles + (token / kChunk) * (kPanel * kChunk) + token % kChunk + v * kChunk;
      Vec block[kLanes];
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; ++i) block[i] = load(from + i * kChunk);
      transpose(block);
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; ++i) {
        store(to + (token + i) * kPanel + v, block[i]);
        sum = fma(splat(weight[token + i]), block[i], sum);
      }
    }
    store(bias + v, sum);
  }
}

// output_groups from output_rows, once for all panels. A tile of multiply_panel takes few columns of every row: as they lie in output_rows,
// each token would cost it a cache line of its own.
inline void group_output_columns(Core& core, ptrdiff_t N) {
  for_each_group<kTileRows>(core.H, [&](auto group, int first) {
    constexpr int kRows = decltype(group)::value;
    float* to = core.output_groups + first * N;
    const float* from = core.output_rows + first;
    for (ptrdiff_t n = 0; n < N; ++n)
      for (int i = 0; i < kRows; ++i) to[n * kRows + i] = from[n * core.hidden_row + i];
  });
}

// gradient (H, 32) = [gradient if kAccumulate] + (output rows first .. first+tokens-1)^T (H, tokens) transposed exponentials (tokens, 32).
// `soon` is what is transposed next: each tile fetches a little of it, so that it is near when its turn comes.
template <bool kAccumulate>
inline __attribute__((noinline)) void multiply_panel(const Core& core, const float* transposed, ptrdiff_t first_token, ptrdiff_t tokens,
                                                     ptrdiff_t N, const float* soon, ptrdiff_t soon_lines, float* gradient) {
  constexpr int kColumns = 2, kLine = 16;
  const ptrdiff_t tiles = (core.H + kTileRows - 1) / kTileRows * (kPanel / (kColumns * kLanes)),
                  lines_per_tile = (soon_lines + tiles - 1) / tiles;
  const float *fetch = soon, *fetch_end = soon + soon_lines * kLine;
  for_each_group<kTileRows>(core.H, [&](auto group, int first) {
    constexpr int kRows = decltype(group)::value;
    const float* output = core.output_groups + first * N + first_token * kRows;
    for (int column = 0; column < kPanel; column += kColumns * kLanes) {
      for (ptrdiff_t line = 0; line < lines_per_tile && fetch < fetch_end; ++line, fetch += kLine) __builtin_prefetch(fetch, 0, 2);
      Vec acc[kRows][kColumns];
      float* at = gradient + first * kPanel + column;
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
        for (int j = 0; j < kColumns; ++j) acc[i][j] = kAccumulate ? load(at + i * kPanel + j * kLanes) : Vec{};
      multiply_accumulate<kRows, kColumns>(acc, tokens, output, 1, kRows, transposed + column, kPanel);
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
        for (int j = 0; j < kColumns; ++j) store(at + i * kPanel + j * kLanes, acc[i][j]);
    }
  });
}

// gradient (H, 32) of one panel and, added to bias (32), that of its bias, without the targets' part.
inline void gradient_of_exponentials(const Core& core, const Worker& worker, int panel, ptrdiff_t N, float* gradient, float* bias) {
  const ptrdiff_t chunks = (N + kChunk - 1) / kChunk, tile_lines = kPanel * kChunk / 16;
  for (ptrdiff_t first = 0; first < N; first += kDepthBlock) {
    const ptrdiff_t tokens = N - first < kDepthBlock ? N - first : kDepthBlock;
    transpose_exponentials(exponential_tile(core, panel, first / kChunk, chunks), core.token_weight + first, tokens, worker.transposed,
                           bias);
    // What is transposed next: the rest of this panel, or the beginning of the next one, which lies right behind it.
    const bool ends = first + kDepthBlock >= N && panel + 1 == core.panels;
    const float* soon = exponential_tile(core, panel, first / kChunk + (tokens + kChunk - 1) / kChunk, chunks);
    const ptrdiff_t soon_lines = ends ? 0 : (tokens + kChunk - 1) / kChunk * tile_lines;
    if (first == 0)
      multiply_panel<false>(core, worker.transposed, first, tokens, N, soon, soon_lines, gradient);
    else
      multiply_panel<true>(core, worker.transposed, first, tokens, N, soon, soon_lines, gradient);
  }
}

}  // namespace
