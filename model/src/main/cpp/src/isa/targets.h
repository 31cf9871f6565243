// The targets' share of the softmax: their logits, and the sparse part of its gradient, -1/count at each counted token's target.
#pragma once

#include "parallel.h"
#include "tile.h"
#include "vector.h"

namespace {

// The targets of one chunk of tokens and what is picked for them while the panels pass by.
struct ChunkTargets {
  const int32_t* targets;  // (tokens)
  int tokens;              // the rest of the chunk is padding
  float* logits;           // (32)
  Rows columns;            // (32, H): of Ws; no values in evaluation
};

constexpr int kPanelBits = 5;
static_assert(1 << kPanelBits == kPanel);

inline bool any_target_in(int first_panel, int end_panel, const ChunkTargets& chunk) {
  int hits = 0;  // a sum that the compiler turns into vector compares
  for (int lane = 0; lane < chunk.tokens; ++lane) {
    const int panel = chunk.targets[lane] >> kPanelBits;
    hits += (panel >= first_panel) & (panel < end_panel);
  }
  return hits > 0;
}

// What is picked for targets while a block of panels is near. The panels that hold any are transposed, once for all chunks: a column of Ws
// lies in as many cache lines as it has elements.
class TargetColumns {
 public:
  TargetColumns(const Softmax& softmax, const Worker& worker) : softmax_(softmax), panels_(worker.target_panels) {}

  void begin_block(int first_panel) { first_ = first_panel, transposed_ = 0; }

  // Of the targets that lie in the panel: their logits, from its tile (32 v, 32 tokens), and in training their columns.
  void pick(const ChunkTargets& chunk, int panel, const float* tile) {
    for (int lane = 0; lane < chunk.tokens; ++lane) {
      if (chunk.targets[lane] >> kPanelBits != panel) continue;
      const int column = chunk.targets[lane] % kPanel;
      chunk.logits[lane] = tile[column * kChunk + lane];
      if (chunk.columns.values)
        memcpy(chunk.columns.at(lane), transposed(panel) + column * softmax_.hidden_row, static_cast<size_t>(softmax_.H) * sizeof(float));
    }
  }

 private:
  // (32 v, hidden_row)
  const float* transposed(int panel) {
    const int at = panel - first_;
    float* to = panels_ + at * kPanel * softmax_.hidden_row;
    if (!(transposed_ >> at & 1)) {
      transpose_matrix(softmax_.H, kPanel, softmax_.ws->values() + panel * softmax_.ws->part, kPanel, to, softmax_.hidden_row);
      transposed_ |= 1u << at;
    }
    return to;
  }

  const Softmax& softmax_;
  float* panels_;
  int first_ = 0;
  unsigned transposed_ = 0;  // a bit for each panel of the block
};
static_assert(kPanelsPerBlock <= 32);

// targets.tokens: the counted tokens sorted by target (a counting sort, stable); those of target v begin at start[v].
inline void sort_targets(const Softmax& softmax, const int32_t* targets, ptrdiff_t N) {
  int32_t* start = softmax.targets.start;
  memset(start, 0, static_cast<size_t>(softmax.V + 1) * sizeof(int32_t));
  for (ptrdiff_t n = 0; n < N; ++n)
    if (targets[n] >= 0) ++start[targets[n] + 1];
  for (int v = 0; v < softmax.V; ++v) start[v + 1] += start[v];
  for (ptrdiff_t n = 0; n < N; ++n)
    if (targets[n] >= 0) softmax.targets.tokens[start[targets[n]]++] = static_cast<int32_t>(n);
  memmove(start + 1, start, static_cast<size_t>(softmax.V) * sizeof(int32_t));
  start[0] = 0;
}

inline float share_of_token(int64_t counted) { return counted > 0 ? static_cast<float>(1.0 / static_cast<double>(counted)) : 0.0f; }

// The gradients of Ws (H, 32) and bs (32) in one panel, or in panels behind one another.
struct PanelGradient {
  float *ws, *bias;
  PanelGradient of(const Softmax& softmax, int panel) const { return {ws + panel * softmax.ws->part, bias + panel * kPanel}; }
};

// The gradient of a panel -= 1/count y over the tokens whose target it holds. `outputs` is y / (Z count), hence the Z.
inline void subtract_targets(const Softmax& softmax, const Worker& worker, int panel, int64_t counted, PanelGradient gradient) {
  const float share = share_of_token(counted);
  float* sum = worker.target_column;
  const int columns = softmax.columns_of(panel);
  for (int column = 0; column < columns; ++column) {
    const int v = panel * kPanel + column;
    const int32_t begin = softmax.targets.start[v], end = softmax.targets.start[v + 1];
    if (begin == end) continue;
    for (int h = 0; h < softmax.hidden_row; h += kLanes) {
      Vec total{};
      for (int32_t at = begin; at < end; ++at) {
        const ptrdiff_t n = softmax.targets.tokens[at];
        total = fma(load(softmax.outputs.at(n) + h), splat(softmax.partition[n]), total);
      }
      store(sum + h, total);
    }
    for (int h = 0; h < softmax.H; ++h) gradient.ws[h * kPanel + column] -= sum[h];
    gradient.bias[column] -= share * static_cast<float>(end - begin);
  }
}

}  // namespace
