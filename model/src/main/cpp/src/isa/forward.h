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

// activations (rows, parts) += h' W_h. A GRU's last gate has a part of its own for it. Fetches `ahead` meanwhile.
template <typename Products>
inline void add_state_product(Products& products, const RecurrentLayer& layer, int rows, Rows before, Rows activations, Fetch& ahead) {
  const int shared = layer.shape.shared() * layer.hidden_row;
  const Strips w = layer.recurrent_weights;
  products.template multiply<true>({rows, shared, layer.H}, before, w, activations, nullptr, ahead);
  if (shared == layer.gate_row) return;
  const int own = layer.shape.gates;
  products.template multiply<false>({rows, layer.hidden_row, layer.H}, before, w.from_column(shared), layer.from_part(activations, own),
                                    layer.b->values() + own * layer.hidden_row);
}

// What a step of a layer's rows reads and writes.
struct StepRows {
  Rows before;  // h' beside u
  Rows kept;    // where c' is the first part
};

inline StepRows step_rows(const RecurrentLayer& layer, ptrdiff_t row) {
  return {{layer.input.at(row) + layer.inputs, layer.input.row}, {layer.kept.at(row), layer.kept.row}};
}

// A step takes a state.
inline void take_state(const RecurrentLayer& layer, int rows, const State& state, StepRows step) {
  const size_t width = static_cast<size_t>(layer.hidden_row) * sizeof(float);
  for (ptrdiff_t i = 0; i < rows; ++i) {
    memcpy(step.before.at(i), state.h.at(i), width);
    if (layer.shape.has_c) memcpy(step.kept.at(i), state.c.at(i), width);
  }
}

// h of some rows from their pre-activations, and what the next step takes of it if there is one; padding columns stay 0.
inline void apply_cell(const RecurrentLayer& layer, int rows, StepRows step, Rows h, const StepRows* next) {
  with_cell(layer.cell, [&](auto cell) {
    // Copies: for all the compiler knows, a store changes these.
    const StepRows from = step, to = next ? *next : StepRows{};
    const Rows state = h, c = layer.from_part(step.kept, layer.shape.kept - 1);
    const int width = layer.hidden_row;
    for (ptrdiff_t row = 0; row < rows; ++row)
      for (int i = 0; i < width; i += kLanes) {
        const Vec value = cell.step({from.kept.at(row) + i, width}, from.before.at(row) + i);
        store(state.at(row) + i, value);
        if (!to.before.values) continue;
        store(to.before.at(row) + i, value);
        if constexpr (decltype(cell)::kAlong == Along::kToCell) store(to.kept.at(row) + i, load(c.at(row) + i));
      }
  });
}

// The steps 0..steps-1 of a layer whose u are there, from `state` on. What comes from u is one product of all of them; columns of the batch
// go through the steps for themselves.
template <typename Products>
inline Outcome recur(const Core& core, const RecurrentLayer& layer, const State& state, int steps) {
  const Timeline& timeline = core.timeline;
  const Rows activations = layer.from_part(layer.kept, layer.shape.first_kept), hidden = layer.hidden_of(timeline);
  const Rows w{layer.w->values(), layer.w->layout.row};
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
    const int rows = static_cast<int>(to - from);
    StepRows step = step_rows(layer, timeline.row(0) + from);
    take_state(layer, rows, {state.h.from(from), state.c.from(from)}, step);
    for (ptrdiff_t t = 0; t < steps; ++t) {
      if (cancelled(core)) return stopped.raise();
      const bool last = t + 1 == steps;
      const StepRows next = step_rows(layer, timeline.row(last ? t : t + 1) + from);
      Fetch soon;
      if (!last) soon.add(next.kept, rows, next.kept.row);
      add_state_product(products, layer, rows, step.before, layer.from_part(step.kept, layer.shape.first_kept), soon);
      apply_cell(layer, rows, step, hidden.from(t * timeline.B + from), last ? nullptr : &next);
      step = next;
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
