// What is measured of each lag: how large the errors are that reach it, and its part of the gradients of every W. Wants k1 = 1.
#pragma once

#include "layer_gradients.h"
#include "moves.h"

namespace {

class LagNorms {
 public:
  // Injected errors times `loss_unscaled` are those of unscaled losses.
  LagNorms(const Core& core, const tbptt_gradient_output& output, const int32_t* targets, double loss_unscaled)
      : core_(core), output_(output), targets_(targets), loss_unscaled_(loss_unscaled) {}

  // Before a block of a layer's rows is moved: the injected errors at lag 0, what arrives from the step after beyond it.
  void add_rows(const RecurrentLayer& layer, const Runs& runs) {
    if (!output_.lag_phi) return;
    for (const Run& run : runs)
      for (ptrdiff_t i = 0; i < run.rows; ++i) {
        double& squares = squares_[run.row + i - runs.first()];
        const ptrdiff_t at = i * layer.hidden_row;
        if (!run.product && &layer == &core_.layers.last()) add(run.injected + at, nullptr, nullptr, squares);
        if (!run.product) continue;
        add(run.product + at, run.link ? run.link + at : nullptr, layer.shape.gated() && !layer.shape.has_c ? run.along + at : nullptr,
            squares);
        if (layer.shape.has_c) add(run.along + at, nullptr, nullptr, squares);
      }
  }

  // When a block of rows is through all layers.
  void end_rows(ptrdiff_t row, int count) {
    for (int i = 0; i < count; ++i) {
      if (targets_[row + i] >= 0) {
        phi_ += sqrt(squares_[i]);
        ++losses_;
      }
      squares_[i] = 0;
    }
  }

  // After all rows are moved: errors_of(layer) are those of the move's rows.
  template <typename ErrorsOf>
  void end_move(const Move& move, ErrorsOf errors_of) {
    if (move.lag() < output_.lags) {
      if (output_.lag_phi) output_.lag_phi[move.lag()] = losses_ > 0 ? phi_ * loss_unscaled_ / static_cast<double>(losses_) : 0;
      if (output_.lag_w_l1 || output_.lag_w_l2) {
        double l1 = 0, l2 = 0;
        for (const RecurrentLayer& layer : core_.layers) measure_part(layer, move, errors_of(layer), l1, l2);
        if (output_.lag_w_l1) output_.lag_w_l1[move.lag()] = l1;
        if (output_.lag_w_l2) output_.lag_w_l2[move.lag()] = sqrt(l2);
      }
    }
    phi_ = 0;
    losses_ = 0;
  }

 private:
  // squares += those of row link + more
  void add(const float* row, const float* link, const float* more, double& squares) const {
    for (int i = 0; i < core_.softmax.H; ++i) {
      const double error =
          static_cast<double>(row[i]) * (link ? static_cast<double>(link[i]) : 1.0) + (more ? static_cast<double>(more[i]) : 0.0);
      squares += error * error;
    }
  }

  void measure_part(const RecurrentLayer& layer, const Move& move, Rows errors, double& l1, double& l2) const {
    const int inputs = layer.inputs + layer.H;
    multiply_by_inputs(Fp32LayerProducts(core_, core_.workers[0]), layer, move.timeline_row(move.begin()), move.end() - move.begin(),
                       errors, 0, inputs, layer.lag_part);
    for (int i = 0; i < inputs; ++i)
      for (int gate = 0; gate < layer.shape.gates; ++gate)
        for (int j = 0; j < layer.H; ++j) {
          const double value = static_cast<double>(layer.lag_part.at(i)[gate * layer.hidden_row + j]);
          l1 += fabs(value);
          l2 += value * value;
        }
  }

  const Core& core_;
  const tbptt_gradient_output& output_;
  const int32_t* targets_;
  double loss_unscaled_;
  double squares_[kProductRows] = {};  // of the block's rows
  double phi_ = 0;                     // of the move
  int64_t losses_ = 0;                 // counted ones that reach its lag
};

}  // namespace
