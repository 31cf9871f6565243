// What is measured of each lag: how large the errors are that reach it, and its part of the gradient of W. Wants k1 = 1.
#pragma once

#include "moves.h"
#include "tile.h"

namespace {

class LagNorms {
 public:
  // Injected errors times `loss_unscaled` are those of unscaled losses.
  LagNorms(const Core& core, const tbptt_gradient_output& output, const int32_t* targets, double loss_unscaled)
      : core_(core), output_(output), targets_(targets), loss_unscaled_(loss_unscaled) {}

  // Before some rows are moved: the injected errors at lag 0, the products beyond it.
  void add_rows(const Runs& runs) {
    if (!output_.lag_phi) return;
    const ptrdiff_t width = core_.layer.hidden_row;
    for (const Run& run : runs)
      for (int i = 0; i < run.rows; ++i) {
        if (targets_[run.row + i] < 0) continue;
        phi_ += norm((run.product ? run.product : run.injected) + i * width, run.link ? run.link + i * width : nullptr);
        ++losses_;
      }
  }

  // After all rows are moved: `errors` are those of the move's rows.
  void end_move(const Move& move, Rows errors) {
    if (move.lag() < output_.lags) {
      if (output_.lag_phi) output_.lag_phi[move.lag()] = losses_ > 0 ? phi_ * loss_unscaled_ / static_cast<double>(losses_) : 0;
      if (output_.lag_w_l1 || output_.lag_w_l2) measure_part(move, errors);
    }
    phi_ = 0;
    losses_ = 0;
  }

 private:
  double norm(const float* row, const float* link) const {
    double squares = 0;
    for (int i = 0; i < core_.layer.H; ++i) {
      const double error = static_cast<double>(row[i]) * (link ? static_cast<double>(link[i]) : 1.0);
      squares += error * error;
    }
    return sqrt(squares);
  }

  void measure_part(const Move& move, Rows errors) const {
    const RecurrentLayer& layer = core_.layer;
    const int inputs = layer.inputs + layer.H;
    multiply<false>({inputs, layer.gate_row, static_cast<int>(move.end() - move.begin())},
                    {layer.input.at(move.timeline_row(move.begin())), 1, layer.input.row}, errors, layer.lag_part);
    double l1 = 0, l2 = 0;
    for (int i = 0; i < inputs; ++i)
      for (int j = 0; j < layer.gates; ++j) {
        const double value = static_cast<double>(layer.lag_part.at(i)[j]);
        l1 += fabs(value);
        l2 += value * value;
      }
    if (output_.lag_w_l1) output_.lag_w_l1[move.lag()] = l1;
    if (output_.lag_w_l2) output_.lag_w_l2[move.lag()] = sqrt(l2);
  }

  const Core& core_;
  const tbptt_gradient_output& output_;
  const int32_t* targets_;
  double loss_unscaled_;
  double phi_ = 0;      // of the move
  int64_t losses_ = 0;  // counted ones that reach its lag
};

}  // namespace
