// The register tile that every matrix product of the core is made of.
#pragma once

#include "vector.h"

namespace {

template <int kValue>
struct Fixed {
  static constexpr int value = kValue;
};

// acc(i, j) += sum over k < depth of a[i a_row + k a_step] * (vector j of b at k b_step)
template <int kRows, int kColumns>
TBPTT_INLINE void multiply_accumulate(Vec (&acc)[kRows][kColumns], ptrdiff_t depth, const float* a, ptrdiff_t a_row, ptrdiff_t a_step,
                                      const float* b, ptrdiff_t b_step) {
  for (ptrdiff_t k = 0; k < depth; ++k) {
    Vec right[kColumns];
#pragma GCC unroll 16
    for (int j = 0; j < kColumns; ++j) right[j] = load(b + j * kLanes);
#pragma GCC unroll 16
    for (int i = 0; i < kRows; ++i) {
      Vec left = splat(a[i * a_row]);
#pragma GCC unroll 16
      for (int j = 0; j < kColumns; ++j) acc[i][j] = fma(left, right[j], acc[i][j]);
    }
    a += a_step;
    b += b_step;
  }
}

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

// Rows of a register tile that are a distance apart which only the program's run tells: the addresses of more do not fit the general
// registers.
constexpr int kStridedRows = kTileRows < 8 ? kTileRows : 8;

// A matrix by its address, the distance between rows and the distance between columns.
struct Strided {
  const float* at;
  ptrdiff_t row, column;
};

// c (rows, width) = [c if accumulate, else start (width) or 0] + a (rows, depth) * b (depth, width);
// width is a multiple of 16, the rows of b and c are contiguous.
template <bool kAccumulate>
inline __attribute__((noinline)) void multiply(int rows, int width, int depth, Strided a, const float* b, ptrdiff_t b_row, float* c,
                                               ptrdiff_t c_row, const float* start) {
  auto columns = [&](auto vectors, int column) {
    constexpr int kColumns = decltype(vectors)::value;
    for_each_group<kStridedRows>(rows, [&](auto group, int first) {
      constexpr int kRows = decltype(group)::value;
      Vec acc[kRows][kColumns];
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
        for (int j = 0; j < kColumns; ++j) {
          if constexpr (kAccumulate)
            acc[i][j] = load(c + (first + i) * c_row + column + j * kLanes);
          else
            acc[i][j] = start ? load(start + column + j * kLanes) : Vec{};
        }
      multiply_accumulate<kRows, kColumns>(acc, depth, a.at + first * a.row, a.row, a.column, b + column, b_row);
#pragma GCC unroll 16
      for (int i = 0; i < kRows; ++i)
#pragma GCC unroll 16
        for (int j = 0; j < kColumns; ++j) store(c + (first + i) * c_row + column + j * kLanes, acc[i][j]);
    });
  };
  int column = 0;
  for (; column + 2 * kLanes <= width; column += 2 * kLanes) columns(Fixed<2>{}, column);
  for (; column < width; column += kLanes) columns(Fixed<1>{}, column);
}

// to (columns, rows) = from (rows, columns) transposed; row distances given.
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
