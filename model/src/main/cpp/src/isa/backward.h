// Back-propagation through time for every style of truncation, all its passes at once (moves.h): in each layer one matrix product carries
// all rows one step back; of a cell without gates
//   error_j(p) = [(error_j(p-1) W_h^T) link_s + from above] f'(h_s);   total_s += error_j(p)
// where the last layer gets injected_s from above while p < k1, and one below it what the errors of this move are to its output.
// k1 = 1 gives lag products over all (t,b) rows (move p is lag p), k1 = T the one pass of full back-propagation.
#pragma once

#include "cells.h"
#include "errors.h"
#include "lag_norms.h"
#include "layer_gradients.h"
#include "phases.h"

namespace {

// The errors of a run from what arrives at its states; total = or += them.
template <typename Cell>
TBPTT_INLINE void finish_run(const RecurrentLayer& layer, const Errors& errors, const Run& run) {
  const int width = layer.hidden_row, parts = layer.shape.parts;
  for (ptrdiff_t row = 0, at = 0; row < run.rows; ++row)
    for (int i = 0; i < width; i += kLanes, at += kLanes) {
      Vec dh{}, dc{};
      if (run.product) {
        const Vec xi = splat(run.xi);
        dh = load(run.product + at) * xi;
        if constexpr (Cell::kAlong == Along::kToHidden) dh = fma(load(run.along + at), xi, dh);
        if constexpr (Cell::kAlong == Along::kToCell) dc = load(run.along + at) * xi;
      }
      if (run.link) dh *= load(run.link + at);
      if (run.injected) dh += run.mask ? load(run.injected + at) * load(run.mask + at) : load(run.injected + at);
      float* total = run.total + row * parts * width + i;
      const Vec along = Cell::back({run.kept.at(row) + i, width}, run.before.at(row) + i, dh, dc, [&](int part, Vec error) {
        errors.keep(run.row + row, part * width + i, error);
        store(total + part * width, run.adds ? load(total + part * width) + error : error);
      });
      if constexpr (Cell::kAlong != Along::kNothing) store(run.along + at, along);
    }
}

// A move of a block of a layer's rows. Fetches `ahead` during its product.
template <typename Products>
inline void move_block(const RecurrentLayer& layer, const Move& move, const Injected& above, ptrdiff_t row, int count, Products& products,
                       const Worker& worker, Fetch& ahead, LagNorms* norms) {
  const Errors errors(layer, move.lag());
  if (move.lag() > 0) errors.multiply(products, row, count, worker.product, ahead);
  const Runs runs(move, layer, above, row, count, worker.product);
  if (norms) norms->add_rows(layer, runs);
  for (const Run& run : runs) with_cell(layer.cell, [&](auto cell) { finish_run<decltype(cell)>(layer, errors, run); });
}

// body(row, count) for blocks of the rows first..end-1.
template <typename Body>
inline void for_each_block(ptrdiff_t first, ptrdiff_t end, Body body) {
  for (ptrdiff_t row = first; row < end; row += kProductRows)
    body(row, static_cast<int>(end - row < kProductRows ? end - row : kProductRows));
}

// The one pass of full back-propagation: all moves of a layer, each column of the batch for itself, then all that it sends to the one
// below.
template <typename OfErrors, typename OfInputs>
inline Outcome one_pass(const Core& core, const PreparedWindow& prepared, int moves) {
  Injected above{core.softmax.injected, {}, Injected::kOfWindow};
  Flag stopped;
  for (int i = core.layers.count - 1; i >= 0; --i) {
    const RecurrentLayer& layer = core.layers[i];
    in_ranges(core, core.timeline.B, 1, [&](ptrdiff_t first, ptrdiff_t end, const Worker& worker) {
      OfErrors products(core, worker);
      for (int p = 0; p < moves; ++p) {
        if (cancelled(core)) return stopped.raise();
        const Move move(core, prepared, p);
        for_each_block(first, end, [&](ptrdiff_t row, int count) {
          const ptrdiff_t place = move.timeline_row(row);
          Fetch soon;  // what the move reads and writes after its product
          soon.add(layer.kept.from(place), count, layer.kept.row);
          soon.add(layer.total.from(place), count, layer.total.row);
          move_block(layer, move, above, row, count, products, worker, soon, nullptr);
        });
      }
    });
    if (stopped.raised()) return Outcome::kCancelled;
    if (i > 0) input_gradient<OfInputs>(core, layer, prepared);
    above = {layer.input_gradient, layer.mask, Injected::kOfTimeline};
  }
  return Outcome::kDone;
}

// A move of rows first..end-1 through the layers from the last one down. Measured ones come all at once.
template <typename Products>
inline void move_rows(const Core& core, const Move& move, ptrdiff_t first, ptrdiff_t end, const Worker& worker, LagNorms* norms) {
  Products products(core, worker);
  for_each_block(first, end, [&](ptrdiff_t row, int count) {
    Injected above{core.softmax.injected, {}, Injected::kOfWindow};
    for (int i = core.layers.count - 1; i >= 0; --i) {
      const RecurrentLayer& layer = core.layers[i];
      Fetch nothing;
      move_block(layer, move, above, row, count, products, worker, nothing, norms);
      if (i == 0) break;
      multiply_by_input_weights(products, layer, count, Errors(layer, move.lag()).next(row), worker.from_above);
      above = {worker.from_above, layer.mask, Injected::kOfBlock};
    }
    if (norms) norms->end_rows(row, count);
  });
}

template <typename Products>
inline Outcome many_passes(const Core& core, const PreparedWindow& prepared, int moves, LagNorms* norms) {
  for (int p = 0; p < moves; ++p) {
    if (cancelled(core)) return Outcome::kCancelled;
    const Move move(core, prepared, p);
    if (move.begin() == move.end()) break;
    if (norms) {
      move_rows<Products>(core, move, move.begin(), move.end(), core.workers[0], norms);
      norms->end_move(move, [&](const RecurrentLayer& layer) { return Errors(layer, p).next(move.begin()); });
    } else {
      in_ranges(core, move.end() - move.begin(), kProductRows, [&](ptrdiff_t first, ptrdiff_t end, const Worker& worker) {
        move_rows<Products>(core, move, move.begin() + first, move.begin() + end, worker, nullptr);
      });
    }
  }
  return Outcome::kDone;
}

// Fills every layer's total over steps -history .. T-1, and the input gradients of all but the first layer where there is one pass. norms
// is null when no lags are wanted; they want fp32 errors. The errors' products with W_h^T are of one kind, the inputs' of one that may be
// another where there is one layer.
template <typename OfErrors, typename OfInputs>
inline Outcome propagate_back(const Core& core, const PreparedWindow& prepared, LagNorms* norms) {
  const tbptt_window& window = prepared.window;
  const ptrdiff_t steps = window.steps + prepared.history;
  const int moves = static_cast<int>(window.reach < steps ? window.reach : steps);
  for (const RecurrentLayer& layer : core.layers) {
    // Zeros where passes add up, and in the history that the one pass does not reach.
    memset(layer.total.at(core.timeline.row(-prepared.history)), 0,
           static_cast<size_t>((prepared.single_pass() ? steps - moves : steps) * core.timeline.B * layer.total.row) * sizeof(float));
    const Rows w{layer.w->values(), layer.w->layout.row};
    const int gates = layer.width(layer.shape.gates);
    OfErrors::pack_transposed(layer.H, gates, w.from(layer.inputs), layer.recurrent_transposed);
    OfInputs::pack_transposed(layer.inputs, gates, w, layer.input_transposed);
  }
  return prepared.single_pass() && !norms ? one_pass<OfErrors, OfInputs>(core, prepared, moves)
                                          : many_passes<OfErrors>(core, prepared, moves, norms);
}

}  // namespace
