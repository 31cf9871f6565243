// Back-propagation through time for every style of truncation, all its passes at once (moves.h): one matrix product carries all rows one
// step back,
//   error_j(p) = [(error_j(p-1) W_h^T) link_s + (p < k1 ? injected_s : 0)] cell'(h_s);   total_s += error_j(p)
// k1 = 1 gives lag products over all (t,b) rows (move p is lag p), k1 = T the one pass of full back-propagation.
#pragma once

#include "cells.h"
#include "errors.h"
#include "lag_norms.h"
#include "phases.h"

namespace {

// error = (product link + injected) cell'(h), total += error
template <typename Cell, typename Errors>
TBPTT_INLINE void finish_run(const Errors& errors, const Run& run, int width) {
  for (ptrdiff_t row = 0, at = 0; row < run.rows; ++row)
    for (int i = 0; i < width; i += kLanes, at += kLanes) {
      Vec error{};
      if (run.product) error = load(run.product + at) * splat(run.xi);
      if (run.link) error *= load(run.link + at);
      if (run.injected) error += load(run.injected + at);
      error *= Cell::derivative(load(run.h + at));
      errors.keep(run.row + row, i, error);
      store(run.total + at, load(run.total + at) + error);
    }
}

// Moves rows first .. end-1. Measured ones come all at once and in order.
template <typename Errors>
inline void move_rows(const Core& core, const Errors& errors, const Move& move, ptrdiff_t first, ptrdiff_t end, const Worker& worker,
                      LagNorms* norms) {
  typename Errors::Multiplier multiplier;
  for (ptrdiff_t row = first; row < end; row += kProductRows) {
    const int count = static_cast<int>(end - row < kProductRows ? end - row : kProductRows);
    if (move.lag() > 0) errors.multiply(multiplier, row, count, worker.product);
    const Runs runs(move, row, count, worker.product);
    if (norms) norms->add_rows(runs);
    for (const Run& run : runs)
      with_cell(core.layer.cell, [&](auto cell) { finish_run<decltype(cell)>(errors, run, core.layer.hidden_row); });
  }
}

// Fills total over steps -history .. T-1. norms is null when no lags are wanted; they want fp32 errors.
template <typename Errors>
inline Outcome propagate_back(const Core& core, const PreparedWindow& prepared, LagNorms* norms) {
  const RecurrentLayer& layer = core.layer;
  const int steps = prepared.window.steps + prepared.history, moves = prepared.window.reach < steps ? prepared.window.reach : steps;
  memset(layer.total.at(core.timeline.row(-prepared.history)), 0,
         static_cast<size_t>(steps) * static_cast<size_t>(core.timeline.B) * static_cast<size_t>(layer.gate_row) * sizeof(float));
  transpose_matrix(layer.H, layer.gates, layer.w->values() + layer.inputs * layer.w->layout.row, layer.w->layout.row,
                   layer.recurrent_transposed.values, layer.recurrent_transposed.row);

  Errors errors(layer);
  for (int p = 0; p < moves; ++p) {
    if (cancelled(core)) return Outcome::kCancelled;
    const Move move(core, prepared, p);
    if (move.begin() == move.end()) break;
    if (norms)
      move_rows(core, errors, move, move.begin(), move.end(), core.workers[0], norms);
    else
      in_ranges(core, move.end() - move.begin(), kProductRows, [&](ptrdiff_t first, ptrdiff_t end, const Worker& worker) {
        move_rows(core, errors, move, move.begin() + first, move.begin() + end, worker, nullptr);
      });
    if constexpr (Errors::kMeasured)
      if (norms) norms->end_move(move, errors.next(move.begin()));
    errors.swap();
  }
  return Outcome::kDone;
}

}  // namespace
