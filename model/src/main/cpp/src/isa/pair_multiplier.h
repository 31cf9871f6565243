// Products of pair words by the best that the instruction set has: AMX tiles, or vectors.
#pragma once

#include "tiles.h"

namespace {

// On AMX the tiles are configured as long as one of these lives; one at a time on a thread.
class PairMultiplier {
 public:
#if defined(TBPTT_HAS_TILES)
  template <int kPlanes>
  static ptrdiff_t steps(const PairProduct& product) {
    return Tiles::steps<kPlanes>(product);
  }
  // Calls between() at each of so many steps.
  template <int kPlanes, typename Between>
  TBPTT_INLINE void multiply(const PairProduct& product, Between between) {
    tiles_.multiply<kPlanes>(product, between);
  }

 private:
  Tiles tiles_;
#else
  template <int kPlanes>
  static ptrdiff_t steps(const PairProduct&) {
    return 1;
  }
  template <int kPlanes, typename Between>
  TBPTT_INLINE void multiply(const PairProduct& product, Between between) {
    // Long sums in parts: their rounding errors grow with the parts' length, not the whole's.
    constexpr int kPart = 8;
    PairProduct part = product;
    for (const auto& planes : TermProducts<kPlanes>::planes)
      for (int block = 0; block < product.blocks; block += kPart) {
        part.a = product.a + planes[0] * product.a_plane + block * product.a_block;
        part.b = product.b + planes[1] * product.b_plane + block * product.b_block;
        part.blocks = product.blocks - block < kPart ? product.blocks - block : kPart;
        part.last_pairs = block + kPart < product.blocks ? kPairsPerBlock : product.last_pairs;
        multiply_pairs_by_vectors(part);
        part.accumulates = true;
      }
    between();
  }
#endif
};

}  // namespace
