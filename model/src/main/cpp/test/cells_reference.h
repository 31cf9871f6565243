// The plain double-precision version of gated cells and stacks of layers: one column, one pass, one step at a time. The tests' oracle.
#pragma once

#include <tbptt.h>

#include "reference.h"

// The gradients of the parameters in the core's order, and what a window measures.
struct CellsResult {
  double loss = 0;  // mean over counted
  int counted = 0;
  std::vector<Doubles> gradients;
  Doubles phi, w_l1;
};

class CellsReference {
 public:
  CellsReference(int V, int E, int H, int B, int cell, int layers);

  // (rows, columns) of each parameter.
  std::vector<std::pair<int, int>> shapes() const;
  // Of one window, whose masks must be explicit or off, and what commit() would carry on. Lags are of errors that are not rounded.
  CellsResult gradients(const tbptt_window& window, int lags = 0);
  // State and history of the last gradients() call.
  void commit();
  double evaluate(const int32_t* tokens, const int32_t* targets, int T);  // without dropout, on `state`

  int V, E, H, B, cell, L;
  std::vector<Doubles> parameters;  // canonical row-major
  std::vector<Doubles> state;       // (B, H) of h of layer 1, for lstm c of layer 1, h of layer 2 ...
  bool bf16 = false;                // operands of products are rounded as the core's are with gates or layers, exponentials too

 private:
  struct LayerStep {
    Doubles u, mask, h_before, c_before, h, c;
    Doubles kept[4];  // gates; of a GRU r z n and h' U_n + b_hn
  };
  // dloss/da by gate, as it goes to the input and to the state before.
  struct Errors {
    Doubles input, state;
  };
  struct Step {
    int32_t token;
    std::vector<LayerStep> layers;
  };
  struct Line {
    std::vector<Doubles> h, c;  // by layer
    std::vector<Step> steps;
  };

  int width(int layer) const { return layer == 0 ? E : H; }
  void run(LayerStep& step, int layer) const;
  Errors back(const LayerStep& step, const Doubles& dh, const Doubles& dc, Doubles& dh_before, Doubles& dc_before) const;
  // du = errors W_x^T; dh_before += errors W_h^T
  void send_back(const Errors& errors, int layer, bool rounded, Doubles& du, Doubles& dh_before) const;
  void add_weight_gradient(const LayerStep& step, int layer, const Errors& errors, bool rounded, Doubles& dw) const;
  Line start(int b) const;
  Step forward(Line& line, int32_t token, const std::vector<const float*>& masks) const;

  std::vector<std::vector<Step>> history_;
  std::vector<Line> lines_;
};
