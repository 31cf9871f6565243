// The AMX tile operations, real or emulated in plain C++ (TBPTT_EMULATE_TILES), so that everything above them is tested on any CPU.
#pragma once

#include "fetch.h"
#include "pair_product.h"

#if defined(__AMX_BF16__) || defined(TBPTT_EMULATE_TILES)
#define TBPTT_HAS_TILES 1

namespace {

// What ldtilecfg reads: Intel SDM volume 1, chapter 18.
struct alignas(64) TileConfiguration {
  uint8_t palette, start_row, reserved[14];
  uint16_t row_bytes[16];
  uint8_t rows[16];
};

}  // namespace

#if defined(TBPTT_EMULATE_TILES)

namespace {

struct EmulatedTiles {
  TileConfiguration configuration;
  alignas(64) unsigned char bytes[8][16][64];
};
thread_local EmulatedTiles emulated;

inline void emulated_configure(const TileConfiguration* configuration) {
  emulated.configuration = *configuration, memset(emulated.bytes, 0, sizeof(emulated.bytes));
}
inline void emulated_zero(int tile) { memset(emulated.bytes[tile], 0, sizeof(emulated.bytes[tile])); }
inline void emulated_load(int tile, const void* from, ptrdiff_t stride) {
  emulated_zero(tile);
  for (int row = 0; row < emulated.configuration.rows[tile]; ++row)
    memcpy(emulated.bytes[tile][row], static_cast<const char*>(from) + row * stride, emulated.configuration.row_bytes[tile]);
}
inline void emulated_store(int tile, void* to, ptrdiff_t stride) {
  for (int row = 0; row < emulated.configuration.rows[tile]; ++row)
    memcpy(static_cast<char*>(to) + row * stride, emulated.bytes[tile][row], emulated.configuration.row_bytes[tile]);
}

inline float emulated_bf16(const unsigned char* at) {
  uint16_t half;
  memcpy(&half, at, sizeof(half));
  const uint32_t bits = static_cast<uint32_t>(half) << 16;
  float value;
  memcpy(&value, &bits, sizeof(value));
  return value;
}

// c (rows, columns) fp32 += a (rows, 2 pairs) b (pairs, columns, 2), summed as TDPBF16PS does: the pairs' first products, the pairs' second
// products, then both and c.
inline void emulated_dot(int c, int a, int b) {
  const TileConfiguration& configuration = emulated.configuration;
  for (int m = 0; m < configuration.rows[c]; ++m)
    for (int n = 0; n < configuration.row_bytes[c] / 4; ++n) {
      float first = 0, second = 0, sum;
      for (int k = 0; k < configuration.row_bytes[a] / 4; ++k) {
        const unsigned char *left = emulated.bytes[a][m] + 4 * k, *right = emulated.bytes[b][k] + 4 * n;
        first += emulated_bf16(left) * emulated_bf16(right);
        second += emulated_bf16(left + 2) * emulated_bf16(right + 2);
      }
      memcpy(&sum, emulated.bytes[c][m] + 4 * n, sizeof(sum));
      sum += first + second;
      memcpy(emulated.bytes[c][m] + 4 * n, &sum, sizeof(sum));
    }
}

}  // namespace

#define TBPTT_TILE_CONFIGURE(configuration) emulated_configure(configuration)
#define TBPTT_TILE_RELEASE()
#define TBPTT_TILE_LOAD(tile, from, stride) emulated_load(tile, from, stride)
#define TBPTT_TILE_STORE(tile, to, stride) emulated_store(tile, to, stride)
#define TBPTT_TILE_ZERO(tile) emulated_zero(tile)
#define TBPTT_TILE_DOT(c, a, b) emulated_dot(c, a, b)

#else

// Not _tile_loadconfig: GCC 12's tells the compiler of the first 8 bytes only.
#define TBPTT_TILE_CONFIGURE(configuration) __asm__ volatile("ldtilecfg %0" : : "m"(*(configuration)))
#define TBPTT_TILE_RELEASE() _tile_release()
#define TBPTT_TILE_LOAD(tile, from, stride) _tile_loadd(tile, from, stride)
#define TBPTT_TILE_STORE(tile, to, stride) _tile_stored(tile, to, stride)
#define TBPTT_TILE_ZERO(tile) _tile_zero(tile)
#define TBPTT_TILE_DOT(c, a, b) _tile_dpbf16ps(c, a, b)

#endif

namespace {

// Tiles 0..3 are a block of c, 4 and 5 its parts of a, 6 and 7 of b; all are whole: 16 rows of 64 bytes.
class Tiles {
 public:
  Tiles() {
    TileConfiguration configuration{};
    configuration.palette = 1;
    for (int tile = 0; tile < 8; ++tile) configuration.rows[tile] = 16, configuration.row_bytes[tile] = 64;
    TBPTT_TILE_CONFIGURE(&configuration);
  }
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;
  ~Tiles() { TBPTT_TILE_RELEASE(); }

  // How often a product of one plane fetches something.
  static ptrdiff_t fetches(Extent size) {
    return blocks_of(size.rows, 32) * blocks_of(size.width, 32) * blocks_of(size.depth, kBlockDepth);
  }

  // Fetches a little of `ahead` at each step: it overlaps with the tiles' products.
  template <int kPlanes, typename Ahead>
  TBPTT_INLINE void multiply(const PairProduct& product, Ahead& ahead) {
    __asm__ volatile("" ::: "memory");  // to the compiler a tile load reads no memory: what it reads must have been stored
    ahead.spread(fetches(product.size()) * TermProducts<kPlanes>::count);
    for (int row = 0; row < product.rows; row += 32)
      for (int column = 0; column < product.columns; column += 32) {
        const bool two_columns = product.columns - column > 16;
        if (product.rows - row > 16)
          two_columns ? block<kPlanes, 2, 2>(product, row, column, ahead) : block<kPlanes, 2, 1>(product, row, column, ahead);
        else
          two_columns ? block<kPlanes, 1, 2>(product, row, column, ahead) : block<kPlanes, 1, 1>(product, row, column, ahead);
      }
  }

  // Of 64 rows: all at once, so that b passes by once, and so many blocks of depth that their part of a stays in the first-level cache. c
  // passes by once for each.
  template <int kPlanes, typename Ahead>
  TBPTT_INLINE void multiply_tall(const PairProduct& product, Ahead& ahead) {
    __asm__ volatile("" ::: "memory");
    constexpr int kBlocksAtOnce = kPlanes == 1 ? 7 : 4;
    constexpr ptrdiff_t a_bytes = kBlockDepth * 2;
    const ptrdiff_t c_bytes = product.c.row * 4, b_bytes = product.b.row * 4;
    const int blocks = product.blocks();
    ahead.spread(static_cast<ptrdiff_t>(product.columns / 16) * blocks * TermProducts<kPlanes>::count);
    for (int first = 0; first < blocks; first += kBlocksAtOnce) {
      const int end = first + kBlocksAtOnce < blocks ? first + kBlocksAtOnce : blocks;
      for (int column = 0; column < product.columns; column += 16) {
        float* c = product.c.values + column;
        const Addend plus = first > 0 ? Addend::of(product.c) : product.plus;
        if (plus.at) {
          const float* from = plus.at + column;
          TBPTT_TILE_LOAD(0, from, plus.row * 4);
          TBPTT_TILE_LOAD(1, from + 16 * plus.row, plus.row * 4);
          TBPTT_TILE_LOAD(2, from + 32 * plus.row, plus.row * 4);
          TBPTT_TILE_LOAD(3, from + 48 * plus.row, plus.row * 4);
        } else {
          TBPTT_TILE_ZERO(0);
          TBPTT_TILE_ZERO(1);
          TBPTT_TILE_ZERO(2);
          TBPTT_TILE_ZERO(3);
        }
        for (const auto& planes : TermProducts<kPlanes>::planes) {
          const uint16_t* a = product.a.terms.values + planes[0] * product.a.terms.plane + first * product.a.block;
          const int32_t* b = product.b.terms.values + planes[1] * product.b.terms.plane + first * kPairsPerBlock * product.b.row + column;
          for (int k = first; k < end; ++k) {
            TBPTT_TILE_LOAD(6, b, b_bytes);
            TBPTT_TILE_LOAD(4, a, a_bytes);
            TBPTT_TILE_DOT(0, 4, 6);
            TBPTT_TILE_LOAD(5, a + 16 * kBlockDepth, a_bytes);
            TBPTT_TILE_DOT(1, 5, 6);
            TBPTT_TILE_LOAD(4, a + 32 * kBlockDepth, a_bytes);
            TBPTT_TILE_DOT(2, 4, 6);
            TBPTT_TILE_LOAD(5, a + 48 * kBlockDepth, a_bytes);
            TBPTT_TILE_DOT(3, 5, 6);
            ahead.some();
            a += product.a.block;
            b += kPairsPerBlock * product.b.row;
          }
        }
        TBPTT_TILE_STORE(0, c, c_bytes);
        TBPTT_TILE_STORE(1, c + 16 * product.c.row, c_bytes);
        TBPTT_TILE_STORE(2, c + 32 * product.c.row, c_bytes);
        TBPTT_TILE_STORE(3, c + 48 * product.c.row, c_bytes);
        __asm__ volatile("" ::: "memory");  // the next part loads what this one stored
      }
    }
  }

  // One plane, in at most 32 columns. Rows that are no whole tiles are computed elsewhere.
  template <typename Ahead>
  void multiply_rows(const PairProduct& product, Ahead& ahead) {
    const int rest = product.rows % 16 == 0 ? 0 : product.rows % 32, whole = product.rows - rest;
    PairProduct part = product;
    part.rows = whole;
    if (whole > 0) multiply<1>(part, ahead);
    if (rest == 0) return;
    alignas(64) float c[32 * 32];
    const size_t size = static_cast<size_t>(product.columns) * sizeof(float);
    part.rows = rest;
    part.a.terms.values += whole * kBlockDepth;
    part.c = {c, 32};
    if (product.plus.at) {
      for (int i = 0; i < rest; ++i) memcpy(c + i * 32, product.plus.row_at(whole + i), size);
      part.plus = Addend::of(part.c);
    }
    multiply<1>(part, ahead);
    __asm__ volatile("" ::: "memory");  // nor does a tile store write any
    for (int i = 0; i < rest; ++i) memcpy(product.c.at(whole + i), c + i * 32, size);
  }

 private:
  template <int kPlanes, int kRows, int kColumns, typename Ahead>
  TBPTT_INLINE static void block(const PairProduct& product, int row, int column, Ahead& ahead) {
    float* c = product.c.at(row) + column;
    constexpr ptrdiff_t a_bytes = kBlockDepth * 2;
    const ptrdiff_t c_bytes = product.c.row * 4, b_bytes = product.b.row * 4;
    if (const Addend plus = product.plus; plus.at) {
      const float* from = plus.row_at(row) + column;
      TBPTT_TILE_LOAD(0, from, plus.row * 4);
      if constexpr (kColumns == 2) TBPTT_TILE_LOAD(1, from + 16, plus.row * 4);
      if constexpr (kRows == 2) TBPTT_TILE_LOAD(2, from + 16 * plus.row, plus.row * 4);
      if constexpr (kRows == 2 && kColumns == 2) TBPTT_TILE_LOAD(3, from + 16 * plus.row + 16, plus.row * 4);
    } else {
      TBPTT_TILE_ZERO(0);
      if constexpr (kColumns == 2) TBPTT_TILE_ZERO(1);
      if constexpr (kRows == 2) TBPTT_TILE_ZERO(2);
      if constexpr (kRows == 2 && kColumns == 2) TBPTT_TILE_ZERO(3);
    }
    const int blocks = product.blocks();
    for (const auto& planes : TermProducts<kPlanes>::planes) {
      const uint16_t* a = product.a.terms.values + planes[0] * product.a.terms.plane + row * kBlockDepth;
      const int32_t* b = product.b.terms.values + planes[1] * product.b.terms.plane + column;
      for (int k = 0; k < blocks; ++k) {
        TBPTT_TILE_LOAD(6, b, b_bytes);
        TBPTT_TILE_LOAD(4, a, a_bytes);
        TBPTT_TILE_DOT(0, 4, 6);
        if constexpr (kColumns == 2) {
          TBPTT_TILE_LOAD(7, b + 16, b_bytes);
          TBPTT_TILE_DOT(1, 4, 7);
        }
        if constexpr (kRows == 2) {
          TBPTT_TILE_LOAD(5, a + 16 * kBlockDepth, a_bytes);
          TBPTT_TILE_DOT(2, 5, 6);
          if constexpr (kColumns == 2) TBPTT_TILE_DOT(3, 5, 7);
        }
        ahead.some();
        a += product.a.block;
        b += kPairsPerBlock * product.b.row;
      }
    }
    TBPTT_TILE_STORE(0, c, c_bytes);
    if constexpr (kColumns == 2) TBPTT_TILE_STORE(1, c + 16, c_bytes);
    if constexpr (kRows == 2) TBPTT_TILE_STORE(2, c + 16 * product.c.row, c_bytes);
    if constexpr (kRows == 2 && kColumns == 2) TBPTT_TILE_STORE(3, c + 16 * product.c.row + 16, c_bytes);
  }
};

}  // namespace

#endif
