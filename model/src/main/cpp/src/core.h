// A core as it lies in the caller's arena: a header and sections, each aligned to 64 bytes.
// Layouts are the same for every instruction set; src/layout.cpp lays them out, src/transfer.cpp converts to canonical matrices.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../include/tbptt.h"

namespace tbptt {

// Vocabulary columns of one panel of Ws, and tokens (rows of the window) of one chunk. Multiples of every vector width.
constexpr int kPanel = 32;
constexpr int kChunk = 32;
// Tokens whose transposed exponentials are multiplied at once: kDepthBlock * kPanel floats stay in the first-level cache.
constexpr int kDepthBlock = 128;
// Rows of a product that carries errors back, finished while they are near.
constexpr int kProductRows = 64;

struct Kernels;
class Team;

// What one thread needs for itself; worker 0 is the caller's.
struct Worker {
  int thread;
  float* exponentials;    // (panels_per_block, 32 v, 32 tokens): an evaluation's, one block of one chunk
  float* transposed;      // (kDepthBlock, 32) exponentials, one panel's tokens by vocabulary
  float* panel_gradient;  // (H, 32)
  float* target_column;   // (hidden_row): one column of the gradient of Ws
  float* product;         // (kProductRows, hidden_row): rows of a lag product on their way
  // bf16 only: src/isa/products_bf16.h says what is in them.
  uint16_t *ws_rows, *ws_columns;
  int32_t* e_pairs;
  float* logit_tile;     // (32 v, 32 tokens)
  float* gradient_rows;  // (32 v, gradient_row): one panel's gradient, transposed
};

// The optimiser's slots for one parameter; `first` and `second` are null where the optimiser has none.
struct Parameter {
  float* values;
  float* first;
  float* second;
  ptrdiff_t size;  // floats, padding included
};

// What a window leaves of each panel: the squares of its gradient, and of what its update changes in Ws and in bs.
struct PanelSums {
  double squares, ws_changes, bs_changes;
};

struct Core {
  uint64_t magic;
  tbptt_config config;
  const Kernels* kernels;
  Team* team;  // null with one thread
  int threads;
  Worker* workers;  // (threads)

  int V, E, H, B;
  int steps_capacity, history_capacity;
  int input_row;   // E rounded up to 16
  int hidden_row;  // H rounded up to 16
  int cell_row;    // E+H rounded up to 16
  int panels;      // ceil(V / 32)
  int panels_per_block;

  // parameters[TBPTT_EMB] (V,E); [TBPTT_W] (E+H, hidden_row); [TBPTT_B] (hidden_row);
  // [TBPTT_WS] (panels, H, 32): panel p holds columns 32p..32p+31; [TBPTT_BS] (panels*32)
  Parameter parameters[5];
  float* state;             // (B, hidden_row)
  float* evaluation_state;  // (B, hidden_row)
  int64_t optimizer_steps;
  int64_t history_steps;

  // The timeline: rows (P+T)*B, row (history_capacity + t)*B + b is step t of column b; history lies at negative t.
  int32_t* tokens;    // (P+T)*B
  float* cell_input;  // ((P+T)*B, cell_row): x, then r
  float* input_mask;  // ((P+T)*B, input_row)
  float* hidden;      // ((P+T)*B, hidden_row): h
  float* link;        // (P*B, hidden_row): what h was multiplied by to become the next step's r; only where edge says so
  int32_t* edge;      // (P): 1 where link is not all ones

  // Scratch of one window, N = T*B tokens (rows), C = ceil(N/32) chunks.
  float* output_mask;           // (N, hidden_row)
  float* link_mask;             // (N): xi
  float* output_chunks;         // (C, H, 32): y transposed by chunks
  float* output_rows;           // (C*32, hidden_row): y, later y / (Z count)
  float* output_groups;         // output_rows, the columns of each register tile together: (tokens, rows of the tile) for each
  float* output_gradient;       // (C, hidden_row, 32): dloss/dy by chunks
  float* exponentials;          // (panels, C, 32 vocabulary, 32 tokens): exp(logit - reference), kept for the gradient of Ws
  float* reference;             // (C*32) what was subtracted from the logits
  float* partition;             // (C*32) Z, the sum of the exponentials
  float* target_logit;          // (C*32)
  float* token_weight;          // (C*32): 1/(Z count) where counted, else 0
  float* softmax_gradient;      // clipping only: (panels, H, 32)
  float* bias_gradient;         // (panels*32)
  PanelSums* sums;              // (panels)
  int32_t* target_start;        // (V+1) first entry of each target in sorted_tokens
  int32_t* sorted_tokens;       // (N) token rows sorted by their target
  float* target_rows;           // (C*32, hidden_row): the column of Ws that is each token's target
  float* injected;              // (N, hidden_row): dloss/dh_t from the output layer, scaled
  float* errors[2];             // (N, hidden_row) each: the pass's errors, before and after a step
  float* total;                 // ((P+T)*B, hidden_row): sum over passes of dloss/d(pre-activation)
  float* input_gradient;        // ((P+T)*B, input_row): dloss/dx
  float* w_gradient;            // (E+H, hidden_row)
  float* b_gradient;            // (hidden_row)
  float* w_part;                // (E+H, hidden_row): one lag's part
  float* recurrent_transposed;  // (H, hidden_row): W_h transposed
  float* input_transposed;      // (H, input_row): W_x transposed
  float* emb_gradient;          // (V, E), zero between windows
  float* next_state;            // (B, hidden_row)

  // bf16 only: src/isa/products_bf16.h says what is in them. The distances between planes count
  // elements, and so does error_block: from 32 columns of error_rows to the next 32.
  int planes;        // 1 for bf16, 3 for bf16x3
  int gradient_row;  // H + 1 rounded up to 16
  uint16_t *e_rows, *error_rows[2];
  int32_t *y_pairs, *y_weighed, *recurrent_pairs;
  ptrdiff_t error_block, ws_rows_plane, ws_columns_plane, e_rows_plane, y_pairs_plane, e_pairs_plane, y_weighed_plane;
};

// The rows of history that a window can reach.
inline ptrdiff_t timeline_row(const Core& core, ptrdiff_t step) { return (core.history_capacity + step) * core.B; }

}  // namespace tbptt
