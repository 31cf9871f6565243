// fp32 numbers into bf16 terms, plane by plane: as rows, or as pair words.
#pragma once

#include "../core.h"
#include "bf16.h"

namespace {
using tbptt::kChunk;
using tbptt::kPanel;
using tbptt::Planes;

// Takes the bf16 number nearest to `rest` off it.
TBPTT_INLINE Vec next_term(Vec& rest) {
  const Vec term = round_to_bf16(rest);
  rest -= term;
  return term;
}

// The same of two numbers, as pair words.
TBPTT_INLINE IntVec next_pair(Vec& first, Vec& second) {
  const IntVec words = round_to_pair(first, second);
  first -= first_of_pair(words);
  second -= second_of_pair(words);
  return words;
}

// Both values' terms as pair words.
template <int kPlanes>
TBPTT_INLINE void store_pairs(Vec first, Vec second, Planes<int32_t> to) {
  for (int plane = 0; plane < kPlanes; ++plane) store_int(to.values + plane * to.plane, next_pair(first, second));
}

template <int kPlanes>
TBPTT_INLINE void store_terms(Vec values, Planes<uint16_t> to) {
  for (int plane = 0; plane < kPlanes; ++plane) store_upper_halves(next_term(values), to.values + plane * to.plane);
}

// The sum of the terms, the small ones first.
template <int kPlanes>
TBPTT_INLINE Vec load_terms(Planes<uint16_t> from) {
  typedef uint16_t Halves __attribute__((vector_size(kLanes * 2)));
  Vec value{};
  for (int plane = kPlanes - 1; plane >= 0; --plane) {
    Halves halves;
    memcpy(&halves, from.values + plane * from.plane, sizeof(halves));
    value += reinterpret_cast<Vec>(__builtin_convertvector(halves, Bits) << 16);
  }
  return value;
}

// to (count) = the terms of `from`, whole vectors
template <int kPlanes>
TBPTT_INLINE void store_all_terms(const float* from, int count, Planes<uint16_t> to) {
#if defined(__AVX512BF16__)
  if constexpr (kPlanes == 1) {
    for (int i = 0; i < count; i += 2 * kLanes)
      _mm512_storeu_si512(to.values + i, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(load(from + i + kLanes), load(from + i))));
    return;
  }
#endif
  for (int i = 0; i < count; i += kLanes) store_terms<kPlanes>(load(from + i), to.from(i));
}

#if defined(__AVX512BF16__)
// unpacklo and unpackhi interleave two rows by 128-bit lanes, in half the time of a permutation that keeps the tokens in order: pair words
// 0..15 are of tokens 0..3, 8..11, 16..19, 24..27.
alignas(64) constexpr int32_t kShuffled[2][16] = {{0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27},
                                                  {4, 5, 6, 7, 12, 13, 14, 15, 20, 21, 22, 23, 28, 29, 30, 31}};
alignas(64) constexpr int32_t kUnshuffled[2][16] = {{0, 1, 2, 3, 16, 17, 18, 19, 4, 5, 6, 7, 20, 21, 22, 23},
                                                    {8, 9, 10, 11, 24, 25, 26, 27, 12, 13, 14, 15, 28, 29, 30, 31}};
TBPTT_INLINE void permute_row(float* row, const int32_t (&order)[2][16]) {
  const Vec low = load(row), high = load(row + kLanes);
  store(row, _mm512_permutex2var_ps(low, _mm512_load_si512(order[0]), high));
  store(row + kLanes, _mm512_permutex2var_ps(low, _mm512_load_si512(order[1]), high));
}

// values -= a row of 32 bf16 numbers
TBPTT_INLINE void subtract_row(Vec (&values)[2], __m512i row) {
  values[0] -= reinterpret_cast<Vec>(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_castsi512_si256(row)), 16));
  values[1] -= reinterpret_cast<Vec>(_mm512_slli_epi32(_mm512_cvtepu16_epi32(_mm512_extracti64x4_epi64(row, 1)), 16));
}
#endif

// A row of 32 tokens' floats into the order of the pair words that store_two_rows stores, and back. Without AVX512-BF16 it is the same one.
TBPTT_INLINE void shuffle_tokens([[maybe_unused]] float* row) {
#if defined(__AVX512BF16__)
  permute_row(row, kShuffled);
#endif
}
TBPTT_INLINE void unshuffle_tokens([[maybe_unused]] float* row) {
#if defined(__AVX512BF16__)
  permute_row(row, kUnshuffled);
#endif
}

// Two rows of 32 exponentials: their terms' pair words, shuffled, and the rows of terms themselves to keep.
template <int kPlanes, int kParts>
TBPTT_INLINE void store_two_rows(Vec (&first)[kParts], Vec (&second)[kParts], Planes<int32_t> pairs, Planes<uint16_t> rows,
                                 ptrdiff_t next_chunk) {
  // The lines where the next chunk's rows will be kept are cold: own them by then.
  for (int plane = 0; plane < kPlanes; ++plane) {
    __builtin_prefetch(rows.values + plane * rows.plane + next_chunk, 1);
    __builtin_prefetch(rows.values + plane * rows.plane + next_chunk + kChunk, 1);
  }
  for (int plane = 0; plane < kPlanes; ++plane) {
    int32_t* words = pairs.values + plane * pairs.plane;
    uint16_t* halves = rows.values + plane * rows.plane;
#if defined(__AVX512BF16__)
    const __m512i one = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(first[1], first[0]));
    const __m512i two = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second[1], second[0]));
    _mm512_storeu_si512(halves, one);
    _mm512_storeu_si512(halves + kChunk, two);
    _mm512_storeu_si512(words, _mm512_unpacklo_epi16(one, two));
    _mm512_storeu_si512(words + kLanes, _mm512_unpackhi_epi16(one, two));
    if constexpr (kPlanes > 1) {
      subtract_row(first, one);
      subtract_row(second, two);
    }
#else
#pragma GCC unroll 16
    for (int part = 0; part < kParts; ++part) {
      const Vec a = next_term(first[part]), b = next_term(second[part]);
      store_int(words + part * kLanes, pair(a, b));
      store_upper_halves(a, halves + part * kLanes);
      store_upper_halves(b, halves + kChunk + part * kLanes);
    }
#endif
  }
}

}  // namespace
