// A layer's errors of all passes before and after a move back, as rows (N, parts) of dloss/da.
#pragma once

#include "layer_products.h"

namespace {

class Errors {
 public:
  Errors(const RecurrentLayer& layer, int move) : layer_(layer), now_(layer.errors[move % 2]), next_(layer.errors[1 - move % 2]) {}
  // product (count, H) = rows row .. row+count-1 before the move times W_h^T. Fetches `ahead` meanwhile.
  template <typename Products>
  void multiply(Products& products, ptrdiff_t row, int count, Rows product, Fetch& ahead) const {
    const Rows rows = now_.from(row);
    const Strips w = layer_.recurrent_transposed;
    const int shared = layer_.shape.shared();
    products.template multiply<false>({count, layer_.hidden_row, layer_.width(shared)}, rows, w, product, nullptr, ahead);
    if (shared == layer_.shape.gates) return;
    products.template multiply<true>({count, layer_.hidden_row, layer_.H}, layer_.from_part(rows, layer_.shape.gates),
                                     w.from(shared * layer_.hidden_row), product);
  }
  TBPTT_INLINE void keep(ptrdiff_t row, int column, Vec error) const { store(next_.at(row) + column, error); }
  Rows next(ptrdiff_t row) const { return next_.from(row); }

 private:
  const RecurrentLayer& layer_;
  Rows now_, next_;
};

}  // namespace
