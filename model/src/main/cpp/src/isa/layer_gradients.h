// From the errors of the pre-activations to the gradients of W, b, a layer's input and Emb.
#pragma once

#include "parallel.h"
#include "prepare.h"
#include "tile.h"

namespace {

// Rows `first` .. `end`-1 of to (inputs + H, gates) = [to if kAccumulate] + [u ; h']^T errors, over `rows` rows from a timeline's row on.
// A GRU's last gate has other errors for h' than for u.
template <bool kAccumulate>
inline void multiply_by_inputs(const RecurrentLayer& layer, ptrdiff_t timeline_row, int rows, Rows errors, int first, int end, Rows to) {
  auto product = [&](int from, int until, int gate, int gates, int part) {
    if (from < until)
      multiply<kAccumulate>({until - from, gates * layer.hidden_row, rows}, {layer.input.at(timeline_row) + from, 1, layer.input.row},
                            layer.from_part(errors, part), layer.from_part({to.at(from), to.row}, gate));
  };
  const int shared = layer.shape.shared(), own = layer.shape.gates, of_inputs = end < layer.inputs ? end : layer.inputs;
  product(first, end, 0, shared, 0);
  if (shared == own) return;
  product(first, of_inputs, shared, 1, shared);
  product(first > of_inputs ? first : of_inputs, end, shared, 1, own);
}

// to (rows, inputs) = errors W_x^T, W_x transposed
inline void multiply_by_input_weights(const RecurrentLayer& layer, int rows, Rows errors, Rows to) {
  multiply<false>({rows, static_cast<int>(layer.input_transposed.row), layer.width(layer.shape.gates)}, {errors.values, errors.row, 1},
                  layer.input_transposed, to);
}

// The gradient of W = sum over rows of [u ; h'] outer total, that of b = sum of total.
inline void weight_gradients(const Core& core, const RecurrentLayer& layer, const PreparedWindow& prepared) {
  const ptrdiff_t first = core.timeline.row(-prepared.history), rows = core.timeline.row(prepared.window.steps) - first;
  const Rows total{layer.total.at(first), layer.total.row}, gradient{layer.w->gradient, layer.gate_row};
  in_ranges(core, layer.inputs + layer.H, kTileRows, [&](ptrdiff_t first_input, ptrdiff_t end_input, const Worker&) {
    // By blocks of rows whose inputs and errors share the second-level cache.
    constexpr ptrdiff_t kRowsPerBlock = 256;
    const int from = static_cast<int>(first_input), to = static_cast<int>(end_input);
    for (ptrdiff_t block = 0; block < rows; block += kRowsPerBlock) {
      const int count = static_cast<int>(rows - block < kRowsPerBlock ? rows - block : kRowsPerBlock);
      const Rows errors{total.at(block), total.row};
      block == 0 ? multiply_by_inputs<false>(layer, first + block, count, errors, from, to, gradient)
                 : multiply_by_inputs<true>(layer, first + block, count, errors, from, to, gradient);
    }
  });
  for (int i = 0; i < total.row; i += kLanes) {
    Vec sum{};
    for (ptrdiff_t row = 0; row < rows; ++row) sum += load(total.at(row) + i);
    store(layer.b->gradient + i, sum);
  }
}

// dloss/du of a layer, of all passes together.
inline void input_gradient(const Core& core, const RecurrentLayer& layer, const PreparedWindow& prepared) {
  const ptrdiff_t first = core.timeline.row(-prepared.history), rows = core.timeline.row(prepared.window.steps) - first;
  in_ranges(core, rows, kProductRows, [&](ptrdiff_t from, ptrdiff_t to, const Worker&) {
    multiply_by_input_weights(layer, static_cast<int>(to - from), {layer.total.at(first + from), layer.total.row},
                              {layer.input_gradient.at(first + from), layer.input_gradient.row});
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
