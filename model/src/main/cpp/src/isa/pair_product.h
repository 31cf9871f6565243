// Products of bf16 pair words.
//
// A matrix is one plane of bf16 terms or two (bf16x2): x = x1 + x2 to about 16 bits, and of the four products all but the smallest are
// taken (Henry, Tang, Heinecke: Leveraging the bfloat16 Artificial Intelligence Datatype, 2019).
#pragma once

#include "bf16.h"
#include "fetch.h"
#include "tile.h"

namespace {
using tbptt::Planes;

constexpr int kBlockDepth = 32;                  // values of one block of depth
constexpr int kPairsPerBlock = kBlockDepth / 2;  // its pair words

// A left operand: of each block of depth (rows, 32) bf16, the blocks `block` apart.
struct PairRows {
  Planes<uint16_t> terms;
  ptrdiff_t block;
};

// A right operand: rows of pair words, `row` apart.
struct PairWords {
  Planes<int32_t> terms;
  ptrdiff_t row;
};

// What a product is added to: rows `row` floats apart, one for all if that is 0; null is zeros.
struct Addend {
  const float* at;
  ptrdiff_t row;

  static Addend of(Rows rows) { return {rows.values, rows.row}; }
  TBPTT_INLINE const float* row_at(int index) const { return at + index * row; }
};

// c (rows, columns) = plus + a (rows, 2 pairs) b (2 pairs, columns). columns is a multiple of 16; a and b have zeros up to whole blocks of
// depth; a and c have room for rows up to the next multiple of 16, which may be computed, too.
struct PairProduct {
  int rows, columns, pairs;
  PairRows a;
  PairWords b;
  Rows c;
  Addend plus;

  TBPTT_INLINE int blocks() const { return (pairs + kPairsPerBlock - 1) / kPairsPerBlock; }
  TBPTT_INLINE Extent size() const { return {rows, columns, 2 * pairs}; }
};

// Which planes of a and b are multiplied; one operand changes at a time.
template <int kPlanes>
struct TermProducts;
template <>
struct TermProducts<1> {
  static constexpr int count = 1;
  static constexpr int planes[1][2] = {{0, 0}};
};
template <>
struct TermProducts<2> {
  static constexpr int count = 3;
  static constexpr int planes[3][2] = {{0, 1}, {0, 0}, {1, 0}};
};

// Sums of this many pairs at most; PairMultiplier adds them up.
#if defined(__AVX512BF16__)
constexpr int kPartPairs = 8 * kPairsPerBlock;

// sums += a (rows, 32) b (pairs, columns) of one block
template <int kRows, int kColumns>
TBPTT_INLINE void add_pairs(RegisterTile<kRows, kColumns>& tile, int pairs, const uint16_t* a, const int32_t* b, ptrdiff_t b_row) {
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
      for (int j = 0; j < kColumns; ++j) tile.sums[i][j] = dot_pairs(left, right[j], tile.sums[i][j]);
    }
    a += 2;
    b += b_row;
  }
}

// Of the first plane of each operand. Fetches some of `ahead` with each block of depth of a register tile.
template <typename Ahead>
inline __attribute__((noinline)) void multiply_pairs_by_vectors(const PairProduct& product, Ahead& ahead) {
  for_each_tile<kTileRows>(product.rows, product.columns, [&](auto shape, int row, int column) {
    typename decltype(shape)::Tile tile;
    // Copies: for all the compiler knows, a store to c changes the product.
    const PairProduct p = product;
    const uint16_t* a = p.a.terms.values + row * kBlockDepth;
    const int32_t* b = p.b.terms.values + column;
    float* c = p.c.at(row) + column;
    tile.clear();
    for (int first = 0; first < p.pairs; first += kPairsPerBlock, a += p.a.block, b += kPairsPerBlock * p.b.row) {
      ahead.some();
      add_pairs(tile, p.pairs - first < kPairsPerBlock ? p.pairs - first : kPairsPerBlock, a, b, p.b.row);
    }
    if (p.plus.at) tile.add(p.plus.row_at(row) + column, p.plus.row);
    tile.store_to(c, p.c.row);
  });
}
#else
constexpr int kPartPairs = 4 * kPairsPerBlock;

// The first numbers of some pairs, and the second ones `distance` behind them.
TBPTT_INLINE void widen(const int32_t* words, float* to, int distance) {
  const IntVec pairs = load_int(words);
  store(to, first_of_pair(pairs));
  store(to + distance, second_of_pair(pairs));
}

// Columns for which a row of the left operand, once widened, is used.
constexpr int kWidenedColumns = 128;

// Of the first plane of each operand, in fp32: the instruction set has no products of pairs. The numbers are the same ones; a sum is
// rounded after each of them. Fetches some of `ahead` with each block of depth of a register tile.
template <typename Ahead>
inline __attribute__((noinline)) void multiply_pairs_by_vectors(const PairProduct& product, Ahead& ahead) {
  // A copy: for all the compiler knows, a store to c changes the product.
  const PairProduct p = product;
  alignas(64) float right[2 * kPartPairs * kWidenedColumns];  // a strip behind the other
  for (int first_column = 0; first_column < p.columns; first_column += kWidenedColumns) {
    const int together = p.columns - first_column < kWidenedColumns ? p.columns - first_column : kWidenedColumns;
    for_each_width(together, [&](auto vectors, int column) {
      constexpr int kWidth = decltype(vectors)::value * kLanes;
      const int32_t* words = p.b.terms.values + first_column + column;
      float* strip = right + 2 * kPartPairs * column;
      for (int k = 0; k < p.pairs; ++k, words += p.b.row, strip += kWidth)
        for (int j = 0; j < kWidth; j += kLanes) widen(words + j, strip + j, kPartPairs * kWidth);
    });
    for_each_group<kTileRows>(p.rows, [&](auto group, int row) {
      constexpr int kRows = decltype(group)::value;
      alignas(64) float left[kRows][2 * kPartPairs];
      const uint16_t* a = p.a.terms.values + row * kBlockDepth;
      for (int k = 0; k < p.pairs; k += kPairsPerBlock, a += p.a.block)
        for (int i = 0; i < kRows; ++i)
          for (int pair = 0; pair < kPairsPerBlock; pair += kLanes)
            widen(reinterpret_cast<const int32_t*>(a + i * kBlockDepth) + pair, left[i] + k + pair, kPartPairs);
      for_each_width(together, [&](auto vectors, int column) {
        constexpr int kColumns = decltype(vectors)::value, kWidth = kColumns * kLanes;
        for (int block = 0; block < p.blocks(); ++block) ahead.some();
        const float* strip = right + 2 * kPartPairs * column;
        RegisterTile<kRows, kColumns> tile;
        tile.clear();
        for (int number = 0; number < 2; ++number)
          tile.add_product(p.pairs, {left[0] + number * kPartPairs, 2 * kPartPairs, 1}, strip + number * kPartPairs * kWidth, kWidth);
        float* c = p.c.at(row) + first_column + column;
        if (p.plus.at) tile.add(p.plus.row_at(row) + first_column + column, p.plus.row);
        tile.store_to(c, p.c.row);
      });
    });
  }
}
#endif

}  // namespace
