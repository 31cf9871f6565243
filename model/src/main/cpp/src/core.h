// A core as it lies in the caller's arena: this header, then sections aligned to 64 bytes, grouped by what they serve.
// Layouts are the same for every instruction set; src/layout.cpp places the groups, src/transfer.cpp converts to canonical matrices.
//
// In the shapes below N = T B are the tokens (rows) of a window, C = ceil(N/32) its chunks, H the width of the recurrent state.
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "../include/tbptt.h"
#include "inline.h"

namespace tbptt {

// Vocabulary columns of one panel of Ws, and tokens of one chunk. Multiples of every vector width.
constexpr int kPanel = 32;
constexpr int kChunk = 32;
// A block of panels: its Ws, one chunk's exponentials and y should share the second-level cache with room to spare.
constexpr int kPanelsPerBlock = 6;
// The most panels whose gradients are formed at once.
constexpr int kPanelsTogether = 2;
// Tokens whose transposed exponentials are multiplied at once: kDepthBlock * kPanel floats stay in the first-level cache.
constexpr int kDepthBlock = 128;
// Rows of a product that carries errors back, finished while they are near.
constexpr int kProductRows = 64;

struct Kernels;
class Team;

// Rows of floats, `row` apart.
struct Rows {
  float* values;
  ptrdiff_t row;
  TBPTT_INLINE float* at(ptrdiff_t index) const { return values + index * row; }
  TBPTT_INLINE Rows from(ptrdiff_t index) const { return {at(index), row}; }
};

// A right operand (depth, columns) as products read it: strips of a register tile's columns, (depth, columns of the strip) each; a product
// takes its rows from `first` on. In bf16 they are pair words of two rows each (src/isa/layer_products.h); depth has room for them.
struct Strips {
  float* values;
  int depth, first;
  TBPTT_INLINE Strips from(int row) const { return {values, depth, row}; }
  // A multiple of a whole strip's columns.
  TBPTT_INLINE Strips from_column(int column) const { return {values + static_cast<ptrdiff_t>(column) * depth, depth, first}; }
};

// Terms of numbers: planes of the same shape, `plane` elements apart.
template <typename Element>
struct Planes {
  Element* values;
  ptrdiff_t plane;
  TBPTT_INLINE Planes from(ptrdiff_t offset) const { return {values + offset, plane}; }
};

// Where the elements of a (rows, columns) matrix lie: in groups of `group` columns, `group_row` floats from group to group.
struct Layout {
  int64_t rows, columns;
  ptrdiff_t row;  // floats from row to row
  int64_t group;
  ptrdiff_t group_row;
  bool in_panels;  // a group is a panel, whose rows lie behind one another

  // Whole rows, `row` floats apart, whose groups begin at multiples of `group_row`.
  static Layout by_row(int64_t rows, int groups, int64_t group, ptrdiff_t group_row) {
    return {rows, groups * group, groups * group_row, group, group_row, false};
  }
  // The same, but rows are never a multiple of 4 KB apart: the caches would hold only a few lines of one column.
  static Layout by_spread_row(int64_t rows, int groups, int64_t group, ptrdiff_t group_row) {
    Layout layout = by_row(rows, groups, group, group_row);
    constexpr ptrdiff_t kPage = 4096 / sizeof(float), kLine = 64 / sizeof(float);
    if (layout.row % kPage == 0) layout.row += kLine;
    return layout;
  }
  // (ceil(columns/32), rows, 32)
  static Layout by_panel(int64_t rows, int64_t columns) {
    return {rows, columns, kPanel, kPanel, static_cast<ptrdiff_t>(rows) * kPanel, true};
  }
  TBPTT_INLINE ptrdiff_t groups() const { return static_cast<ptrdiff_t>(group > 0 ? (columns + group - 1) / group : 0); }
  TBPTT_INLINE int64_t columns_of(ptrdiff_t at) const { return columns - at * group < group ? columns - at * group : group; }
  TBPTT_INLINE ptrdiff_t size() const { return in_panels ? groups() * group_row : static_cast<ptrdiff_t>(rows) * row; }
};

// One parameter: an entry of the table that whatever concerns all of them goes through.
struct Parameter {
  enum Slot { kValues, kFirstMoment, kSecondMoment, kSlots };

  const char* name;
  Layout layout;
  float* slots[kSlots];  // in the layout; a moment that the optimiser doesn't have is null
  // In the layout, too. Of those in panels it is formed with the update, panel by panel; null where it is not kept.
  float* gradient;
  ptrdiff_t part;  // floats that are updated at once, and whose squares make one sum: a panel of those in panels

  TBPTT_INLINE float* values() const { return slots[kValues]; }
};

// The first `count` of an array.
template <typename Element, int kMost>
struct Table {
  Element elements[kMost];
  int count;

  TBPTT_INLINE Element& operator[](int i) { return elements[i]; }
  TBPTT_INLINE const Element& operator[](int i) const { return elements[i]; }
  TBPTT_INLINE Element& last() { return elements[count - 1]; }
  TBPTT_INLINE const Element& last() const { return elements[count - 1]; }
  Element* begin() { return elements; }
  Element* end() { return elements + count; }
  const Element* begin() const { return elements; }
  const Element* end() const { return elements + count; }
};

// Rows of the timeline: (P + step) B + b is `step` of column b; history lies at negative steps.
struct Timeline {
  int B, T, P;            // columns; the most steps of a window and of history
  int64_t history_steps;  // held
  int32_t* tokens;        // ((P+T) B)
  int32_t* edge;          // (P): 1 where the link behind the step is not all ones
  Rows link;              // (P B, H): what h was multiplied by to become the next step's h', where there is an edge; one gateless layer's
  float* link_mask;       // (N): xi

  TBPTT_INLINE ptrdiff_t row(ptrdiff_t step) const { return (P + step) * B; }
};

struct Embedding {
  int E;
  const Parameter* emb;  // its gradient is zero between windows
};

// What a cell consists of, in parts of H columns.
struct CellShape {
  int gates;       // of W
  int parts;       // of b and of dloss/da: a GRU's last gate has two, what comes from the input and what comes from the state
  int kept;        // what the way back needs of a step: h, or of an LSTM c' i f g o c, of a GRU r z n and h' U_n + b_hn
  int first_kept;  // the one where the activations begin
  bool has_c;      // whether c goes from step to step beside h

  bool gated() const { return gates > 1; }
  // The gates that are sums over input and state.
  int shared() const { return parts == gates ? gates : gates - 1; }
};

inline CellShape shape_of_cell(int cell) {
  if (cell == TBPTT_CELL_LSTM) return {4, 4, 6, 1, true};
  if (cell == TBPTT_CELL_GRU) return {3, 4, 4, 0, false};
  return {1, 1, 1, 0, false};
}

inline int layers_of(const tbptt_config& config) { return config.layers > 0 ? config.layers : 1; }
inline bool is_one_gateless_layer(const tbptt_config& config) { return layers_of(config) == 1 && !shape_of_cell(config.cell).gated(); }
// Whether the layers' products round their operands to bf16. Of one layer without gates only those of errors with W_h^T do: the others are
// a small part of its time, and keep the numbers that they have always had.
inline bool has_bf16_layers(const tbptt_config& config) { return config.precision == TBPTT_BF16 && !is_one_gateless_layer(config); }

// (B, H) each; c only of a cell that has it.
struct State {
  Rows h, c;
};

// h, c = cell(u, h', c'): see include/tbptt.h. Gates and other parts of H columns begin at multiples of hidden_row, zeros between them.
struct RecurrentLayer {
  int cell;
  CellShape shape;
  int inputs, H;           // widths of u and of h
  int hidden_row;          // H rounded up to 16
  int input_row;           // inputs rounded up to 16
  int gate_row;            // columns of W, rounded up gate by gate
  const Parameter *w, *b;  // (inputs + H, gates), (1, parts)

  State state, evaluation_state, next_state;  // h' and c' of the next step 0
  Rows input;                                 // ((P+T) B, inputs + H): u, then h'
  Rows mask;                                  // ((P+T) B, inputs): on u
  Rows hidden;                                // h: ((P+T) B, H) without gates, as all that is kept; else (N, H), the window's
  Rows kept;                                  // ((P+T) B, kept)
  Strips input_weights;                       // (inputs, gates): W_x
  Strips recurrent_weights;                   // (H, gates): W_h

  Rows total;                   // ((P+T) B, parts): sum over passes of dloss/da
  Rows input_gradient;          // ((P+T) B, inputs): dloss/du of all passes together
  Rows lag_part;                // (inputs + H, gates): one lag's part of the gradient of W
  Strips recurrent_transposed;  // (gates, H): W_h transposed
  Strips input_transposed;      // (gates, inputs): W_x transposed

  // The passes' errors dloss/da before and after a move.
  Rows errors[2];  // (N, parts)
  Rows along;      // (N, H), gated cells: what goes one step back past W, to an LSTM's c' or a GRU's h'

  // Columns of `parts` parts but for the zeros behind the last one.
  TBPTT_INLINE int width(int parts) const { return (parts - 1) * hidden_row + H; }
  TBPTT_INLINE Rows from_part(Rows rows, int part) const { return {rows.values + part * hidden_row, rows.row}; }
  TBPTT_INLINE Rows hidden_of(const Timeline& timeline) const { return {hidden.at(shape.gated() ? 0 : timeline.row(0)), hidden.row}; }
};

// The tokens that have a target, in the order of their targets.
struct Targets {
  int32_t* start;   // (V+1): first entry of each target in `tokens`
  int32_t* tokens;  // (N)
  Rows columns;     // (C 32, H): the column of Ws that is each token's target
};

// The sums of one part of a parameter that is updated in parts.
struct PartSums {
  double squares, changes, bias_changes;
};

// loss = cross-entropy of softmax(y Ws + bs)
struct Softmax {
  int V, H, hidden_row;
  int panels;    // ceil(V / 32)
  int together;  // panels whose gradients are formed at once, so that y passes by less often
  const Parameter *ws, *bs;

  Rows output_mask;        // (N, H)
  Rows injected;           // (C 32, H): dloss/dh of the last layer, scaled
  Rows outputs;            // (C 32, H): y, later y / (Z count)
  float* output_chunks;    // (C, H, 32): y transposed by chunks
  float* output_gradient;  // (C, hidden_row, 32): dloss/dy by chunks
  float* reference;        // (C 32): what was subtracted from the logits
  float* partition;        // (C 32): Z, the sum of the exponentials
  float* target_logit;     // (C 32)
  float* token_weight;     // (C 32): 1/(Z count) where counted, else 0
  Targets targets;

  // fp32
  float* exponentials;   // (panels, C, 32 v, 32 tokens): exp(logit - reference), kept for the gradient of Ws
  float* output_groups;  // `outputs`, the columns of each register tile together: (tokens, rows of the tile) for each
  // bf16: src/isa/products_bf16.h says what is in them
  int depth;         // H + 3 rounded up to 32: h and a bias in three terms
  int gradient_row;  // H + 1 rounded up to 16
  Planes<uint16_t> e_rows;
  Planes<int32_t> y_pairs, y_weighed;

  TBPTT_INLINE float* output_gradient_of(ptrdiff_t chunk) const { return output_gradient + chunk * hidden_row * kChunk; }
  TBPTT_INLINE int columns_of(int panel) const { return V - panel * kPanel < kPanel ? V - panel * kPanel : kPanel; }
};

// What one thread needs for itself; worker 0 is the caller's.
struct Worker {
  int thread;
  float* panel_gradient;  // (softmax.together, H, 32)
  float* target_column;   // (hidden_row): one column of the gradient of Ws
  float* target_panels;   // (kPanelsPerBlock, 32 v, hidden_row): panels of Ws with targets, transposed
  Rows product;           // (kProductRows, H): rows of a lag product on their way
  Rows from_above;        // (kProductRows, H): and what the layer above sends them
  // fp32
  float* exponentials;  // (kPanelsPerBlock, 32 v, 32 tokens): an evaluation's, one block of one chunk
  float* transposed;    // (kDepthBlock, 32): one panel's exponentials, tokens by vocabulary
  // bf16
  Planes<uint16_t> ws_rows, ws_columns;
  Planes<int32_t> e_pairs;
  float* logit_tile;    // (32 v, 32 tokens)
  Rows gradient_rows;   // (32 softmax.together v, H + 1): gradients of panels, transposed
  uint16_t* left_rows;  // kProductRows rows of a layer's left operand, in blocks of 32 columns
};

struct Core {
  uint64_t magic;
  tbptt_config config;
  const Kernels* kernels;
  Team* team;  // null with one thread
  int threads;
  Worker* workers;  // (threads)

  Table<Parameter, TBPTT_MOST_PARAMETERS> parameters;  // Emb, W and b of each layer, Ws, bs
  int64_t optimizer_steps;
  Timeline timeline;
  Embedding embedding;
  float*
      input_groups;  // ((P+T) B, inputs + H) of one layer, the columns of each register tile together: (rows, columns of the tile) for each
  Table<RecurrentLayer, TBPTT_MOST_LAYERS> layers;
  Softmax softmax;
  PartSums* sums;  // by part of a parameter
};

}  // namespace tbptt
