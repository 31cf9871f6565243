// The cells: what makes the next state from the pre-activations, and its derivative, vector by vector.
#pragma once

#include "../core.h"
#include "elementary.h"

namespace {

struct TanhCell {
  TBPTT_INLINE static Vec state(Vec a) { return hyperbolic_tangent(a); }
  // dh/da as a function of h
  TBPTT_INLINE static Vec derivative(Vec h) { return splat(1.0f) - h * h; }
};

struct ReluCell {
  TBPTT_INLINE static Vec state(Vec a) { return larger(Vec{}, a); }
  TBPTT_INLINE static Vec derivative(Vec h) { return h > Vec{} ? splat(1.0f) : Vec{}; }
};

struct IdentityCell {
  TBPTT_INLINE static Vec state(Vec a) { return a; }
  TBPTT_INLINE static Vec derivative(Vec) { return splat(1.0f); }
};

// body(a cell's policy)
template <typename Body>
TBPTT_INLINE void with_cell(int cell, Body body) {
  switch (cell) {
    case TBPTT_CELL_TANH:
      return body(TanhCell{});
    case TBPTT_CELL_RELU:
      return body(ReluCell{});
    default:
      return body(IdentityCell{});
  }
}

}  // namespace
