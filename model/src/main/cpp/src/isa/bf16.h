// bf16: the upper half of an fp32 number, rounded to nearest even. Two of them share a 32-bit word, the first in the low half:
// the layout that vdpbf16ps and AMX tiles multiply pairwise.
#pragma once

#include "vector.h"

namespace {

// Bits, whose sums may wrap around and whose shifts bring zeros.
typedef uint32_t Bits __attribute__((vector_size(kLanes * 4)));

TBPTT_INLINE IntVec shift_right(IntVec v, int bits) { return reinterpret_cast<IntVec>(reinterpret_cast<Bits>(v) >> bits); }

constexpr int32_t kUpperHalf = static_cast<int32_t>(0xFFFF0000u);

// v rounded to bf16, still as fp32. NaN stays NaN (its payload may change).
TBPTT_INLINE Vec round_to_bf16(Vec v) {
  const Bits bits = reinterpret_cast<Bits>(v);
  const Bits rounded = (bits + 0x7FFFu + (bits >> 16 & 1u)) & 0xFFFF0000u;
  return v == v ? reinterpret_cast<Vec>(rounded) : v;
}

// Words of pairs (first, second) of values that are bf16 already.
TBPTT_INLINE IntVec pair(Vec first, Vec second) { return shift_right(as_int(first), 16) | (as_int(second) & kUpperHalf); }
TBPTT_INLINE Vec first_of_pair(IntVec words) { return reinterpret_cast<Vec>(reinterpret_cast<Bits>(words) << 16); }
TBPTT_INLINE Vec second_of_pair(IntVec words) { return as_float(words & kUpperHalf); }

// The upper halves of kLanes words.
TBPTT_INLINE void store_upper_halves(Vec values, uint16_t* to) {
  typedef uint16_t Halves __attribute__((vector_size(kLanes * 2)));
  const Halves halves = __builtin_convertvector(reinterpret_cast<Bits>(values) >> 16, Halves);
  memcpy(to, &halves, sizeof(halves));
}

// Words of pairs of both values rounded to bf16.
TBPTT_INLINE IntVec round_to_pair(Vec first, Vec second) {
#if defined(__AVX512BF16__)
  // vcvtne2ps2bf16 puts all of `first` into the low half, all of `second` into the high half of the register.
  alignas(64) static constexpr uint16_t kInterleave[32] = {0, 16, 1, 17, 2,  18, 3,  19, 4,  20, 5,  21, 6,  22, 7,  23,
                                                           8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31};
  const __m512i halves = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second, first));
  return reinterpret_cast<IntVec>(_mm512_permutexvar_epi16(_mm512_load_si512(kInterleave), halves));
#else
  return pair(round_to_bf16(first), round_to_bf16(second));
#endif
}

#if defined(__AVX512BF16__)
// sum + both products of the pairs
TBPTT_INLINE Vec dot_pairs(IntVec a, IntVec b, Vec sum) {
  return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
}
#endif

}  // namespace
