// Back-propagation through time for every style of truncation, all its passes at once.
//
// Pass j starts at step end_j = j k1 + k1 - 1. In move p = 0, 1, ... k2-1 every pass stands at its step s = end_j - p, so that one matrix
// product carries all (pass, column) rows one step back:
//   error_j(p) = [(error_j(p-1) W_h^T) link_s + (p < k1 ? injected_s : 0)] cell'(h_s);   total_s += error_j(p)
// k1 = 1 gives lag products over all (t,b) rows (move p is lag p), k1 = T the one pass of full back-propagation.
// A pass drops out below step -P; those are the first passes, so the rows that stay are contiguous.
#pragma once

#include "pair_multiplier.h"
#include "softmax_gradient.h"

namespace {

struct LagNorms {
  const tbptt_gradient_output* output;
  double loss_unscaled;  // injected errors times this are those of unscaled losses
  const int32_t* targets;
};

TBPTT_INLINE Vec cell_derivative(int cell, Vec h) {
  if (cell == TBPTT_CELL_TANH) return splat(1.0f) - h * h;
  if (cell == TBPTT_CELL_RELU) return h > Vec{} ? splat(1.0f) : Vec{};
  return splat(1.0f);
}

// The errors of all passes before and after a move, fp32: rows (N, hidden_row). propagate_back asks for: a product of some rows with W_h^T, and
// to keep a vector of what the move makes of it.
class Fp32Errors {
 public:
  static constexpr bool kMeasured = true;  // its rows can be asked for
  struct Multiplier {};

  explicit Fp32Errors(Core& core) : core_(core), now_(core.errors[0]), next_(core.errors[1]) {}
  void multiply(Multiplier&, ptrdiff_t row, int count, float* product) const {
    const ptrdiff_t width = core_.hidden_row;
    ::multiply<false>(count, core_.hidden_row, core_.H, {now_ + row * width, width, 1}, core_.recurrent_transposed, width, product, width,
                      nullptr);
  }
  TBPTT_INLINE void keep(ptrdiff_t row, int column, Vec error) const { store(next_ + row * core_.hidden_row + column, error); }
  const float* next(ptrdiff_t row) const { return next_ + row * core_.hidden_row; }
  void swap() {
    float* swap = now_;
    now_ = next_;
    next_ = swap;
  }

 private:
  const Core& core_;
  float *now_, *next_;
};

// The same rounded to bf16, 32 columns of all rows and then the next 32, with pair words of W_h^T.
class Bf16Errors {
 public:
  static constexpr bool kMeasured = false;
  using Multiplier = PairMultiplier;

  explicit Bf16Errors(Core& core)
      : core_(core), blocks_((core.H + kBlockDepth - 1) / kBlockDepth), now_(core.error_rows[0]), next_(core.error_rows[1]) {
    const ptrdiff_t width = core.hidden_row;
    auto row = [&](int h, ptrdiff_t i) { return h < core.H ? load(core.recurrent_transposed + h * width + i) : Vec{}; };
    for (int pair = 0; pair < blocks_ * kPairsPerBlock; ++pair)
      for (ptrdiff_t i = 0; i < width; i += kLanes)
        store_int(core.recurrent_pairs + pair * width + i, round_to_pair(row(2 * pair, i), row(2 * pair + 1, i)));
  }
  void multiply(Multiplier& multiplier, ptrdiff_t row, int count, float* product) const {
    const int width = core_.hidden_row;
    multiplier.multiply<1>(
        {count, width, blocks_, (core_.H + 1) / 2 - (blocks_ - 1) * kPairsPerBlock, now_ + row * kBlockDepth, core_.error_block, 0,
         core_.recurrent_pairs, width, static_cast<ptrdiff_t>(kPairsPerBlock) * width, 0, product, width, false},
        [] {});
  }
  TBPTT_INLINE void keep(ptrdiff_t row, int column, Vec error) const {
    store_upper_halves(round_to_bf16(error), next_ + column / kBlockDepth * core_.error_block + row * kBlockDepth + column % kBlockDepth);
  }
  void swap() {
    uint16_t* swap = now_;
    now_ = next_;
    next_ = swap;
  }

 private:
  const Core& core_;
  int blocks_;
  uint16_t *now_, *next_;
};

// Rows first .. first+rows-1 of a move: error = (product link + injected) cell'(h), total += error. Any of product, injected, link may be
// null.
template <typename Errors>
TBPTT_INLINE void finish_rows(const Errors& errors, int cell, ptrdiff_t first, int rows, int width, const float* product, const float* link,
                              float xi, const float* injected, const float* h, float* total) {
  for (ptrdiff_t row = 0, at = 0; row < rows; ++row)
    for (int i = 0; i < width; i += kLanes, at += kLanes) {
      Vec error{};
      if (product) error = load(product + at) * splat(xi);
      if (link) error *= load(link + at);
      if (injected) error += load(injected + at);
      error *= cell_derivative(cell, load(h + at));
      errors.keep(first + row, i, error);
      store(total + at, load(total + at) + error);
    }
}

inline double error_norm(int width, const float* row, const float* link) {
  double squares = 0;
  for (int i = 0; i < width; ++i) {
    const double error = static_cast<double>(row[i]) * (link ? static_cast<double>(link[i]) : 1.0);
    squares += error * error;
  }
  return sqrt(squares);
}

inline void measure_lag_part(Core& core, const LagNorms& norms, int lag, const float* errors, ptrdiff_t first_row, ptrdiff_t rows) {
  if (!norms.output->lag_w_l1 && !norms.output->lag_w_l2) return;
  multiply<false>(core.E + core.H, core.hidden_row, static_cast<int>(rows), {core.cell_input + first_row * core.cell_row, 1, core.cell_row},
                  errors, core.hidden_row, core.w_part, core.hidden_row, nullptr);
  double l1 = 0, l2 = 0;
  for (ptrdiff_t i = 0; i < core.E + core.H; ++i)
    for (int j = 0; j < core.H; ++j) {
      const double value = static_cast<double>(core.w_part[i * core.hidden_row + j]);
      l1 += fabs(value);
      l2 += value * value;
    }
  if (norms.output->lag_w_l1) norms.output->lag_w_l1[lag] = l1;
  if (norms.output->lag_w_l2) norms.output->lag_w_l2[lag] = sqrt(l2);
}

// Fills total over steps -history .. T-1. norms is null when no lags are wanted; they want fp32 errors.
template <typename Errors>
inline Outcome propagate_back(Core& core, const tbptt_window& window, int history, bool linked, const LagNorms* norms) {
  const int T = window.steps, B = core.B, k1 = window.inject_every, width = core.hidden_row, cell = core.config.cell;
  const ptrdiff_t row_size = width, window_row = timeline_row(core, 0);
  const int passes = T / k1;
  const int moves = window.reach < T + history ? window.reach : T + history;
  const float* hidden = core.hidden + window_row * row_size;
  float* total = core.total + window_row * row_size;
  memset(total - static_cast<ptrdiff_t>(history) * B * row_size, 0,
         static_cast<size_t>(T + history) * static_cast<size_t>(B) * static_cast<size_t>(width) * sizeof(float));
  transpose_matrix(core.H, core.H, core.parameters[TBPTT_W].values + core.E * row_size, row_size, core.recurrent_transposed, row_size);

  Errors errors(core);
  for (int p = 0; p < moves; ++p) {
    if (cancelled(core)) return Outcome::kCancelled;
    // Passes that are still at or above -history: (j+1) k1 - 1 - p >= -history.
    const int above = p - history + 1;
    const int first_pass = above <= 0 ? 0 : (above + k1 - 1) / k1 - 1;
    if (first_pass >= passes) break;
    double phi = 0;
    int64_t losses = 0;  // counted ones that reach this lag
    const bool wants_phi = norms && norms->output->lag_phi;
    const ptrdiff_t begin = static_cast<ptrdiff_t>(first_pass) * B, end = static_cast<ptrdiff_t>(passes) * B;
    auto move_rows = [&](ptrdiff_t first, ptrdiff_t last, const Worker& worker) {
      typename Errors::Multiplier multiplier;
      for (ptrdiff_t row = begin + first; row < begin + last; row += kProductRows) {
        const int count = static_cast<int>(begin + last - row < kProductRows ? begin + last - row : kProductRows);
        if (p > 0) errors.multiply(multiplier, row, count, worker.product);
        for (int i = 0, run; i < count; i += run) {
          // A run of rows that lie behind one another everywhere: a step's columns; with k1 = 1 also step after step.
          const ptrdiff_t pass = (row + i) / B, column = (row + i) % B;
          const ptrdiff_t step = (pass + 1) * k1 - 1 - p, at = step * B + column;
          const bool edge = step < 0 && p > 0 && core.edge[core.history_capacity + step] != 0;
          const bool alone = wants_phi || (linked && p > 0);
          run = alone ? 1 : k1 == 1 && step >= 0 ? count - i : static_cast<int>(count - i < B - column ? count - i : B - column);
          const float* link = edge ? core.link + (timeline_row(core, step) + column) * row_size : nullptr;
          const float xi = linked && p > 0 && step + 1 >= 0 ? core.link_mask[at + B] : 1.0f;
          const float* product = p > 0 ? worker.product + i * row_size : nullptr;
          const float* injected = p < k1 ? core.injected + at * row_size : nullptr;
          if (wants_phi && norms->targets[row + i] >= 0) {  // k1 = 1: at lag 0 the injected error alone, beyond it the product alone
            phi += error_norm(core.H, p > 0 ? product : injected, link);
            ++losses;
          }
          finish_rows(errors, cell, row + i, run, width, product, link, xi, injected, hidden + at * row_size, total + at * row_size);
        }
      }
    };
    if (norms)
      move_rows(0, end - begin, core.workers[0]);  // its sums are over all rows
    else
      in_ranges(core, end - begin, kProductRows, move_rows);
    if constexpr (Errors::kMeasured)
      if (norms && p < norms->output->lags) {
        if (wants_phi) norms->output->lag_phi[p] = losses > 0 ? phi * norms->loss_unscaled / static_cast<double>(losses) : 0;
        measure_lag_part(core, *norms, p, errors.next(begin), window_row + (static_cast<ptrdiff_t>(first_pass) - p) * B, end - begin);
      }
    errors.swap();
  }
  return Outcome::kDone;
}

// w_gradient = sum over rows of [x ; r] outer total, b_gradient = sum of total, input_gradient = total W_x^T.
inline void recurrent_gradients(Core& core, int steps, int history) {
  const ptrdiff_t first = timeline_row(core, -history), rows = static_cast<ptrdiff_t>(steps + history) * core.B, width = core.hidden_row;
  const float* total = core.total + first * width;
  in_ranges(core, core.E + core.H, kTileRows, [&](ptrdiff_t first_input, ptrdiff_t end_input, const Worker&) {
    const int inputs_here = static_cast<int>(end_input - first_input);
    float* gradient = core.w_gradient + first_input * width;
    // By blocks of rows whose inputs and errors share the second-level cache.
    constexpr ptrdiff_t kRowsPerBlock = 256;
    for (ptrdiff_t block = 0; block < rows; block += kRowsPerBlock) {
      const int depth = static_cast<int>(rows - block < kRowsPerBlock ? rows - block : kRowsPerBlock);
      const Strided inputs{core.cell_input + (first + block) * core.cell_row + first_input, 1, core.cell_row};
      if (block == 0)
        multiply<false>(inputs_here, core.hidden_row, depth, inputs, total, width, gradient, width, nullptr);
      else
        multiply<true>(inputs_here, core.hidden_row, depth, inputs, total + block * width, width, gradient, width, nullptr);
    }
  });
  for (int i = 0; i < core.hidden_row; i += kLanes) {
    Vec sum{};
    for (ptrdiff_t row = 0; row < rows; ++row) sum += load(total + row * width + i);
    store(core.b_gradient + i, sum);
  }
  transpose_matrix(core.E, core.H, core.parameters[TBPTT_W].values, width, core.input_transposed, core.input_row);
  in_ranges(core, rows, kProductRows, [&](ptrdiff_t from, ptrdiff_t to, const Worker&) {
    multiply<false>(static_cast<int>(to - from), core.input_row, core.H, {total + from * width, width, 1}, core.input_transposed,
                    core.input_row, core.input_gradient + (first + from) * core.input_row, core.input_row, nullptr);
  });
}

// emb_gradient[token] += input_gradient mask for every row with a token.
inline void scatter_embedding_gradient(Core& core, int steps, int history) {
  const ptrdiff_t first = timeline_row(core, -history), end = timeline_row(core, steps);
  for (ptrdiff_t row = first; row < end; ++row) {
    if (core.tokens[row] < 0) continue;
    float* to = core.emb_gradient + static_cast<ptrdiff_t>(core.tokens[row]) * core.E;
    const float *from = core.input_gradient + row * core.input_row, *mask = core.input_mask + row * core.input_row;
    for (int i = 0; i < core.E; ++i) to[i] += from[i] * mask[i];
  }
}

inline void clear_embedding_gradient(Core& core, int steps, int history) {
  const ptrdiff_t first = timeline_row(core, -history), end = timeline_row(core, steps);
  for (ptrdiff_t row = first; row < end; ++row)
    if (core.tokens[row] >= 0)
      memset(core.emb_gradient + static_cast<ptrdiff_t>(core.tokens[row]) * core.E, 0, static_cast<size_t>(core.E) * sizeof(float));
}

}  // namespace
