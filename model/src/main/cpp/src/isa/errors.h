// A layer's errors of all passes before and after a move back, as rows (N, parts) of dloss/da.
//
// Each kind has: prepare, once for all moves; the product of some rows with W_h^T, with a Multiplier of the thread's own; and keep, which
// puts a vector of what the move makes of it. Threads share rows out by multiples of kRowsTogether.
#pragma once

#include "packing.h"
#include "pair_multiplier.h"
#include "parallel.h"

namespace {

class Fp32Errors {
 public:
  static constexpr int kRowsTogether = 1;
  struct Multiplier {};

  Fp32Errors(const RecurrentLayer& layer, int move) : layer_(layer), now_(layer.errors[move % 2]), next_(layer.errors[1 - move % 2]) {}
  static void prepare(const RecurrentLayer&) {}
  void multiply(Multiplier&, ptrdiff_t row, int count, Rows product) const {
    const Rows rows = now_.from(row);
    const Strips w = layer_.recurrent_transposed;
    const int shared = layer_.shape.shared();
    ::multiply<false>({count, layer_.hidden_row, layer_.width(shared)}, {rows.values, rows.row, 1}, w, product);
    if (shared == layer_.shape.gates) return;
    ::multiply<true>({count, layer_.hidden_row, layer_.H}, {layer_.from_part(rows, layer_.shape.gates).values, rows.row, 1},
                     w.from(shared * layer_.hidden_row), product);
  }
  TBPTT_INLINE void keep(ptrdiff_t row, int column, Vec error) const { store(next_.at(row) + column, error); }
  Rows next(ptrdiff_t row) const { return next_.from(row); }

 private:
  const RecurrentLayer& layer_;
  Rows now_, next_;
};

// Rounded to bf16, with pair words of W_h^T. Of a layer without gates.
class Bf16Errors {
 public:
  static constexpr int kRowsTogether = 16;  // tiles read them
  using Multiplier = PairMultiplier;

  Bf16Errors(const RecurrentLayer& layer, int move)
      : layer_(layer), now_(layer.error_rows[move % 2]), next_(layer.error_rows[1 - move % 2]) {}
  static void prepare(const RecurrentLayer& layer) {
    const int width = layer.hidden_row, whole_blocks = (pairs_of(layer) + kPairsPerBlock - 1) / kPairsPerBlock * kPairsPerBlock;
    for_each_width(width, [&](auto vectors, int column) {
      const int columns = vectors.value * kLanes;
      const Strip strip = strip_of(layer.recurrent_transposed, column, columns);
      auto row = [&](int gate, int i) { return gate < layer.H ? load(strip.at + gate * strip.row + i) : Vec{}; };
      for (int pair = 0; pair < whole_blocks; ++pair)
        for (int i = 0; i < columns; i += kLanes)
          store_pairs<1>(row(2 * pair, i), row(2 * pair + 1, i),
                         {layer.recurrent_pairs + static_cast<ptrdiff_t>(pair) * width + column + i, 0});
    });
  }
  void multiply(Multiplier& multiplier, ptrdiff_t row, int count, Rows product) const {
    multiplier.multiply<1>({count,
                            layer_.hidden_row,
                            pairs_of(layer_),
                            {{now_ + row * kBlockDepth, 0}, layer_.error_block},
                            {{layer_.recurrent_pairs, 0}, layer_.hidden_row},
                            product,
                            false},
                           NoFetch());
  }
  TBPTT_INLINE void keep(ptrdiff_t row, int column, Vec error) const {
    store_upper_halves(round_to_bf16(error), next_ + column / kBlockDepth * layer_.error_block + row * kBlockDepth + column % kBlockDepth);
  }
  Rows next(ptrdiff_t) const { return {}; }  // not measured, and of the only layer

 private:
  static int pairs_of(const RecurrentLayer& layer) { return (layer.H + 1) / 2; }

  const RecurrentLayer& layer_;
  uint16_t *now_, *next_;
};

}  // namespace
