// The register tile that every matrix product of the core is made of.
#pragma once

#include "../core.h"
#include "vector.h"

namespace {
using tbptt::Rows;

template <int kValue>
struct Fixed {
  static constexpr int value = kValue;
};

// A matrix by its address, the distance between rows and the distance between columns.
struct Strided {
  const float* at;
  ptrdiff_t row, column;
};

// kRows x (kColumns vectors) sums that stay in registers.
template <int kRows, int kColumns>
struct RegisterTile {
  struct Shape {
    using Tile = RegisterTile;
  };
  static constexpr int rows = kRows, columns = kColumns * kLanes;

  Vec sums[kRows][kColumns];

  TBPTT_INLINE void clear() {
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
      for (int j = 0; j < kColumns; ++j) sums[i][j] = Vec{};
  }
  // Each row all `start` of it.
  TBPTT_INLINE void start_rows(const float* start) {
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
      for (int j = 0; j < kColumns; ++j) sums[i][j] = splat(start[i]);
  }
  TBPTT_INLINE void load_from(const float* from, ptrdiff_t row) {
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
      for (int j = 0; j < kColumns; ++j) sums[i][j] = load(from + i * row + j * kLanes);
  }
  TBPTT_INLINE void add(const float* from, ptrdiff_t row) {
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
      for (int j = 0; j < kColumns; ++j) sums[i][j] += load(from + i * row + j * kLanes);
  }
  TBPTT_INLINE void store_to(float* to, ptrdiff_t row) const {
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
      for (int j = 0; j < kColumns; ++j) store(to + i * row + j * kLanes, sums[i][j]);
  }
  // largest (columns) = the largest of itself and each column
  TBPTT_INLINE void raise(float* largest) const {
    Vec top[kColumns];
#pragma GCC unroll 16
    for (int j = 0; j < kColumns; ++j) top[j] = load(largest + j * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
      for (int j = 0; j < kColumns; ++j) top[j] = larger(top[j], sums[i][j]);
#pragma GCC unroll 16
    for (int j = 0; j < kColumns; ++j) store(largest + j * kLanes, top[j]);
  }
  // += a (kRows, depth) b (depth, kColumns vectors)
  TBPTT_INLINE void add_product(ptrdiff_t depth, Strided a, const float* b, ptrdiff_t b_row) {
    for (ptrdiff_t k = 0; k < depth; ++k) {
      Vec right[kColumns];
#pragma GCC unroll 16
      for (int j = 0; j < kColumns; ++j) right[j] = load(b + j * kLanes);
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i) {
        Vec left = splat(a.at[i * a.row]);
#pragma GCC unroll 16
        for (int j = 0; j < kColumns; ++j) sums[i][j] = fma(left, right[j], sums[i][j]);
      }
      a.at += a.column;
      b += b_row;
    }
  }
};

// Cuts 0..total into the fewest groups of at most kMost rows, as even as possible, and calls body(Fixed<rows>, first) for each.
template <int kMost, typename Body>
TBPTT_INLINE void for_each_group(int total, Body body) {
  if (total <= 0) return;
  const int groups = (total + kMost - 1) / kMost, small = total / groups, larger_ones = total % groups;
  int first = 0;
  for (int group = 0; group < groups; ++group) {
    const int rows = small + (group < larger_ones ? 1 : 0);
    switch (rows) {
#define TBPTT_CASE(n)                                  \
  case n:                                              \
    if constexpr (n <= kMost) body(Fixed<n>{}, first); \
    break;
      TBPTT_CASE(1)
      TBPTT_CASE(2)
      TBPTT_CASE(3)
      TBPTT_CASE(4)
      TBPTT_CASE(5)
      TBPTT_CASE(6)
      TBPTT_CASE(7)
      TBPTT_CASE(8)
      TBPTT_CASE(9)
      TBPTT_CASE(10)
      TBPTT_CASE(11)
      TBPTT_CASE(12)
      TBPTT_CASE(13)
#undef TBPTT_CASE
    }
    first += rows;
  }
}

// Covers (rows, width) by tiles, two vectors wide but for a rest of one: body(the tile's Shape, its first row, its first column).
template <int kMostRows, typename Body>
TBPTT_INLINE void for_each_tile(int rows, int width, Body body) {
  auto columns = [&](auto vectors, int column) {
    for_each_group<kMostRows>(rows, [&](auto group, int row) {
      body(typename RegisterTile<decltype(group)::value, decltype(vectors)::value>::Shape{}, row, column);
    });
  };
  int column = 0;
  for (; column + 2 * kLanes <= width; column += 2 * kLanes) columns(Fixed<2>{}, column);
  for (; column < width; column += kLanes) columns(Fixed<1>{}, column);
}

// Rows of a register tile that are a distance apart which only the program's run tells: the addresses of more do not fit the general
// registers.
constexpr int kStridedRows = kTileRows < 8 ? kTileRows : 8;

struct Extent {
  int rows, width, depth;
};

// c (rows, width) = [c if kAccumulate, else `start` (width) or 0] + a (rows, depth) b (depth, width); width is a multiple of 16.
template <bool kAccumulate>
inline __attribute__((noinline)) void multiply(Extent size, Strided a, Rows b, Rows c, const float* start = nullptr) {
  for_each_tile<kStridedRows>(size.rows, size.width, [&](auto shape, int row, int column) {
    typename decltype(shape)::Tile tile;
    float* to = c.at(row) + column;
    if constexpr (kAccumulate)
      tile.load_from(to, c.row);
    else if (start)
      tile.load_from(start + column, 0);
    else
      tile.clear();
    tile.add_product(size.depth, {a.at + row * a.row, a.row, a.column}, b.values + column, b.row);
    tile.store_to(to, c.row);
  });
}

// to (columns, rows) = from (rows, columns) transposed
TBPTT_NO_CLONE inline void transpose_matrix(ptrdiff_t rows, ptrdiff_t columns, const float* from, ptrdiff_t from_row, float* to,
                                            ptrdiff_t to_row) {
  ptrdiff_t r = 0;
  for (; r + kLanes <= rows; r += kLanes) {
    ptrdiff_t c = 0;
    for (; c + kLanes <= columns; c += kLanes) {
      Vec block[kLanes];
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; ++i) block[i] = load(from + (r + i) * from_row + c);
      transpose(block);
#pragma GCC unroll 16
      for (int i = 0; i < kLanes; ++i) store(to + (c + i) * to_row + r, block[i]);
    }
    for (; c < columns; ++c)
      for (int i = 0; i < kLanes; ++i) to[c * to_row + r + i] = from[(r + i) * from_row + c];
  }
  for (; r < rows; ++r)
    for (ptrdiff_t c = 0; c < columns; ++c) {
      const float value = from[r * from_row + c];
      to[c * to_row + r] = value;
    }
}

}  // namespace
