// bf16: the upper half of an fp32 number, rounded to nearest even. Two of them share a 32-bit word, the first in the low half:
// the layout that vdpbf16ps and AMX tiles multiply pairwise.
//
// A matrix may be given as one plane of bf16 terms or as three (bf16x3): x = x1 + x2 + x3 holds all 24 bits of x, and of the nine products
// the six largest are taken, small ones first (Henry, Tang, Heinecke: Leveraging the bfloat16 Artificial Intelligence Datatype, 2019).
#pragma once

#include "tile.h"

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

#if defined(__AVX512BF16__)
// Of two rows of 32 bf16 numbers: the pair words of columns 0..15 and of columns 16..31.
alignas(64) constexpr uint16_t kPairWords[2][32] = {
    {0, 32, 1, 33, 2, 34, 3, 35, 4, 36, 5, 37, 6, 38, 7, 39, 8, 40, 9, 41, 10, 42, 11, 43, 12, 44, 13, 45, 14, 46, 15, 47},
    {16, 48, 17, 49, 18, 50, 19, 51, 20, 52, 21, 53, 22, 54, 23, 55, 24, 56, 25, 57, 26, 58, 27, 59, 28, 60, 29, 61, 30, 62, 31, 63}};
#endif

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

TBPTT_INLINE Vec dot_pairs(IntVec a, IntVec b, Vec sum) {
#if defined(__AVX512BF16__)
  return _mm512_dpbf16_ps(sum, reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b));
#else
  // The same rounding of the operands; the sum is rounded after each fused product.
  return fma(first_of_pair(a), first_of_pair(b), fma(second_of_pair(a), second_of_pair(b), sum));
#endif
}

// Strips of memory to fetch a little of at each step of a product, one strip after the other.
class Fetch {
 public:
  void add(const void* at, ptrdiff_t bytes) {
    if (bytes <= 0) return;
    strips_[count_++] = {static_cast<const char*>(at), static_cast<const char*>(at) + bytes};
    lines_ += (bytes + kLine - 1) / kLine;
  }
  // All is to be fetched in `steps` calls of some().
  void spread(ptrdiff_t steps) { lines_per_step_ = (lines_ + steps - 1) / steps; }
  TBPTT_INLINE void some() {
    for (ptrdiff_t line = 0; line < lines_per_step_ && next_ < count_; ++line) {
      Strip& strip = strips_[next_];
      __builtin_prefetch(strip.at, 0, 2);
      strip.at += kLine;
      if (strip.at >= strip.end) ++next_;
    }
  }

 private:
  static constexpr ptrdiff_t kLine = 64;
  struct Strip {
    const char *at, *end;
  };
  Strip strips_[6];
  int count_ = 0, next_ = 0;
  ptrdiff_t lines_ = 0, lines_per_step_ = 0;
};

constexpr int kBlockDepth = 32;                  // values of one block of depth
constexpr int kPairsPerBlock = kBlockDepth / 2;  // its pair words

// One product of pair words: c (rows, columns) = [c if accumulates] + a (rows, 32 blocks) b (32 blocks, columns).
// a: block k, (rows, 32) bf16, begins at k a_block. b: rows of pair words, `b_row` apart; block k of 16 of them begins at k
// b_block. columns is a multiple of 16; a and c have room for rows up to the next multiple of 16, which may be computed, too. Operands of
// several terms have a plane for each, a_plane and b_plane apart; their product is the sum of the products that TermProducts lists.
struct PairProduct {
  int rows, columns, blocks;
  int last_pairs;  // words of the last block that are not all zeros, 1..16
  const uint16_t* a;
  ptrdiff_t a_block, a_plane;
  const int32_t* b;
  ptrdiff_t b_row, b_block, b_plane;
  float* c;
  ptrdiff_t c_row;
  bool accumulates;
};

// Which planes of a and b are multiplied, the smallest products first.
template <int kPlanes>
struct TermProducts;
template <>
struct TermProducts<1> {
  static constexpr int count = 1;
  static constexpr int planes[1][2] = {{0, 0}};
};
template <>
struct TermProducts<3> {
  static constexpr int count = 6;
  static constexpr int planes[6][2] = {{2, 0}, {1, 1}, {0, 2}, {1, 0}, {0, 1}, {0, 0}};
};

inline __attribute__((noinline)) void multiply_pairs_by_vectors(const PairProduct& product) {
  auto columns = [&](auto vectors, int column) {
    constexpr int kColumns = decltype(vectors)::value;
    for_each_group<kTileRows>(product.rows, [&](auto group, int first) {
      constexpr int kRows = decltype(group)::value;
      // Copies: for all the compiler knows, a store to c changes the product.
      const int blocks = product.blocks, last_pairs = product.last_pairs;
      const ptrdiff_t a_block = product.a_block, b_row = product.b_row, b_block = product.b_block, c_row = product.c_row;
      const uint16_t* a_of_block = product.a + first * kBlockDepth;
      const int32_t* b_of_block = product.b + column;
      float* c = product.c + first * c_row + column;
      Vec acc[kRows][kColumns];
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
        for (int j = 0; j < kColumns; ++j) acc[i][j] = Vec{};
      for (int block = 0; block < blocks; ++block, a_of_block += a_block, b_of_block += b_block) {
        const uint16_t* a = a_of_block;
        const int32_t* b = b_of_block;
        const int pairs = block + 1 < blocks ? kPairsPerBlock : last_pairs;
        for (int k = 0; k < pairs; ++k) {
          IntVec right[kColumns];
#pragma GCC unroll 16
          for (int j = 0; j < kColumns; ++j) right[j] = load_int(b + j * kLanes);
#pragma GCC unroll 16
          for (int i = 0; i < kRows; ++i) {
            int32_t word;
            memcpy(&word, a + i * kBlockDepth, sizeof(word));
            const IntVec left = splat_int(word);
#pragma GCC unroll 16
            for (int j = 0; j < kColumns; ++j) acc[i][j] = dot_pairs(left, right[j], acc[i][j]);
          }
          a += 2;
          b += b_row;
        }
      }
      if (product.accumulates)
#pragma GCC unroll 16
        for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
          for (int j = 0; j < kColumns; ++j) acc[i][j] += load(c + i * c_row + j * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
        for (int j = 0; j < kColumns; ++j) store(c + i * c_row + j * kLanes, acc[i][j]);
    });
  };
  int column = 0;
  for (; column + 2 * kLanes <= product.columns; column += 2 * kLanes) columns(Fixed<2>{}, column);
  for (; column < product.columns; column += kLanes) columns(Fixed<1>{}, column);
}

}  // namespace
