// The register tile that every matrix product of the core is made of.
#pragma once

#include "fetch.h"
#include "vector.h"

namespace {
using tbptt::Strips;

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

// Covers `width` columns by tiles' widths, two vectors but for a rest of one: body(Fixed<vectors>, first column).
template <typename Body>
TBPTT_INLINE void for_each_width(int width, Body body) {
  int column = 0;
  for (; column + 2 * kLanes <= width; column += 2 * kLanes) body(Fixed<2>{}, column);
  for (; column < width; column += kLanes) body(Fixed<1>{}, column);
}

// Covers (rows, width) by tiles: body(the tile's Shape, its first row, its first column).
template <int kMostRows, typename Body>
TBPTT_INLINE void for_each_tile(int rows, int width, Body body) {
  for_each_width(width, [&](auto vectors, int column) {
    for_each_group<kMostRows>(rows, [&](auto group, int row) {
      body(typename RegisterTile<decltype(group)::value, decltype(vectors)::value>::Shape{}, row, column);
    });
  });
}

// Rows of a register tile that are a distance apart which only the program's run tells: the addresses of more do not fit the general
// registers.
constexpr int kStridedRows = kTileRows < 8 ? kTileRows : 8;

struct Extent {
  int rows, width, depth;
};

TBPTT_INLINE ptrdiff_t blocks_of(ptrdiff_t count, int block) { return (count + block - 1) / block; }

// The part of a right operand that a register tile of some columns goes down.
struct Strip {
  const float* at;
  ptrdiff_t row;
};

TBPTT_INLINE Strip strip_of(Rows b, int column, int) { return {b.values + column, b.row}; }
TBPTT_INLINE Strip strip_of(Strips b, int column, int width) {
  return {b.values + static_cast<ptrdiff_t>(column) * b.depth + static_cast<ptrdiff_t>(b.first) * width, width};
}

// Depth of what is multiplied at once, so that a strip stays in the first-level cache for all rows.
constexpr int kStripDepth = 256;
// Rows of it: their part of the left operand stays in the second-level cache for all strips.
constexpr int kRowsAtOnce = 96;

// c (rows, width) = [c if kAccumulate, else `start` (width) or 0] + a (rows, depth) b (depth, width); width is a multiple of 16. Fetches
// `ahead` meanwhile.
template <bool kAccumulate, typename Ahead>
inline __attribute__((noinline)) void multiply(Extent size, Strided a, Strips b, Rows c, const float* start, Ahead& ahead) {
  ahead.spread(blocks_of(size.rows, kStridedRows) * blocks_of(size.width, 2 * kLanes) * blocks_of(size.depth, kStripDepth));
  for (int first = 0; first < size.rows; first += kRowsAtOnce) {
    const int rows = size.rows - first < kRowsAtOnce ? size.rows - first : kRowsAtOnce;
    for_each_width(size.width, [&](auto vectors, int column) {
      const Strip strip = strip_of(b, column, vectors.value * kLanes);
      for (ptrdiff_t k = 0; k < size.depth; k += kStripDepth) {
        const ptrdiff_t depth = size.depth - k < kStripDepth ? size.depth - k : kStripDepth;
        for_each_group<kStridedRows>(rows, [&](auto group, int row) {
          ahead.some();
          RegisterTile<decltype(group)::value, decltype(vectors)::value> tile;
          float* to = c.at(first + row) + column;
          if (kAccumulate || k > 0)
            tile.load_from(to, c.row);
          else if (start)
            tile.load_from(start + column, 0);
          else
            tile.clear();
          tile.add_product(depth, {a.at + (first + row) * a.row + k * a.column, a.row, a.column}, strip.at + k * strip.row, strip.row);
          tile.store_to(to, c.row);
        });
      }
    });
  }
}

// to = the strips of from (depth, width)
inline void pack(int depth, int width, Rows from, Strips to) {
  for_each_width(width, [&](auto vectors, int column) {
    float* strip = to.values + static_cast<ptrdiff_t>(column) * to.depth;
    for (ptrdiff_t k = 0; k < depth; ++k, strip += vectors.value * kLanes)
      for (int i = 0; i < vectors.value; ++i) store(strip + i * kLanes, load(from.at(k) + column + i * kLanes));
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

// to = the strips of from (rows, columns) transposed; the columns that they have beyond `rows` are left alone.
inline void pack_transposed(int rows, int columns, Rows from, Strips to) {
  for_each_width((rows + 15) / 16 * 16, [&](auto vectors, int first) {
    const int width = vectors.value * kLanes;
    if (first < rows)
      transpose_matrix(rows - first < width ? rows - first : width, columns, from.at(first), from.row,
                       to.values + static_cast<ptrdiff_t>(first) * to.depth, width);
  });
}

// The columns first .. first+count-1 of from (rows, columns), those of each register tile together: to holds (rows, columns of the tile)
// for each. A tile whose rows are columns of a left operand finds them behind one another.
inline void group_columns(ptrdiff_t rows, Rows from, int first, int count, float* to) {
  for_each_group<kTileRows>(count, [&](auto group, int at) {
    constexpr int kColumns = decltype(group)::value;
    float* tile = to + at * rows;
    for (ptrdiff_t row = 0; row < rows; ++row)
      for (int i = 0; i < kColumns; ++i) tile[row * kColumns + i] = from.at(row)[first + at + i];
  });
}

// Columns of c for which a's rows, once near, are used.
constexpr int kColumnsAtOnce = 128;

// c (columns, width) = a^T b, where a's columns are grouped and b is (rows, width).
inline __attribute__((noinline)) void multiply_groups(int columns, int width, ptrdiff_t rows, const float* a, Rows b, Rows c) {
  alignas(64) float strip[kStripDepth * 2 * kLanes];
  for (int first_column = 0; first_column < width; first_column += kColumnsAtOnce)
    for (ptrdiff_t row = 0; row < rows; row += kStripDepth) {
      const ptrdiff_t depth = rows - row < kStripDepth ? rows - row : kStripDepth, rest = rows - row - depth;
      const int together = width - first_column < kColumnsAtOnce ? width - first_column : kColumnsAtOnce;
      Fetch soon;
      soon.add({b.at(row + depth) + first_column, b.row}, rest < kStripDepth ? rest : kStripDepth, together);
      soon.spread(blocks_of(columns, kTileRows) * blocks_of(together, 2 * kLanes));
      for_each_width(together, [&](auto vectors, int at) {
        constexpr int kWidth = decltype(vectors)::value * kLanes;
        const int column = first_column + at;
        pack(static_cast<int>(depth), kWidth, {b.at(row) + column, b.row}, {strip, static_cast<int>(depth), 0});
        for_each_group<kTileRows>(columns, [&](auto group, int first) {
          soon.some();
          constexpr int kRows = decltype(group)::value;
          RegisterTile<kRows, decltype(vectors)::value> tile;
          float* to = c.at(first) + column;
          row > 0 ? tile.load_from(to, c.row) : tile.clear();
          tile.add_product(depth, {a + first * rows + row * kRows, 1, kRows}, strip, kWidth);
          tile.store_to(to, c.row);
        });
      });
    }
}

}  // namespace
