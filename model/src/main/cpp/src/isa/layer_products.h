// The recurrent layers' products, in fp32 or of operands rounded to bf16. Both kinds, of which a thread makes its own, have
//   pack, pack_transposed    a right operand into strips: a matrix, or its transpose
//   multiply                 c = [c, or `start` in each row] + a b, where b is in strips; fetches `ahead` meanwhile
//   group, multiply_groups   c = a^T b over many rows: columns of a, made a left operand once, by several b
// In bf16 a strip has 32 columns and its rows are pair words of two rows of the matrix each; left operands are rounded on their way.
#pragma once

#include "fetch.h"
#include "packing.h"
#include "pair_multiplier.h"
#include "parallel.h"

namespace {

class Fp32LayerProducts {
 public:
  static constexpr int kColumnsTogether = kTileRows;  // threads share columns of a out by multiples of it

  Fp32LayerProducts(const Core& core, const Worker&) : core_(core) {}

  static void pack(int depth, int width, Rows from, Strips to) { ::pack(depth, width, from, to); }
  static void pack_transposed(int rows, int columns, Rows from, Strips to) { ::pack_transposed(rows, columns, from, to); }
  template <bool kAccumulate, typename Ahead = NoFetch>
  void multiply(Extent size, Rows a, Strips b, Rows c, const float* start = nullptr, Ahead&& ahead = {}) {
    ::multiply<kAccumulate>(size, {a.values, a.row, 1}, b, c, start, ahead);
  }
  void group(ptrdiff_t rows, Rows a, int first, int count) { group_columns(rows, a, first, count, core_.input_groups + first * rows); }
  void multiply_groups(int first, int count, int width, ptrdiff_t rows, Rows b, Rows c) {
    ::multiply_groups(count, width, rows, core_.input_groups + first * rows, b, c);
  }

 private:
  const Core& core_;
};

class Bf16LayerProducts {
 public:
  static constexpr int kColumnsTogether = 32;  // a pair of tiles

  Bf16LayerProducts(const Core& core, const Worker& worker) : core_(core), worker_(worker) {}

  static void pack(int depth, int width, Rows from, Strips to) {
    for_each_strip(width, [&](int column, int columns) {
      pack_pairs(depth, {from.values + column, from.row}, columns, words_of(to, column, columns));
    });
  }

  static void pack_transposed(int rows, int columns, Rows from, Strips to) {
    for_each_strip((rows + 15) / 16 * 16, [&](int first, int strip_rows) {
      for (int column = 0; column < columns; column += kBlockDepth) {
        uint16_t rounded[kStripColumns * kBlockDepth] = {};  // rows of it are pair words already
        const int rest = columns - column < kBlockDepth ? columns - column : kBlockDepth;
        for (int i = 0; i < strip_rows && first + i < rows; ++i) round_row(rest, from.at(first + i) + column, rounded + i * kBlockDepth, 0);
        transpose_matrix(strip_rows, kPairsPerBlock, reinterpret_cast<const float*>(rounded), kPairsPerBlock,
                         reinterpret_cast<float*>(words_of(to, first, strip_rows) + column / 2 * strip_rows), strip_rows);
      }
    });
  }

  template <bool kAccumulate, typename Ahead = NoFetch>
  void multiply(Extent size, Rows a, Strips b, Rows c, const float* start = nullptr, Ahead&& ahead = {}) {
    constexpr int kBlock = kProductRows * kBlockDepth;
    SpreadFetch<Ahead> spread{ahead};
    ahead.spread(PairMultiplier::fetches(size));
    for (int first = 0; first < size.rows; first += kProductRows) {
      const int rows = size.rows - first < kProductRows ? size.rows - first : kProductRows;
      for (int i = 0; i < rows; ++i) round_row(size.depth, a.at(first + i), worker_.left_rows + i * kBlockDepth, kBlock);
      for_each_strip(size.width, [&](int column, int columns) {
        const Rows to = columns_of(c.from(first), column);
        multiplier_.multiply_rows({rows,
                                   columns,
                                   (size.depth + 1) / 2,
                                   {{worker_.left_rows, 0}, kBlock},
                                   {{words_of(b, column, columns), 0}, columns},
                                   to,
                                   kAccumulate ? Addend::of(to)
                                   : start     ? Addend{start + column, 0}
                                               : Addend{}},
                                  spread);
      });
    }
  }

  void group(ptrdiff_t rows, Rows a, int first, int count) {
    constexpr int kColumns = 64;
    int32_t words[kPairsPerBlock * kColumns];
    for (ptrdiff_t row = 0; row < rows; row += kBlockDepth)
      for (int at = 0; at < count; at += kColumns) {
        const int columns = count - at < kColumns ? count - at : kColumns;
        const ptrdiff_t rest = rows - row < kBlockDepth ? rows - row : kBlockDepth;
        pack_pairs(rest, {a.at(row) + first + at, a.row}, (columns + 15) / 16 * 16, words);
        transpose_matrix(kPairsPerBlock, columns, reinterpret_cast<const float*>(words), (columns + 15) / 16 * 16,
                         reinterpret_cast<float*>(grouped(first, rows) + row * count + at * kBlockDepth), kPairsPerBlock);
      }
  }

  void multiply_groups(int first, int count, int width, ptrdiff_t rows, Rows b, Rows c) {
    // As many columns of c as the second-level cache holds beside a's rows: the more, the less often a passes by.
    constexpr int kMost = 2 * kColumnsAtOnce;
    alignas(64) int32_t strips[kStripDepth / 2 * kMost];
    const int at_once = count <= 512 ? kMost : kColumnsAtOnce;
    for (int first_column = 0; first_column < width; first_column += at_once)
      for (ptrdiff_t row = 0; row < rows; row += kStripDepth) {
        const int depth = static_cast<int>(rows - row < kStripDepth ? rows - row : kStripDepth),
                  together = width - first_column < at_once ? width - first_column : at_once;
        const ptrdiff_t rest = rows - row - depth;
        const Rows right = columns_of(b.from(row), first_column), to = columns_of(c, first_column);
        // Rows are far apart in memory: of each all columns at once.
        for (int pair = 0; pair < pairs_of(depth); ++pair)
          for_each_strip(together, [&](int column, int columns) {
            pack_pair(depth, columns_of(right, column), columns, pair, strips + column * (kStripDepth / 2));
          });
        Fetch soon;
        SpreadFetch<Fetch> spread{soon};
        soon.add(right.from(depth), rest < kStripDepth ? rest : kStripDepth, together);
        soon.spread(PairMultiplier::fetches({count, together, depth}));
        for_each_strip(together, [&](int column, int columns) {
          multiplier_.multiply_rows({count,
                                     columns,
                                     (depth + 1) / 2,
                                     {{grouped(first, rows) + row * count, 0}, static_cast<ptrdiff_t>(count) * kBlockDepth},
                                     {{strips + column * (kStripDepth / 2), 0}, columns},
                                     columns_of(to, column),
                                     row > 0 ? Addend::of(columns_of(to, column)) : Addend{}},
                                    spread);
        });
      }
  }

 private:
  static constexpr int kStripColumns = 32;

  // body(first column, columns) for strips of 32 columns but for a rest of 16.
  template <typename Body>
  static void for_each_strip(int width, Body body) {
    for (int column = 0; column < width; column += kStripColumns)
      body(column, width - column < kStripColumns ? width - column : kStripColumns);
  }

  static Rows columns_of(Rows rows, int first) { return {rows.values + first, rows.row}; }

  static int32_t* words_of(Strips strips, int column, int columns) {
    return reinterpret_cast<int32_t*>(strips.values) + static_cast<ptrdiff_t>(column) * strips.depth +
           static_cast<ptrdiff_t>(strips.first / 2) * columns;
  }

  // Columns from `first` on as a left operand: blocks of 32 rows, each (columns, 32).
  uint16_t* grouped(int first, ptrdiff_t rows) const {
    return reinterpret_cast<uint16_t*>(core_.input_groups) + first * ((rows + kBlockDepth - 1) / kBlockDepth * kBlockDepth);
  }

  // to = `count` values in bf16, zeros up to whole blocks of 32, which are `block` apart
  static void round_row(int count, const float* from, uint16_t* to, ptrdiff_t block) {
    int i = 0;
    for (; i + kBlockDepth <= count; i += kBlockDepth, to += block) store_all_terms<1>(from + i, kBlockDepth, {to, 0});
    if (i == count) return;
    float rest[kBlockDepth] = {};
    memcpy(rest, from + i, static_cast<size_t>(count - i) * sizeof(float));
    store_all_terms<1>(rest, kBlockDepth, {to, 0});
  }

  // Pair words of so many rows, up to a whole block.
  static ptrdiff_t pairs_of(ptrdiff_t rows) { return (rows + kBlockDepth - 1) / kBlockDepth * kPairsPerBlock; }

  // to (pairs, columns) = pair words of from (rows, columns), zeros behind the last row; columns are a multiple of 16
  static void pack_pairs(ptrdiff_t rows, Rows from, int columns, int32_t* to) {
    for (ptrdiff_t pair = 0; pair < pairs_of(rows); ++pair) pack_pair(rows, from, columns, pair, to);
  }

  // One of its rows.
  static void pack_pair(ptrdiff_t rows, Rows from, int columns, ptrdiff_t pair, int32_t* to) {
    const ptrdiff_t row = 2 * pair;
    for (int i = 0; i < columns; i += kLanes) {
      const Vec first = row < rows ? load(from.at(row) + i) : Vec{}, second = row + 1 < rows ? load(from.at(row + 1) + i) : Vec{};
      store_int(to + pair * columns + i, round_to_pair(first, second));
    }
  }

  const Core& core_;
  const Worker& worker_;
  PairMultiplier multiplier_;
};

}  // namespace
