// The recurrence: from tokens to the layers' states and y.
#pragma once

#include "cells.h"
#include "layer_products.h"
#include "masks.h"
#include "parallel.h"
#include "phases.h"
#include "tile.h"

namespace {

// u = Emb[token] * mask of the first layer into the rows of the timeline; a padding token gives zeros. Masks only where `masked`.
inline void look_up(Core& core, const int32_t* tokens, int steps, bool masked) {
  const RecurrentLayer& layer = core.layers[0];
  const int E = core.embedding.E;
  const float* emb = core.embedding.emb->values();
  const ptrdiff_t first = core.timeline.row(0), rows = static_cast<ptrdiff_t>(steps) * core.timeline.B;
  for (ptrdiff_t row = 0; row < rows; ++row) {
    const int32_t token = tokens[row];
    float* u = layer.input.at(first + row);
    core.timeline.tokens[first + row] = token;
    if (token < 0) {
      for (int i = 0; i < E; ++i) u[i] = 0;
      continue;
    }
    const float* from = emb + static_cast<ptrdiff_t>(token) * E;
    if (masked) {
      const float* mask = layer.mask.at(first + row);
      for (int i = 0; i < E; ++i) u[i] = from[i] * mask[i];
    } else {
      for (int i = 0; i < E; ++i) u[i] = from[i];
    }
  }
}

// u = h of the layer below * mask
inline void take_input(const Core& core, const RecurrentLayer& below, const RecurrentLayer& layer, int steps, bool masked) {
  const ptrdiff_t first = core.timeline.row(0), rows = static_cast<ptrdiff_t>(steps) * core.timeline.B;
  const Rows hidden = below.hidden_of(core.timeline);
  for (ptrdiff_t row = 0; row < rows; ++row) {
    const float *h = hidden.at(row), *mask = masked ? layer.mask.at(first + row) : nullptr;
    float* u = layer.input.at(first + row);
    for (int i = 0; i < layer.inputs; ++i) u[i] = masked ? h[i] * mask[i] : h[i];
  }
}

// activations (rows, parts) += h' W_h. A GRU's last gate has a part of its own for it.
template <typename Products>
inline void add_state_product(Products& products, const RecurrentLayer& layer, int rows, Rows before, Rows activations) {
  const int shared = layer.shape.shared() * layer.hidden_row;
  const Strips w = layer.recurrent_weights;
  products.template multiply<true>({rows, shared, layer.H}, before, w, activations);
  if (shared == layer.gate_row) return;
  const int own = layer.shape.gates;
  products.template multiply<false>({rows, layer.hidden_row, layer.H}, before, w.from_column(shared), layer.from_part(activations, own),
                                    layer.b->values() + own * layer.hidden_row);
}

// h of some rows from their pre-activations; padding columns stay 0.
inline void apply_cell(const RecurrentLayer& layer, int rows, Rows kept, Rows before, Rows h) {
  with_cell(layer.cell, [&](auto cell) {
    for (ptrdiff_t row = 0; row < rows; ++row)
      for (int i = 0; i < layer.hidden_row; i += kLanes)
        store(h.at(row) + i, cell.step({kept.at(row) + i, layer.hidden_row}, before.at(row) + i));
  });
}

// A step of some columns of the batch: rows of the timeline from `row` on, and of the window's h.
template <typename Products>
inline void step_of_columns(Products& products, const RecurrentLayer& layer, ptrdiff_t row, int rows, const State& before, Rows h) {
  const Rows input{layer.input.at(row) + layer.inputs, layer.input.row}, kept{layer.kept.at(row), layer.kept.row};
  const size_t width = static_cast<size_t>(layer.hidden_row) * sizeof(float);
  for (ptrdiff_t i = 0; i < rows; ++i) {
    memcpy(input.at(i), before.h.at(i), width);
    if (layer.shape.has_c) memcpy(kept.at(i), before.c.at(i), width);
  }
  add_state_product(products, layer, rows, before.h, layer.from_part(kept, layer.shape.first_kept));
  apply_cell(layer, rows, kept, before.h, h);
}

// The steps 0..steps-1 of a layer whose u are there, from `state` on. What comes from u is one product of all of them; columns of the batch
// go through the steps for themselves.
template <typename Products>
inline Outcome recur(const Core& core, const RecurrentLayer& layer, const State& state, int steps) {
  const Timeline& timeline = core.timeline;
  const Rows activations = layer.from_part(layer.kept, layer.shape.first_kept), hidden = layer.hidden_of(timeline),
             last_kept = layer.from_part(layer.kept, layer.shape.kept - 1);
  const Rows w{layer.w->values(), layer.gate_row};
  Products::pack(layer.inputs, layer.gate_row, w, layer.input_weights);
  Products::pack(layer.H, layer.gate_row, w.from(layer.inputs), layer.recurrent_weights);
  in_ranges(core, static_cast<ptrdiff_t>(steps) * timeline.B, kProductRows, [&](ptrdiff_t from, ptrdiff_t to, const Worker& worker) {
    const ptrdiff_t first = timeline.row(0) + from;
    Products(core, worker)
        .template multiply<false>({static_cast<int>(to - from), layer.gate_row, layer.inputs}, layer.input.from(first), layer.input_weights,
                                  activations.from(first), layer.b->values());
  });
  Flag stopped;
  in_ranges(core, timeline.B, 1, [&](ptrdiff_t from, ptrdiff_t to, const Worker& worker) {
    Products products(core, worker);
    State before{state.h.from(from), state.c.from(from)};
    for (ptrdiff_t t = 0; t < steps; ++t) {
      if (cancelled(core)) return stopped.raise();
      const ptrdiff_t row = timeline.row(t) + from;
      const Rows h = hidden.from(t * timeline.B + from);
      step_of_columns(products, layer, row, static_cast<int>(to - from), before, h);
      before = {h, last_kept.from(row)};
    }
  });
  return stopped.raised() ? Outcome::kCancelled : Outcome::kDone;
}

// All layers from the embedding up, from their `state` on.
inline Outcome recur(Core& core, const int32_t* tokens, State RecurrentLayer::*state, int steps, bool masked) {
  look_up(core, tokens, steps, masked);
  for (int i = 0; i < core.layers.count; ++i) {
    const RecurrentLayer& layer = core.layers[i];
    if (i > 0) take_input(core, core.layers[i - 1], layer, steps, masked);
    const Outcome outcome = has_bf16_layers(core.config) ? recur<Bf16LayerProducts>(core, layer, layer.*state, steps)
                                                         : recur<Fp32LayerProducts>(core, layer, layer.*state, steps);
    if (outcome == Outcome::kCancelled) return outcome;
  }
  return Outcome::kDone;
}

// y = h * mask (or h) of N tokens, as rows and transposed by chunks; tokens beyond N are zeros.
inline void output_of(Core& core, int steps, bool masked) {
  const Softmax& softmax = core.softmax;
  const ptrdiff_t N = static_cast<ptrdiff_t>(steps) * core.timeline.B, padded = (N + kChunk - 1) / kChunk * kChunk;
  const ptrdiff_t row_size = softmax.hidden_row;
  const float* h = core.layers.last().hidden_of(core.timeline).values;
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

// What the next window's first step gets as h' and c', into next_state. `masked` is the post-dropout carry.
inline void carry(Core& core, int steps, bool masked) {
  const ptrdiff_t B = core.timeline.B, last = static_cast<ptrdiff_t>(steps - 1) * B;
  for (const RecurrentLayer& layer : core.layers) {
    const float *h = layer.hidden_of(core.timeline).at(last), *mask = masked ? core.softmax.output_mask.at(last) : nullptr;
    for (ptrdiff_t i = 0; i < B * layer.hidden_row; ++i) layer.next_state.h.values[i] = masked ? h[i] * mask[i] : h[i];
    if (!layer.shape.has_c) continue;
    const Rows c = layer.from_part(layer.kept, layer.shape.kept - 1);
    for (ptrdiff_t b = 0; b < B; ++b)
      memcpy(layer.next_state.c.at(b), c.at(core.timeline.row(0) + last + b), static_cast<size_t>(layer.hidden_row) * sizeof(float));
  }
}

// The carried state becomes `state`.
inline void commit(const Core& core, State RecurrentLayer::*state) {
  for (const RecurrentLayer& layer : core.layers) {
    const State &from = layer.next_state, &to = layer.*state;
    const size_t size = static_cast<size_t>(core.timeline.B * layer.hidden_row) * sizeof(float);
    memcpy(to.h.values, from.h.values, size);
    if (layer.shape.has_c) memcpy(to.c.values, from.c.values, size);
  }
}

}  // namespace
