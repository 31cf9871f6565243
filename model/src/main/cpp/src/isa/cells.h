// The cells: a step forward and a step back, vector by vector. include/tbptt.h has the definitions.
//
// kAlong is what goes one step back past W: nothing, to c', or to h'.
#pragma once

#include "../core.h"
#include "elementary.h"

namespace {

enum class Along { kNothing, kToCell, kToHidden };

// A vector of each part that is kept of a step; before the step its pre-activations stand in the place of the gates.
struct Kept {
  float* at;
  ptrdiff_t part;  // from part to part
  TBPTT_INLINE Vec operator[](int i) const { return load(at + i * part); }
  TBPTT_INLINE void set(int i, Vec value) const { store(at + i * part, value); }
};

// Keeps h, which has the place of a.
template <typename Function>
struct GatelessCell {
  static constexpr Along kAlong = Along::kNothing;
  TBPTT_INLINE static Vec step(Kept kept, const float*) { return Function::of(kept[0]); }
  template <typename Emit>
  TBPTT_INLINE static Vec back(Kept kept, const float*, Vec dh, Vec, Emit emit) {
    emit(0, dh * Function::derivative(kept[0]));
    return Vec{};
  }
};

// Derivatives dh/da are functions of h.
struct Tanh {
  TBPTT_INLINE static Vec of(Vec a) { return hyperbolic_tangent(a); }
  TBPTT_INLINE static Vec derivative(Vec h) { return splat(1.0f) - h * h; }
};

struct Relu {
  TBPTT_INLINE static Vec of(Vec a) { return larger(Vec{}, a); }
  TBPTT_INLINE static Vec derivative(Vec h) { return h > Vec{} ? splat(1.0f) : Vec{}; }
};

struct Identity {
  TBPTT_INLINE static Vec of(Vec a) { return a; }
  TBPTT_INLINE static Vec derivative(Vec) { return splat(1.0f); }
};

// s'(a) as a function of s(a)
TBPTT_INLINE Vec logistic_derivative(Vec s) { return s * (splat(1.0f) - s); }

// Keeps c' i f g o c.
struct LstmCell {
  static constexpr Along kAlong = Along::kToCell;
  TBPTT_INLINE static Vec step(Kept kept, const float*) {
    const Vec i = logistic(kept[1]), f = logistic(kept[2]), g = hyperbolic_tangent(kept[3]), o = logistic(kept[4]);
    const Vec c = fma(f, kept[0], i * g);
    kept.set(1, i);
    kept.set(2, f);
    kept.set(3, g);
    kept.set(4, o);
    kept.set(5, c);
    return o * hyperbolic_tangent(c);
  }
  template <typename Emit>
  TBPTT_INLINE static Vec back(Kept kept, const float*, Vec dh, Vec dc, Emit emit) {
    const Vec i = kept[1], f = kept[2], g = kept[3], o = kept[4], tanh_c = hyperbolic_tangent(kept[5]);
    dc = fma(dh * o, Tanh::derivative(tanh_c), dc);
    emit(0, dc * g * logistic_derivative(i));
    emit(1, dc * kept[0] * logistic_derivative(f));
    emit(2, dc * i * Tanh::derivative(g));
    emit(3, dh * tanh_c * logistic_derivative(o));
    return dc * f;
  }
};

// Keeps r z n and q = h' U_n + b_hn, which are the parts of dloss/da, too.
struct GruCell {
  static constexpr Along kAlong = Along::kToHidden;
  TBPTT_INLINE static Vec step(Kept kept, const float* before) {
    const Vec r = logistic(kept[0]), z = logistic(kept[1]), n = hyperbolic_tangent(fma(r, kept[3], kept[2]));
    kept.set(0, r);
    kept.set(1, z);
    kept.set(2, n);
    return fma(z, load(before), (splat(1.0f) - z) * n);
  }
  template <typename Emit>
  TBPTT_INLINE static Vec back(Kept kept, const float* before, Vec dh, Vec, Emit emit) {
    const Vec r = kept[0], z = kept[1], n = kept[2];
    const Vec dn = dh * (splat(1.0f) - z) * Tanh::derivative(n);
    emit(0, dn * kept[3] * logistic_derivative(r));
    emit(1, dh * (load(before) - n) * logistic_derivative(z));
    emit(2, dn);
    emit(3, dn * r);
    return dh * z;
  }
};

// body(a cell's policy)
template <typename Body>
TBPTT_INLINE void with_cell(int cell, Body body) {
  switch (cell) {
    case TBPTT_CELL_TANH:
      return body(GatelessCell<Tanh>{});
    case TBPTT_CELL_RELU:
      return body(GatelessCell<Relu>{});
    case TBPTT_CELL_LSTM:
      return body(LstmCell{});
    case TBPTT_CELL_GRU:
      return body(GruCell{});
    default:
      return body(GatelessCell<Identity>{});
  }
}

}  // namespace
