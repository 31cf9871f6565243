// Inverted dropout from counter-based random numbers: the same element gets the same number whatever the order, engine or retry.
#pragma once

#include "../core.h"
#include "../philox.h"
#include "vector.h"

namespace {

// The 32 numbers of Philox blocks first .. first+7 of one stream, by position.
inline void philox_numbers(uint64_t seed, uint32_t epoch, uint32_t window, uint32_t purpose, uint32_t first, uint32_t (&numbers)[32]) {
  using namespace tbptt;
  typedef uint64_t Wide __attribute__((vector_size(64)));
  Wide c0 = (Wide{0, 1, 2, 3, 4, 5, 6, 7} + first) & 0xFFFFFFFFu, c1 = Wide{} + window, c2 = Wide{} + epoch, c3 = Wide{} + purpose;
  const Wide low = Wide{} + 0xFFFFFFFFu;
  uint32_t key0 = static_cast<uint32_t>(seed), key1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < kPhiloxRounds; ++round) {
#if defined(__AVX512F__)
    // Both factors fit 32 bits: one vpmuludq instead of a 64-bit product.
    Wide p0 = reinterpret_cast<Wide>(_mm512_mul_epu32(reinterpret_cast<__m512i>(c0), _mm512_set1_epi64(kPhiloxMultiplier0)));
    Wide p1 = reinterpret_cast<Wide>(_mm512_mul_epu32(reinterpret_cast<__m512i>(c2), _mm512_set1_epi64(kPhiloxMultiplier1)));
#else
    Wide p0 = c0 * kPhiloxMultiplier0, p1 = c2 * kPhiloxMultiplier1;
#endif
    c0 = (p1 >> 32) ^ c1 ^ (Wide{} + key0);
    c1 = p1 & low;
    c2 = (p0 >> 32) ^ c3 ^ (Wide{} + key1);
    c3 = p0 & low;
    key0 += kPhiloxWeyl0;
    key1 += kPhiloxWeyl1;
  }
  // A block's four words stand behind one another: two in each half of it.
  const Wide front = c0 | c1 << 32, back = c2 | c3 << 32;
  const Wide halves[2] = {__builtin_shufflevector(front, back, 0, 8, 1, 9, 2, 10, 3, 11),
                          __builtin_shufflevector(front, back, 4, 12, 5, 13, 6, 14, 7, 15)};
  memcpy(numbers, halves, sizeof(numbers));
}

// Walks through the masks of one stream by position.
class MaskStream {
 public:
  MaskStream(const tbptt_window& window, uint32_t purpose, double keep)
      : window_(window),
        purpose_(purpose),
        threshold_(keep < 1 ? static_cast<uint32_t>(keep * 4294967296.0) : 0),
        value_(static_cast<float>(1.0 / keep)) {}

  // to[0..count) = the mask at position .. position+count-1
  void fill(uint64_t position, int count, float* to) {
    for (int i = 0; i < count;) {
      const uint64_t at = position + static_cast<uint64_t>(i);
      if (!loaded_ || at < first_ || at >= first_ + kAtOnce) draw(at / kAtOnce * kAtOnce);
      const int from = static_cast<int>(at - first_), rest = kAtOnce - from, run = rest < count - i ? rest : count - i;
      memcpy(to + i, masks_ + from, static_cast<size_t>(run) * sizeof(float));
      i += run;
    }
  }

 private:
  static constexpr int kAtOnce = 32;

  void draw(uint64_t first) {
    uint32_t numbers[kAtOnce];
    philox_numbers(window_.seed, window_.epoch, window_.window, purpose_, static_cast<uint32_t>(first / 4), numbers);
    for (int i = 0; i < kAtOnce; ++i) masks_[i] = numbers[i] < threshold_ ? value_ : 0.0f;
    first_ = first;
    loaded_ = true;
  }

  const tbptt_window& window_;
  uint32_t purpose_, threshold_;
  float value_;
  uint64_t first_ = 0;
  bool loaded_ = false;
  float masks_[kAtOnce];
};

// Where a mask comes from: an explicit array (T B, width), Philox where keep is below 1, or nowhere: then it is ones.
struct MaskSource {
  const float* given;
  double keep;
  uint32_t purpose;
  int width;
};

// to (T B, width) = the mask of a window
inline void fill_mask(const tbptt::Timeline& timeline, const tbptt_window& window, const MaskSource& source, tbptt::Rows to) {
  const ptrdiff_t rows = static_cast<ptrdiff_t>(window.steps) * timeline.B;
  const uint64_t first = static_cast<uint64_t>(window.first_step) * static_cast<uint64_t>(timeline.B);
  const int width = source.width;
  MaskStream stream(window, source.purpose, source.keep);
  for (ptrdiff_t row = 0; row < rows; ++row) {
    float* at = to.at(row);
    if (source.given)
      memcpy(at, source.given + row * width, static_cast<size_t>(width) * sizeof(float));
    else if (source.keep < 1)
      stream.fill((first + static_cast<uint64_t>(row)) * static_cast<uint64_t>(width), width, at);
    else
      for (int i = 0; i < width; ++i) at[i] = 1.0f;
  }
}

}  // namespace
