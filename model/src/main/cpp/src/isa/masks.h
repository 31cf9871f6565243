// Inverted dropout from counter-based random numbers: the same element gets the same number whatever the order, engine or retry.
#pragma once

#include "../core.h"
#include "../philox.h"
#include "vector.h"

namespace {

// Philox blocks first .. first+7 of one stream at once; words[w][i] is word w of block first+i.
inline void philox_blocks(uint64_t seed, uint32_t epoch, uint32_t window, uint32_t purpose, uint32_t first, uint32_t (&words)[4][8]) {
  using namespace tbptt;
  typedef uint64_t Wide __attribute__((vector_size(64)));
  Wide c0, c1 = Wide{} + window, c2 = Wide{} + epoch, c3 = Wide{} + purpose;
  for (int i = 0; i < 8; ++i) c0[i] = static_cast<uint32_t>(first + static_cast<uint32_t>(i));
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
  for (int i = 0; i < 8; ++i) {
    words[0][i] = static_cast<uint32_t>(c0[i]);
    words[1][i] = static_cast<uint32_t>(c1[i]);
    words[2][i] = static_cast<uint32_t>(c2[i]);
    words[3][i] = static_cast<uint32_t>(c3[i]);
  }
}

// Walks through the numbers of one stream by position.
class MaskStream {
 public:
  MaskStream(const tbptt_window& window, uint32_t purpose, double keep)
      : window_(window),
        purpose_(purpose),
        threshold_(static_cast<uint64_t>(keep * 4294967296.0)),
        value_(static_cast<float>(1.0 / keep)) {}

  // to[0..count) = the mask at position .. position+count-1
  void fill(uint64_t position, int count, float* to) {
    for (int i = 0; i < count;) {
      const uint64_t at = position + static_cast<uint64_t>(i), block = at / 4;
      if (!loaded_ || block < first_ || block >= first_ + 8) {
        philox_blocks(window_.seed, window_.epoch, window_.window, purpose_, static_cast<uint32_t>(block), words_);
        first_ = block;
        loaded_ = true;
      }
      for (uint64_t word = at % 4, slot = block - first_; word < 4 && i < count; ++word, ++i)
        to[i] = words_[word][slot] < threshold_ ? value_ : 0.0f;
    }
  }

 private:
  const tbptt_window& window_;
  uint32_t purpose_;
  uint64_t threshold_;
  float value_;
  uint64_t first_ = 0;
  bool loaded_ = false;
  uint32_t words_[4][8];
};

// to (T*B, to_row) = the explicit mask (T*B, width), or Philox's, or ones.
inline void fill_mask(const tbptt::Core& core, const tbptt_window& window, const float* given, double keep, uint32_t purpose, int width,
                      float* to, ptrdiff_t to_row) {
  const ptrdiff_t rows = static_cast<ptrdiff_t>(window.steps) * core.B;
  const uint64_t first = static_cast<uint64_t>(window.first_step) * static_cast<uint64_t>(core.B);
  MaskStream stream(window, purpose, keep);
  for (ptrdiff_t row = 0; row < rows; ++row) {
    float* at = to + row * to_row;
    if (given)
      memcpy(at, given + row * width, static_cast<size_t>(width) * sizeof(float));
    else if (keep < 1)
      stream.fill((first + static_cast<uint64_t>(row)) * static_cast<uint64_t>(width), width, at);
    else
      for (int i = 0; i < width; ++i) at[i] = 1.0f;
  }
}

}  // namespace
