// The plain double-precision version of everything the core does: one loss at a time, one step at a time. The tests' oracle.
#pragma once

#include <tbptt.h>

#include <cstdint>
#include <vector>

using Doubles = std::vector<double>;

struct ReferenceParameters {
  Doubles emb, w, b, ws, bs;  // canonical row-major
};

struct ReferenceStep {
  int32_t token;
  Doubles x, mask_in, r, h, link;  // of one column: (E), (E), (H), (H), (H); link: what h is multiplied by to become the next r
};

struct ReferenceResult {
  double loss = 0;  // mean over counted
  int counted = 0;
  ReferenceParameters gradients;
  Doubles phi, w_l1;
};

class Reference {
 public:
  Reference(int V, int E, int H, int B, int cell);

  int V, E, H, B, cell;
  ReferenceParameters parameters;
  std::vector<Doubles> state;                       // [B](H)
  std::vector<std::vector<ReferenceStep>> history;  // [B][any number of steps, newest last]

  // Gradients of one window (float masks of `window`, which must be explicit or off), and what commit() would carry on.
  ReferenceResult gradients(const tbptt_window& window, int lags = 0);
  // Carries state and history of the last gradients() call on.
  void commit(const tbptt_window& window);
  // One update; `step` counts from 1. Returns the gradients' norm before clipping.
  double update(const tbptt_config& config, const ReferenceParameters& gradients, double learning_rate, int step);
  double evaluate(const int32_t* tokens, const int32_t* targets, int T);

 private:
  Doubles cell_of(const ReferenceStep& step) const;
  double loss_of(const Doubles& y, int target, Doubles* dy, ReferenceParameters* gradients, double share) const;
  std::vector<std::vector<ReferenceStep>> timeline_;
  ReferenceParameters first_, second_;
  std::vector<Doubles> evaluation_state_;
};

ReferenceParameters zeros_like(const ReferenceParameters& parameters);
std::vector<float> to_floats(const Doubles& values);
