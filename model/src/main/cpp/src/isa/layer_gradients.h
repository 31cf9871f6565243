// From the errors of the pre-activations to the gradients of W, b and Emb.
#pragma once

#include "parallel.h"
#include "prepare.h"
#include "tile.h"

namespace {

// The gradient of W = sum over rows of [x ; r] outer total, that of b = sum of total, input_gradient = total W_x^T.
inline void layer_gradients(const Core& core, const PreparedWindow& prepared) {
  const RecurrentLayer& layer = core.layer;
  const ptrdiff_t first = core.timeline.row(-prepared.history), rows = core.timeline.row(prepared.window.steps) - first;
  const Rows total{layer.total.at(first), layer.total.row}, w_gradient{layer.w->gradient, layer.gate_row};
  in_ranges(core, layer.inputs + layer.H, kTileRows, [&](ptrdiff_t first_input, ptrdiff_t end_input, const Worker&) {
    const Rows gradient{w_gradient.at(first_input), w_gradient.row};
    // By blocks of rows whose inputs and errors share the second-level cache.
    constexpr ptrdiff_t kRowsPerBlock = 256;
    for (ptrdiff_t block = 0; block < rows; block += kRowsPerBlock) {
      const Extent size{static_cast<int>(end_input - first_input), layer.gate_row,
                        static_cast<int>(rows - block < kRowsPerBlock ? rows - block : kRowsPerBlock)};
      const Strided inputs{layer.input.at(first + block) + first_input, 1, layer.input.row};
      const Rows errors{total.at(block), total.row};
      block == 0 ? multiply<false>(size, inputs, errors, gradient) : multiply<true>(size, inputs, errors, gradient);
    }
  });
  for (int i = 0; i < layer.gate_row; i += kLanes) {
    Vec sum{};
    for (ptrdiff_t row = 0; row < rows; ++row) sum += load(total.at(row) + i);
    store(layer.b->gradient + i, sum);
  }
  const Rows transposed = layer.input_transposed;
  const int width = static_cast<int>(transposed.row);
  transpose_matrix(layer.inputs, layer.gates, layer.w->values(), layer.w->layout.row, transposed.values, transposed.row);
  in_ranges(core, rows, kProductRows, [&](ptrdiff_t from, ptrdiff_t to, const Worker&) {
    multiply<false>({static_cast<int>(to - from), width, layer.gates}, {total.at(from), total.row, 1}, transposed,
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
    const float *from = core.layer.input_gradient.at(row), *mask = core.embedding.mask.at(row);
    for (int i = 0; i < core.embedding.E; ++i) to[i] += from[i] * mask[i];
  });
}

inline void clear_embedding_gradient(const Core& core, const PreparedWindow& prepared) {
  for_each_word(core, prepared, [&](ptrdiff_t, float* to) { memset(to, 0, static_cast<size_t>(core.embedding.E) * sizeof(float)); });
}

}  // namespace
