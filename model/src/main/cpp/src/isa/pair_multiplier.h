// Products of pair words by the best that the instruction set has: AMX tiles, or vectors.
#pragma once

#include "fetch.h"
#include "tiles.h"

namespace {

// On AMX the tiles are configured as long as one of these lives; one at a time on a thread.
class PairMultiplier {
 public:
#if defined(TBPTT_HAS_TILES)
  static ptrdiff_t fetches(Extent size) { return Tiles::fetches(size); }

  // Fetches `ahead` meanwhile.
  template <int kPlanes, typename Ahead>
  TBPTT_INLINE void multiply(const PairProduct& product, Ahead&& ahead) {
    tiles_.multiply<kPlanes>(product, ahead);
  }

  // 64 rows in few columns.
  template <int kPlanes, typename Ahead>
  TBPTT_INLINE void multiply_tall(const PairProduct& product, Ahead&& ahead) {
    tiles_.multiply_tall<kPlanes>(product, ahead);
  }

  // Computes no other rows of c than the product's.
  template <typename Ahead>
  void multiply_rows(const PairProduct& product, Ahead&& ahead) {
    tiles_.multiply_rows(product, ahead);
  }

 private:
  Tiles tiles_;
#else
  static ptrdiff_t fetches(Extent size) {
    return blocks_of(size.rows, kTileRows) * blocks_of(size.width, 2 * kLanes) * blocks_of(size.depth, kBlockDepth);
  }

  template <int kPlanes, typename Ahead>
  TBPTT_INLINE void multiply(const PairProduct& product, Ahead&& ahead) {
    // Long sums in parts: their rounding errors grow with the parts' length, not the whole's.
    PairProduct part = product;
    ahead.spread(fetches(product.size()) * TermProducts<kPlanes>::count);
    for (const auto& planes : TermProducts<kPlanes>::planes)
      for (int first = 0; first < product.pairs; first += kPartPairs) {
        part.a.terms.values = product.a.terms.values + planes[0] * product.a.terms.plane + first / kPairsPerBlock * product.a.block;
        part.b.terms.values = product.b.terms.values + planes[1] * product.b.terms.plane + first * product.b.row;
        part.pairs = product.pairs - first < kPartPairs ? product.pairs - first : kPartPairs;
        multiply_pairs_by_vectors(part, ahead);
        part.plus = Addend::of(part.c);
      }
  }
  template <int kPlanes, typename Ahead>
  TBPTT_INLINE void multiply_tall(const PairProduct& product, Ahead&& ahead) {
    multiply<kPlanes>(product, ahead);
  }
  template <typename Ahead>
  void multiply_rows(const PairProduct& product, Ahead&& ahead) {
    multiply<1>(product, ahead);
  }
#endif
};

}  // namespace
