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

// c (rows, columns) = [c if accumulates] + a (rows, 2 pairs) b (2 pairs, columns). columns is a multiple of 16; a and b have zeros up to
// whole blocks of depth; a and c have room for rows up to the next multiple of 16, which may be computed, too.
struct PairProduct {
  int rows, columns, pairs;
  PairRows a;
  PairWords b;
  Rows c;
  bool accumulates;

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
    if (p.accumulates) tile.add(c, p.c.row);
    tile.store_to(c, p.c.row);
  });
}

}  // namespace
