// fp32 numbers into bf16 terms, plane by plane: as rows, or as pair words.
#pragma once

#include "../core.h"
#include "bf16.h"

namespace {
using tbptt::kChunk;
using tbptt::kPanel;
using tbptt::Planes;

// Takes the next of kTerms terms off `rest`. One term alone is the nearest bf16 number; of several, each has the upper 8 bits of what the
// ones before it left, so that three hold all 24.
template <int kTerms>
TBPTT_INLINE Vec next_term(Vec& rest) {
  if constexpr (kTerms == 1) return round_to_bf16(rest);
  const Vec term = as_float(as_int(rest) & kUpperHalf);
  rest -= term;
  return term;
}

// Both values' terms as pair words.
template <int kPlanes>
TBPTT_INLINE void store_pairs(Vec first, Vec second, Planes<int32_t> to) {
  if constexpr (kPlanes == 1) return store_int(to.values, round_to_pair(first, second));
  for (int plane = 0; plane < kPlanes; ++plane) {
    const Vec a = next_term<kPlanes>(first), b = next_term<kPlanes>(second);
    store_int(to.values + plane * to.plane, pair(a, b));
  }
}

template <int kPlanes>
TBPTT_INLINE void store_terms(Vec values, Planes<uint16_t> to) {
  for (int plane = 0; plane < kPlanes; ++plane) store_upper_halves(next_term<kPlanes>(values), to.values + plane * to.plane);
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

// Two rows of 32 exponentials: their pair words, and the rows themselves to keep.
template <int kPlanes, int kParts>
TBPTT_INLINE void store_two_rows(Vec (&first)[kParts], Vec (&second)[kParts], Planes<int32_t> pairs, Planes<uint16_t> rows) {
  // The lines where the next chunk's rows will be kept are cold: own them by then.
  for (int plane = 0; plane < kPlanes; ++plane) {
    __builtin_prefetch(rows.values + plane * rows.plane + kPanel * kChunk, 1);
    __builtin_prefetch(rows.values + plane * rows.plane + (kPanel + 1) * kChunk, 1);
  }
#if defined(__AVX512BF16__)
  if constexpr (kPlanes == 1) {
    const __m512i one = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(first[1], first[0]));
    const __m512i two = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second[1], second[0]));
    _mm512_storeu_si512(rows.values, one);
    _mm512_storeu_si512(rows.values + kChunk, two);
    _mm512_storeu_si512(pairs.values, _mm512_permutex2var_epi16(one, _mm512_load_si512(kPairWords[0]), two));
    _mm512_storeu_si512(pairs.values + kLanes, _mm512_permutex2var_epi16(one, _mm512_load_si512(kPairWords[1]), two));
    return;
  }
#endif
  for (int plane = 0; plane < kPlanes; ++plane)
#pragma GCC unroll 16
    for (int part = 0; part < kParts; ++part) {
      const Vec a = next_term<kPlanes>(first[part]), b = next_term<kPlanes>(second[part]);
      store_int(pairs.values + plane * pairs.plane + part * kLanes, pair(a, b));
      store_upper_halves(a, rows.values + plane * rows.plane + part * kLanes);
      store_upper_halves(b, rows.values + plane * rows.plane + kChunk + part * kLanes);
    }
}

}  // namespace
