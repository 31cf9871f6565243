// The recurrence: from tokens to h and y.
#pragma once

#include "elementary.h"
#include "masks.h"
#include "parallel.h"
#include "phases.h"
#include "tile.h"

namespace {
using tbptt::kChunk;
using tbptt::kDepthBlock;
using tbptt::kPanel;
using tbptt::kProductRows;
using tbptt::Outcome;
using tbptt::timeline_row;

// count is a multiple of 16
template <int kCell>
TBPTT_INLINE void apply_cell(float* values, int count) {
  for (int i = 0; i < count; i += kLanes) {
    Vec v = load(values + i);
    if constexpr (kCell == TBPTT_CELL_TANH) v = hyperbolic_tangent(v);
    if constexpr (kCell == TBPTT_CELL_RELU) v = larger(Vec{}, v);
    store(values + i, v);
  }
}

inline __attribute__((noinline)) void apply_cell(int cell, float* values, int count) {
  switch (cell) {
    case TBPTT_CELL_TANH:
      apply_cell<TBPTT_CELL_TANH>(values, count);
      break;
    case TBPTT_CELL_RELU:
      apply_cell<TBPTT_CELL_RELU>(values, count);
      break;
    default:
      break;
  }
}

// x = Emb[token] * mask into the rows of the timeline; a padding token gives zeros. Masks only where `masked`.
inline void look_up(Core& core, const int32_t* tokens, int steps, bool masked) {
  const int E = core.E;
  const float* emb = core.parameters[TBPTT_EMB].values;
  const ptrdiff_t first = timeline_row(core, 0), rows = static_cast<ptrdiff_t>(steps) * core.B;
  for (ptrdiff_t row = 0; row < rows; ++row) {
    const int32_t token = tokens[row];
    float* x = core.cell_input + (first + row) * core.cell_row;
    core.tokens[first + row] = token;
    if (token < 0) {
      for (int i = 0; i < E; ++i) x[i] = 0;
      continue;
    }
    const float* from = emb + static_cast<ptrdiff_t>(token) * E;
    if (masked) {
      const float* mask = core.input_mask + (first + row) * core.input_row;
      for (int i = 0; i < E; ++i) x[i] = from[i] * mask[i];
    } else {
      for (int i = 0; i < E; ++i) x[i] = from[i];
    }
  }
}

// h_t = cell([x_t ; r_t] W + b) for t = 0..steps-1, r_0 = state, r_t = h_{t-1}. Padding columns of h stay 0.
inline Outcome recur(Core& core, const float* state, int steps) {
  const ptrdiff_t first = timeline_row(core, 0);
  const int B = core.B, E = core.E, H = core.H;
  const float *w = core.parameters[TBPTT_W].values, *bias = core.parameters[TBPTT_B].values;
  for (int t = 0; t < steps; ++t) {
    if (cancelled(core)) return Outcome::kCancelled;
    float* input = core.cell_input + (first + static_cast<ptrdiff_t>(t) * B) * core.cell_row;
    float* h = core.hidden + (first + static_cast<ptrdiff_t>(t) * B) * core.hidden_row;
    const float* before = t == 0 ? state : h - static_cast<ptrdiff_t>(B) * core.hidden_row;
    for (int b = 0; b < B; ++b)
      memcpy(input + static_cast<ptrdiff_t>(b) * core.cell_row + E, before + static_cast<ptrdiff_t>(b) * core.hidden_row,
             static_cast<size_t>(H) * sizeof(float));
    multiply<false>(B, core.hidden_row, E + H, {input, core.cell_row, 1}, w, core.hidden_row, h, core.hidden_row, bias);
    apply_cell(core.config.cell, h, B * core.hidden_row);
  }
  return Outcome::kDone;
}

// y = h * mask (or h) of N tokens, as rows and transposed by chunks; tokens beyond N are zeros.
inline void output_of(Core& core, int steps, bool masked) {
  const ptrdiff_t N = static_cast<ptrdiff_t>(steps) * core.B, padded = (N + kChunk - 1) / kChunk * kChunk;
  const ptrdiff_t row_size = core.hidden_row;
  const float* h = core.hidden + timeline_row(core, 0) * row_size;
  for (ptrdiff_t i = 0; i < N * row_size; i += kLanes) {
    Vec v = load(h + i);
    if (masked) v *= load(core.output_mask + i);
    store(core.output_rows + i, v);
  }
  memset(core.output_rows + N * row_size, 0, static_cast<size_t>((padded - N) * row_size) * sizeof(float));
  for (ptrdiff_t chunk = 0; chunk < padded / kChunk; ++chunk)
    transpose_matrix(kChunk, core.H, core.output_rows + chunk * kChunk * row_size, row_size, core.output_chunks + chunk * core.H * kChunk,
                     kChunk);
}

// What the next window's first step gets as r, into next_state. `masked` is the post-dropout carry.
inline void carry(Core& core, int steps, bool masked) {
  const ptrdiff_t last = static_cast<ptrdiff_t>(steps - 1) * core.B * core.hidden_row,
                  size = static_cast<ptrdiff_t>(core.B) * core.hidden_row;
  const float* h = core.hidden + timeline_row(core, 0) * core.hidden_row + last;
  for (ptrdiff_t i = 0; i < size; ++i) core.next_state[i] = masked ? h[i] * core.output_mask[last + i] : h[i];
}

}  // namespace
