// The softmax of one chunk of tokens while the vocabulary passes by in blocks of panels.
#pragma once

#include "elementary.h"
#include "parallel.h"

namespace {

constexpr float kReferenceSlack = 16.0f;  // e <= exp(16): sums of 2^24 of them are far below the fp32 range

// Exponentials are taken from a reference, so that they stay finite, and are never normalised. The reference is the first panel's largest
// logit; it is raised only when a later logit exceeds it by more than kReferenceSlack.
class RunningSoftmax {
 public:
  RunningSoftmax(const Softmax& softmax, ptrdiff_t chunk)
      : reference(softmax.reference + chunk * kChunk), partition(softmax.partition + chunk * kChunk) {}

  void start() const {
    for (int lane = 0; lane < kChunk; ++lane) partition[lane] = 0, reference[lane] = -INFINITY;
  }
  void begin_block() {
    for (int lane = 0; lane < kChunk; ++lane) largest[lane] = -INFINITY;
    memcpy(before_, partition, sizeof(before_));
  }
  // Whether a logit of the block is too large for the reference.
  bool exceeded() const {
    bool exceeded = false;
    for (int lane = 0; lane < kChunk; lane += kLanes) exceeded |= any_above(load(largest + lane), load(reference + lane) + kReferenceSlack);
    return exceeded;
  }
  // Undoes the block's sums and raises the reference; `factor` (32) is what the exponentials of the blocks before are to be multiplied by.
  void raise(float* factor) {
    for (int lane = 0; lane < kChunk; lane += kLanes) {
      const Vec old = load(reference + lane), top = load(largest + lane);
      const Vec raised = top > old + kReferenceSlack ? top : old;
      store(factor + lane, exponential(old - raised));
      store(reference + lane, raised);
    }
    memcpy(partition, before_, sizeof(before_));
  }

  float *reference, *partition;  // (32) each: what is subtracted from logits, and the sum of the exponentials
  float largest[kChunk];         // of the block's logits

 private:
  float before_[kChunk];  // the partition before the block
};

// (count, 32) *= factor (32)
inline void rescale_rows(float* rows, ptrdiff_t count, const float* factor) {
  for (ptrdiff_t row = 0; row < count; ++row)
    for (int lane = 0; lane < kChunk; lane += kLanes)
      store(rows + row * kChunk + lane, load(rows + row * kChunk + lane) * load(factor + lane));
}

}  // namespace
