// A panel's logits become exponentials: as they are, or as bf16 terms.
#pragma once

#include "elementary.h"
#include "packing.h"
#include "running_softmax.h"

namespace {

// tile (rows, 32 tokens) = exp(tile - reference), partition += its sum
TBPTT_INLINE void exponentiate(float* tile, int rows, const RunningSoftmax& running) {
  float* partition = running.partition;
  for (int lane = 0; lane < kChunk; lane += 2 * kLanes) {
    const Vec from0 = load(running.reference + lane), from1 = load(running.reference + lane + kLanes);
    Vec sum0{}, sum1{};
    for (int v = 0; v < rows; ++v) {
      float* at = tile + v * kChunk + lane;
      const Vec e0 = exponential_of_shifted(load(at) - from0), e1 = exponential_of_shifted(load(at + kLanes) - from1);
      store(at, e0);
      store(at + kLanes, e1);
      sum0 += e0;
      sum1 += e1;
    }
    store(partition + lane, load(partition + lane) + sum0);
    store(partition + lane + kLanes, load(partition + lane + kLanes) + sum1);
  }
}

// Of a tile of logits (columns, 32 tokens): the largest, the sums and, in training, the exponentials as pair words and as rows; what is
// missing of 32 columns becomes zeros there. The next chunk's rows lie `next_chunk` behind these.
template <int kPlanes, bool kTraining>
TBPTT_INLINE void exponentiate(const float* tile, int columns, RunningSoftmax& running, Planes<int32_t> pairs, Planes<uint16_t> rows,
                               ptrdiff_t next_chunk) {
  constexpr int kParts = kChunk / kLanes;
  Vec from[kParts], largest[kParts], sum[kParts];
#pragma GCC unroll 16
  for (int part = 0; part < kParts; ++part) {
    from[part] = load(running.reference + part * kLanes) * splat(kPlanes == 1 ? -kLog2E : 1.0f);
    largest[part] = load(running.largest + part * kLanes);
    sum[part] = Vec{};
  }
  auto exponential_of = [&](int v, int part) {
    const Vec logit = load(tile + v * kChunk + part * kLanes);
    largest[part] = larger(largest[part], logit);
    const Vec e = kPlanes == 1 ? power_of_two(fma(logit, splat(kLog2E), from[part])) : exponential_of_shifted(logit - from[part]);
    sum[part] += e;
    return e;
  };
  int v = 0;
  for (; v + 2 <= columns; v += 2) {
    Vec first[kParts], second[kParts];
#pragma GCC unroll 16
    for (int part = 0; part < kParts; ++part) first[part] = exponential_of(v, part), second[part] = exponential_of(v + 1, part);
    if constexpr (kTraining) store_two_rows<kPlanes>(first, second, pairs.from(v / 2 * kChunk), rows.from(v * kChunk), next_chunk);
  }
  for (; v < kPanel; v += 2) {
    Vec first[kParts] = {}, second[kParts] = {};
    for (int part = 0; part < kParts && v < columns; ++part) first[part] = exponential_of(v, part);
    if constexpr (kTraining) store_two_rows<kPlanes>(first, second, pairs.from(v / 2 * kChunk), rows.from(v * kChunk), next_chunk);
  }
#pragma GCC unroll 16
  for (int part = 0; part < kParts; ++part) {
    store(running.largest + part * kLanes, largest[part]);
    store(running.partition + part * kLanes, load(running.partition + part * kLanes) + sum[part]);
  }
}

}  // namespace
