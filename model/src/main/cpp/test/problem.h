// Random problems of any shape, for the core and its reference at once.
#pragma once

#include <random>

#include "native_core.h"
#include "reference.h"

struct Problem {
  int V, E, H, B, T;
  ReferenceParameters parameters;  // values that fp32 holds exactly
  std::vector<int32_t> tokens, targets;
  std::vector<float> mask_in, mask_out;

  Problem(int v, int e, int h, int b, int t, unsigned seed, double keep = 0.8, double padding = 0);
  tbptt_window window() const;
  void load(NativeCore& core) const;
  void load(Reference& reference) const;
};

// Largest L2 distance over the five gradients, relative to the norm of the wanted one plus `floor`.
double distance(const Gradients& found, const ReferenceParameters& wanted, double floor = 0);
double distance(const Gradients& found, const Gradients& wanted);
