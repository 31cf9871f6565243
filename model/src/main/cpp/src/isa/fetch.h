// Memory fetched ahead of its use, a little at each step of a product.
#pragma once

#include <stddef.h>

#include "../inline.h"

namespace {

// Strips of memory, one after the other.
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
  Strip strips_[3];
  int count_ = 0, next_ = 0;
  ptrdiff_t lines_ = 0, lines_per_step_ = 0;
};

// Nothing.
struct NoFetch {
  void spread(ptrdiff_t) {}
  TBPTT_INLINE void some() {}
};

}  // namespace
