// bf16: the upper half of an fp32 number, rounded to nearest even. Two of them share a 32-bit word, the first in the low half:
// the layout that vdpbf16ps and AMX tiles multiply pairwise.
//
// A matrix may be given as one plane of bf16 terms or as three (bf16x3): x = x1 + x2 + x3 holds all 24 bits of x, and of the nine products
// the six largest are taken, small ones first (Henry, Tang, Heinecke: Leveraging the bfloat16 Artificial Intelligence Datatype, 2019).
#pragma once

#include "tile.h"

namespace {

TBPTT_INLINE IntVec shift_right(IntVec v, int bits) {
  typedef uint32_t Unsigned __attribute__((vector_size(kLanes * 4)));
  return reinterpret_cast<IntVec>(reinterpret_cast<Unsigned>(v) >> bits);
}

constexpr int32_t kUpperHalf = static_cast<int32_t>(0xFFFF0000u);

// v rounded to bf16, still as fp32. NaN stays NaN (its payload may change).
TBPTT_INLINE Vec round_to_bf16(Vec v) {
  const IntVec bits = as_int(v);
  const IntVec rounded = (bits + 0x7FFF + (shift_right(bits, 16) & 1)) & kUpperHalf;
  return v == v ? as_float(rounded) : v;
}

// Words of pairs (first, second) of values that are bf16 already.
TBPTT_INLINE IntVec pair(Vec first, Vec second) { return shift_right(as_int(first), 16) | (as_int(second) & kUpperHalf); }
TBPTT_INLINE Vec first_of_pair(IntVec words) { return as_float(words << 16); }
TBPTT_INLINE Vec second_of_pair(IntVec words) { return as_float(words & kUpperHalf); }

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

// Takes the next term off `rest` and leaves what remains.
TBPTT_INLINE Vec next_term(Vec& rest) {
  const Vec term = round_to_bf16(rest);
  rest -= term;
  return term;
}

TBPTT_INLINE Vec dot_pairs(IntVec a, IntVec b, Vec sum) {
#if defined(__AVX512BF16__)
  return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
#else
  // The same rounding of the operands; the sum is rounded after each fused product.
  return fma(first_of_pair(a), first_of_pair(b), fma(second_of_pair(a), second_of_pair(b), sum));
#endif
}

// A strip of memory to fetch a little of at each step of a product.
struct Fetch {
  const void* at;
  const void* end;
  ptrdiff_t lines_per_step;
};

TBPTT_INLINE void fetch_some(Fetch& fetch) {
  const char* at = static_cast<const char*>(fetch.at);
  for (ptrdiff_t line = 0; line < fetch.lines_per_step && at < fetch.end; ++line, at += 64) __builtin_prefetch(at, 0, 2);
  fetch.at = at;
}

// One product of pair words: c (rows, 32) += a (rows, 32 blocks) b (32 blocks, 32).
// a: bf16 rows, `a_row` apart; block k of 32 of them begins at k a_block. b: pair words, 16 x 32 per block, blocks `b_block` words apart.
struct PairProduct {
  int rows, blocks;
  int last_pairs;  // words of the last block that are not all zeros, 1..16
  const uint16_t* a;
  ptrdiff_t a_row, a_block;
  const int32_t* b;
  ptrdiff_t b_block;
  float* c;  // rows of 32
};

constexpr int kPairColumns = 32, kPairsPerBlock = 16;

inline __attribute__((noinline)) void multiply_pairs_by_vectors(const PairProduct& product, Fetch& fetch) {
  constexpr int kColumns = 2;
  for (int column = 0; column < kPairColumns; column += kColumns * kLanes)
    for_each_group<kTileRows>(product.rows, [&](auto group, int first) {
      constexpr int kRows = decltype(group)::value;
      Vec acc[kRows][kColumns];
      float* c = product.c + first * kPairColumns + column;
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
        for (int j = 0; j < kColumns; ++j) acc[i][j] = load(c + i * kPairColumns + j * kLanes);
      for (int block = 0; block < product.blocks; ++block) {
        fetch_some(fetch);
        const uint16_t* a = product.a + first * product.a_row + block * product.a_block;
        const int32_t* b = product.b + block * product.b_block + column;
        const int pairs = block + 1 < product.blocks ? kPairsPerBlock : product.last_pairs;
        for (int k = 0; k < pairs; ++k) {
          IntVec right[kColumns];
#pragma GCC unroll 16
          for (int j = 0; j < kColumns; ++j) right[j] = load_int(b + j * kLanes);
#pragma GCC unroll 16
          for (int i = 0; i < kRows; ++i) {
            int32_t word;
            memcpy(&word, a + i * product.a_row, sizeof(word));
            const IntVec left = splat_int(word);
#pragma GCC unroll 16
            for (int j = 0; j < kColumns; ++j) acc[i][j] = dot_pairs(left, right[j], acc[i][j]);
          }
          a += 2;
          b += kPairColumns;
        }
      }
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
        for (int j = 0; j < kColumns; ++j) store(c + i * kPairColumns + j * kLanes, acc[i][j]);
    });
}

}  // namespace
