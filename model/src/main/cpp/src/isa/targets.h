// The targets' share of the softmax's gradient, -1/count at each counted token's target: one column of Ws per token, subtracted sparsely.
#pragma once

#include "softmax.h"

namespace {

// sorted_tokens: the counted tokens sorted by target (a counting sort, stable); those of target v begin at target_start[v].
inline void sort_targets(Core& core, const int32_t* targets, ptrdiff_t N) {
  int32_t* start = core.target_start;
  memset(start, 0, static_cast<size_t>(core.V + 1) * sizeof(int32_t));
  for (ptrdiff_t n = 0; n < N; ++n)
    if (targets[n] >= 0) ++start[targets[n] + 1];
  for (int v = 0; v < core.V; ++v) start[v + 1] += start[v];
  for (ptrdiff_t n = 0; n < N; ++n)
    if (targets[n] >= 0) core.sorted_tokens[start[targets[n]]++] = static_cast<int32_t>(n);
  memmove(start + 1, start, static_cast<size_t>(core.V) * sizeof(int32_t));
  start[0] = 0;
}

inline float share_of_token(int64_t counted) { return counted > 0 ? static_cast<float>(1.0 / static_cast<double>(counted)) : 0.0f; }

// injected (N, hidden_row) = dloss/dh from the output layer times `scale`: (dy / (Z count) - Ws[:,target] / count) * mask_out.
// Sets token_weight.
inline void inject(Core& core, const int32_t* targets, ptrdiff_t N, int64_t counted, float scale) {
  const ptrdiff_t row_size = core.hidden_row, chunks = (N + kChunk - 1) / kChunk;
  for (ptrdiff_t n = 0; n < chunks * kChunk; ++n)
    core.token_weight[n] =
        n < N && targets[n] >= 0 ? static_cast<float>(1.0 / (static_cast<double>(core.partition[n]) * static_cast<double>(counted))) : 0.0f;
  for (ptrdiff_t chunk = 0; chunk < chunks; ++chunk)
    transpose_matrix(core.H, kChunk, core.output_gradient + chunk * row_size * kChunk, kChunk, core.injected + chunk * kChunk * row_size,
                     row_size);
  const Vec share = splat(share_of_token(counted)), scales = splat(scale);
  for (ptrdiff_t n = 0; n < N; ++n) {
    float* to = core.injected + n * row_size;
    if (targets[n] < 0) {
      memset(to, 0, static_cast<size_t>(row_size) * sizeof(float));
      continue;
    }
    const Vec weight = splat(core.token_weight[n]);
    const float *column = core.target_rows + n * row_size, *mask = core.output_mask + n * row_size;
    for (int h = 0; h < core.hidden_row; h += kLanes)
      store(to + h, (load(to + h) * weight - load(column + h) * share) * load(mask + h) * scales);
    for (int h = core.H; h < core.hidden_row; ++h) to[h] = 0;  // also when the weight is not finite
  }
}

// gradient (H, 32) and bias (32) of a panel -= 1/count y over the tokens whose target it holds. output_rows is y / (Z count), hence the Z.
inline void subtract_targets(const Core& core, const Worker& worker, int panel, int64_t counted, float* gradient, float* bias) {
  const float share = share_of_token(counted);
  float* sum = worker.target_column;
  const int columns = columns_of_panel(core, panel);
  for (int column = 0; column < columns; ++column) {
    const int v = panel * kPanel + column;
    const int32_t begin = core.target_start[v], end = core.target_start[v + 1];
    if (begin == end) continue;
    for (int h = 0; h < core.hidden_row; h += kLanes) {
      Vec total{};
      for (int32_t at = begin; at < end; ++at) {
        const ptrdiff_t n = core.sorted_tokens[at];
        total = fma(load(core.output_rows + n * core.hidden_row + h), splat(core.partition[n]), total);
      }
      store(sum + h, total);
    }
    for (int h = 0; h < core.H; ++h) gradient[h * kPanel + column] -= sum[h];
    bias[column] -= share * static_cast<float>(end - begin);
  }
}

}  // namespace
