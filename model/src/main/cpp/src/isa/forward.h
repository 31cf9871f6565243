// The recurrence: from tokens to h and y.
#pragma once

#include "cells.h"
#include "masks.h"
#include "parallel.h"
#include "phases.h"
#include "tile.h"

namespace {

// h = cell(a) of `count` values, a multiple of 16, in place: of a cell with one gate h has the place of a.
inline __attribute__((noinline)) void apply_cell(int cell, float* values, ptrdiff_t count) {
  if (cell == TBPTT_CELL_IDENTITY) return;
  with_cell(cell, [&](auto policy) {
    for (ptrdiff_t i = 0; i < count; i += kLanes) store(values + i, policy.state(load(values + i)));
  });
}

// x = Emb[token] * mask into the rows of the timeline; a padding token gives zeros. Masks only where `masked`.
inline void look_up(Core& core, const int32_t* tokens, int steps, bool masked) {
  const Embedding& embedding = core.embedding;
  const int E = embedding.E;
  const float* emb = embedding.emb->values();
  const ptrdiff_t first = core.timeline.row(0), rows = static_cast<ptrdiff_t>(steps) * core.timeline.B;
  for (ptrdiff_t row = 0; row < rows; ++row) {
    const int32_t token = tokens[row];
    float* x = core.layer.input.at(first + row);
    core.timeline.tokens[first + row] = token;
    if (token < 0) {
      for (int i = 0; i < E; ++i) x[i] = 0;
      continue;
    }
    const float* from = emb + static_cast<ptrdiff_t>(token) * E;
    if (masked) {
      const float* mask = embedding.mask.at(first + row);
      for (int i = 0; i < E; ++i) x[i] = from[i] * mask[i];
    } else {
      for (int i = 0; i < E; ++i) x[i] = from[i];
    }
  }
}

// h_t = cell([x_t ; r_t] W + b) for t = 0..steps-1, r_0 = state, r_t = h_{t-1}. Padding columns of h stay 0.
inline Outcome recur(Core& core, Rows state, int steps) {
  const RecurrentLayer& layer = core.layer;
  const int B = core.timeline.B;
  const Rows w{layer.w->values(), layer.gate_row};
  Rows before = state;
  for (int t = 0; t < steps; ++t) {
    if (cancelled(core)) return Outcome::kCancelled;
    const ptrdiff_t first = core.timeline.row(t);
    const Rows input{layer.input.at(first), layer.input.row}, h{layer.hidden.at(first), layer.hidden_row};
    for (ptrdiff_t b = 0; b < B; ++b) memcpy(input.at(b) + layer.inputs, before.at(b), static_cast<size_t>(layer.H) * sizeof(float));
    multiply<false>({B, layer.gate_row, layer.inputs + layer.H}, {input.values, input.row, 1}, w, h, layer.b->values());
    apply_cell(layer.cell, h.values, B * h.row);
    before = h;
  }
  return Outcome::kDone;
}

// y = h * mask (or h) of N tokens, as rows and transposed by chunks; tokens beyond N are zeros.
inline void output_of(Core& core, int steps, bool masked) {
  const Softmax& softmax = core.softmax;
  const ptrdiff_t N = static_cast<ptrdiff_t>(steps) * core.timeline.B, padded = (N + kChunk - 1) / kChunk * kChunk;
  const ptrdiff_t row_size = softmax.hidden_row;
  const float* h = core.layer.hidden.at(core.timeline.row(0));
  float* outputs = softmax.outputs.values;
  for (ptrdiff_t i = 0; i < N * row_size; i += kLanes) {
    Vec v = load(h + i);
    if (masked) v *= load(softmax.output_mask.values + i);
    store(outputs + i, v);
  }
  memset(outputs + N * row_size, 0, static_cast<size_t>((padded - N) * row_size) * sizeof(float));
  for (ptrdiff_t chunk = 0; chunk < padded / kChunk; ++chunk)
    transpose_matrix(kChunk, softmax.H, softmax.outputs.at(chunk * kChunk), row_size, softmax.output_chunks + chunk * softmax.H * kChunk,
                     kChunk);
}

// What the next window's first step gets as r, into next_state. `masked` is the post-dropout carry.
inline void carry(Core& core, int steps, bool masked) {
  const RecurrentLayer& layer = core.layer;
  const ptrdiff_t B = core.timeline.B, last = static_cast<ptrdiff_t>(steps - 1) * B, size = B * layer.hidden_row;
  const float* h = layer.hidden.at(core.timeline.row(0) + last);
  const float* mask = masked ? core.softmax.output_mask.at(last) : nullptr;
  for (ptrdiff_t i = 0; i < size; ++i) layer.next_state.values[i] = masked ? h[i] * mask[i] : h[i];
}

}  // namespace
