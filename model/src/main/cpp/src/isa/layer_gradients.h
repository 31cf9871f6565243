// From the errors of the pre-activations to the gradients of W, b, a layer's input and Emb.
#pragma once

#include "layer_products.h"
#include "prepare.h"

namespace {

// Rows `first` .. `end`-1 of to (inputs + H, gates) = [u ; h']^T errors, over `rows` rows from a timeline's row on. A GRU's last gate has
// other errors for h' than for u.
template <typename Products>
inline void multiply_by_inputs(Products&& products, const RecurrentLayer& layer, ptrdiff_t timeline_row, ptrdiff_t rows, Rows errors,
                               int first, int end, Rows to) {
  const int gates = layer.shape.gates, shared = layer.shape.shared();
  const Rows input = layer.input.from(timeline_row);
  auto part = [&](int from, int until, bool of_state) {
    if (from >= until) return;
    const int count = until - from;
    products.group(rows, input, from, count);
    const Rows c = to.from(from);
    products.multiply_groups(from, count, (of_state ? shared : gates) * layer.hidden_row, rows, errors, c);
    if (of_state && shared < gates)
      products.multiply_groups(from, count, layer.hidden_row, rows, layer.from_part(errors, gates), layer.from_part(c, shared));
  };
  if (shared == gates) return part(first, end, false);  // u and h' are one matrix
  part(first, end < layer.inputs ? end : layer.inputs, false);
  part(first > layer.inputs ? first : layer.inputs, end, true);
}

// to (rows, inputs) = errors W_x^T, W_x transposed
template <typename Products>
inline void multiply_by_input_weights(Products&& products, const RecurrentLayer& layer, int rows, Rows errors, Rows to) {
  products.template multiply<false>({rows, layer.input_row, layer.width(layer.shape.gates)}, errors, layer.input_transposed, to);
}

// The gradient of W = sum over rows of [u ; h'] outer total, that of b = sum of total.
template <typename Products>
inline void weight_gradients(const Core& core, const RecurrentLayer& layer, const PreparedWindow& prepared) {
  const ptrdiff_t first = core.timeline.row(-prepared.history), rows = core.timeline.row(prepared.window.steps) - first;
  const Rows total = layer.total.from(first), gradient{layer.w->gradient, layer.w->layout.row};
  in_ranges(core, layer.inputs + layer.H, Products::kColumnsTogether,
            [&](ptrdiff_t first_input, ptrdiff_t end_input, const Worker& worker) {
              multiply_by_inputs(Products(core, worker), layer, first, rows, total, static_cast<int>(first_input),
                                 static_cast<int>(end_input), gradient);
            });
  // Several cache lines of a row at once: rows are far apart in memory.
  constexpr int kLine = 16, kVectorsTogether = 8;
  in_ranges(core, total.row, kLine, [&](ptrdiff_t first_column, ptrdiff_t end_column, const Worker&) {
    for_each_group<kVectorsTogether>(static_cast<int>(end_column - first_column) / kLanes, [&](auto group, int vector) {
      const ptrdiff_t column = first_column + vector * kLanes;
      Vec sums[decltype(group)::value] = {};
      for (ptrdiff_t row = 0; row < rows; ++row)
        for (int i = 0; i < decltype(group)::value; ++i) sums[i] += load(total.at(row) + column + i * kLanes);
      for (int i = 0; i < decltype(group)::value; ++i) store(layer.b->gradient + column + i * kLanes, sums[i]);
    });
  });
}

// dloss/du of a layer, of all passes together.
template <typename Products>
inline void input_gradient(const Core& core, const RecurrentLayer& layer, const PreparedWindow& prepared) {
  const ptrdiff_t first = core.timeline.row(-prepared.history), rows = core.timeline.row(prepared.window.steps) - first;
  in_ranges(core, rows, kProductRows, [&](ptrdiff_t from, ptrdiff_t to, const Worker& worker) {
    multiply_by_input_weights(Products(core, worker), layer, static_cast<int>(to - from), layer.total.from(first + from),
                              layer.input_gradient.from(first + from));
  });
}

// body(row of the timeline, row of Emb's gradient) for every row with a token.
template <typename Body>
inline void for_each_word(const Core& core, const PreparedWindow& prepared, Body body) {
  const Timeline& timeline = core.timeline;
  const Parameter& emb = *core.embedding.emb;
  for (ptrdiff_t row = timeline.row(-prepared.history); row < timeline.row(prepared.window.steps); ++row)
    if (timeline.tokens[row] >= 0) body(row, emb.gradient + timeline.tokens[row] * emb.layout.row);
}

// Emb's gradient += input_gradient mask
inline void scatter_embedding_gradient(const Core& core, const PreparedWindow& prepared) {
  for_each_word(core, prepared, [&](ptrdiff_t row, float* to) {
    const float *from = core.layers[0].input_gradient.at(row), *mask = core.layers[0].mask.at(row);
    for (int i = 0; i < core.embedding.E; ++i) to[i] += from[i] * mask[i];
  });
}

inline void clear_embedding_gradient(const Core& core, const PreparedWindow& prepared) {
  for_each_word(core, prepared, [&](ptrdiff_t, float* to) { memset(to, 0, static_cast<size_t>(core.embedding.E) * sizeof(float)); });
}

}  // namespace
