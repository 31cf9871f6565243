// Memory fetched ahead of its use, a little at each step of a product.
#pragma once

#include <stddef.h>

#include "../core.h"

namespace {
using tbptt::Rows;

// Blocks of memory, one after the other.
class Fetch {
 public:
  void add(const void* at, ptrdiff_t bytes) { add(at, bytes, 1, bytes); }
  // The first columns of `count` rows.
  void add(Rows rows, ptrdiff_t count, ptrdiff_t columns) {
    const ptrdiff_t size = static_cast<ptrdiff_t>(sizeof(float)), row = rows.row * size;
    columns == rows.row ? add(rows.values, count * row) : add(rows.values, columns * size, count, row);
  }
  // All is to be fetched in `steps` calls of some().
  void spread(ptrdiff_t steps) { lines_per_step_ = (lines_ + steps - 1) / steps; }
  TBPTT_INLINE void some() {
    for (ptrdiff_t line = 0; line < lines_per_step_ && next_ < count_; ++line) {
      Block& block = blocks_[next_];
      __builtin_prefetch(block.at, 0, 2);
      block.at += kLine;
      if (block.at >= block.end && block.ends()) ++next_;
    }
  }

 private:
  static constexpr ptrdiff_t kLine = 64;
  // `rows` rows of `bytes` bytes, `row` bytes apart: where the present one goes on, and where it ends.
  struct Block {
    const char *at, *end;
    ptrdiff_t bytes, rows, row;

    // Goes to the next row, unless this was the last one.
    bool ends() {
      if (--rows == 0) return true;
      at = end - bytes + row;
      end += row;
      return false;
    }
  };

  void add(const void* at, ptrdiff_t bytes, ptrdiff_t rows, ptrdiff_t row) {
    if (bytes <= 0 || rows <= 0) return;
    const char* first = static_cast<const char*>(at);
    blocks_[count_++] = {first, first + bytes, bytes, rows, row};
    lines_ += (bytes + kLine - 1) / kLine * rows;
  }

  Block blocks_[3];
  int count_ = 0, next_ = 0;
  ptrdiff_t lines_ = 0, lines_per_step_ = 0;
};

// Nothing.
struct NoFetch {
  void spread(ptrdiff_t) {}
  TBPTT_INLINE void some() {}
};

// What a product that consists of others has spread over all of them.
template <typename Ahead>
struct SpreadFetch {
  Ahead& ahead;
  void spread(ptrdiff_t) {}
  TBPTT_INLINE void some() { ahead.some(); }
};

}  // namespace
