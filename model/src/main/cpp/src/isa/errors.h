// The errors of all passes before and after a move back, as rows (N, gates) of dloss/d(pre-activation).
//
// Each kind has: the product of some rows with W_h^T, with a Multiplier of the thread's own; keep, which puts a vector of what the move
// makes of it; and swap, which ends the move.
#pragma once

#include "packing.h"
#include "pair_multiplier.h"
#include "parallel.h"

namespace {

class Fp32Errors {
 public:
  static constexpr bool kMeasured = true;  // its rows can be asked for
  struct Multiplier {};

  explicit Fp32Errors(const RecurrentLayer& layer) : layer_(layer), now_(layer.errors[0]), next_(layer.errors[1]) {}
  void multiply(Multiplier&, ptrdiff_t row, int count, Rows product) const {
    ::multiply<false>({count, layer_.hidden_row, layer_.gates}, {now_.at(row), now_.row, 1}, layer_.recurrent_transposed, product);
  }
  TBPTT_INLINE void keep(ptrdiff_t row, int column, Vec error) const { store(next_.at(row) + column, error); }
  Rows next(ptrdiff_t row) const { return {next_.at(row), next_.row}; }
  void swap() {
    const Rows swap = now_;
    now_ = next_;
    next_ = swap;
  }

 private:
  const RecurrentLayer& layer_;
  Rows now_, next_;
};

// Rounded to bf16, with pair words of W_h^T.
class Bf16Errors {
 public:
  static constexpr bool kMeasured = false;
  using Multiplier = PairMultiplier;

  explicit Bf16Errors(const RecurrentLayer& layer)
      : layer_(layer), pairs_((layer.gates + 1) / 2), now_(layer.error_rows[0]), next_(layer.error_rows[1]) {
    const int width = layer.hidden_row, whole_blocks = (pairs_ + kPairsPerBlock - 1) / kPairsPerBlock * kPairsPerBlock;
    auto row = [&](int gate, int i) { return gate < layer.gates ? load(layer.recurrent_transposed.at(gate) + i) : Vec{}; };
    for (int pair = 0; pair < whole_blocks; ++pair)
      for (int i = 0; i < width; i += kLanes)
        store_pairs<1>(row(2 * pair, i), row(2 * pair + 1, i), {layer.recurrent_pairs + static_cast<ptrdiff_t>(pair) * width + i, 0});
  }
  void multiply(Multiplier& multiplier, ptrdiff_t row, int count, Rows product) const {
    multiplier.multiply<1>({count,
                            layer_.hidden_row,
                            pairs_,
                            {{now_ + row * kBlockDepth, 0}, layer_.error_block},
                            {{layer_.recurrent_pairs, 0}, layer_.hidden_row},
                            product,
                            false},
                           NoFetch());
  }
  TBPTT_INLINE void keep(ptrdiff_t row, int column, Vec error) const {
    store_upper_halves(round_to_bf16(error), next_ + column / kBlockDepth * layer_.error_block + row * kBlockDepth + column % kBlockDepth);
  }
  void swap() {
    uint16_t* swap = now_;
    now_ = next_;
    next_ = swap;
  }

 private:
  const RecurrentLayer& layer_;
  int pairs_;
  uint16_t *now_, *next_;
};

}  // namespace
