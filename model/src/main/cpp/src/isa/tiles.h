// The AMX tile operations, real or emulated in plain C++ (TBPTT_EMULATE_TILES), so that everything above them is tested on any CPU.
#pragma once

#include "bf16.h"

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
EmulatedTiles emulated;

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

// c (rows, columns) fp32 += a (rows, 2 pairs) b (pairs, columns, 2), as TDPBF16PS orders it.
inline void emulated_dot(int c, int a, int b) {
  const TileConfiguration& configuration = emulated.configuration;
  for (int m = 0; m < configuration.rows[c]; ++m)
    for (int k = 0; k < configuration.row_bytes[a] / 4; ++k)
      for (int n = 0; n < configuration.row_bytes[c] / 4; ++n) {
        const unsigned char *left = emulated.bytes[a][m] + 4 * k, *right = emulated.bytes[b][k] + 4 * n;
        float sum;
        memcpy(&sum, emulated.bytes[c][m] + 4 * n, sizeof(sum));
        sum += emulated_bf16(left) * emulated_bf16(right);
        sum += emulated_bf16(left + 2) * emulated_bf16(right + 2);
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

#define TBPTT_TILE_CONFIGURE(configuration) _tile_loadconfig(configuration)
#define TBPTT_TILE_RELEASE() _tile_release()
#define TBPTT_TILE_LOAD(tile, from, stride) _tile_loadd(tile, from, stride)
#define TBPTT_TILE_STORE(tile, to, stride) _tile_stored(tile, to, stride)
#define TBPTT_TILE_ZERO(tile) _tile_zero(tile)
#define TBPTT_TILE_DOT(c, a, b) _tile_dpbf16ps(c, a, b)

#endif

namespace {

// Tiles 0..3 are the 2 x 2 block of c (up to 32 rows, 32 columns), 4 and 5 its halves of a, 6 and 7 of b.
class Tiles {
 public:
  Tiles() = default;
  Tiles(const Tiles&) = delete;
  Tiles& operator=(const Tiles&) = delete;
  ~Tiles() {
    if (rows_ != 0) {
      TBPTT_TILE_RELEASE();
    }
  }

  void multiply(const PairProduct& product, Fetch& fetch) {
    for (int first = 0; first < product.rows; first += 32) {
      const int rest = product.rows - first;
      configure(rest < 32 ? rest : 32);
      multiply_block(product, first, rest > 16, fetch);
    }
  }

 private:
  void configure(int rows) {
    if (rows == rows_) return;
    rows_ = rows;
    TileConfiguration configuration{};
    configuration.palette = 1;
    const int top = rows < 16 ? rows : 16, bottom = rows > 16 ? rows - 16 : 1;
    for (int tile = 0; tile < 8; ++tile) {
      configuration.row_bytes[tile] = 64;
      const bool of_b = tile >= 6, upper = tile == 0 || tile == 1 || tile == 4;
      configuration.rows[tile] = static_cast<uint8_t>(of_b ? 16 : upper ? top : bottom);
    }
    TBPTT_TILE_CONFIGURE(&configuration);
  }

  static void multiply_block(const PairProduct& product, int first, bool two, Fetch& fetch) {
    constexpr ptrdiff_t kRowBytes = kPairColumns * 4;
    float* c = product.c + first * kPairColumns;
    TBPTT_TILE_LOAD(0, c, kRowBytes);
    TBPTT_TILE_LOAD(1, c + 16, kRowBytes);
    if (two) {
      TBPTT_TILE_LOAD(2, c + 16 * kPairColumns, kRowBytes);
      TBPTT_TILE_LOAD(3, c + 16 * kPairColumns + 16, kRowBytes);
    }
    const ptrdiff_t a_bytes = product.a_row * 2;
    for (int block = 0; block < product.blocks; ++block) {
      fetch_some(fetch);
      const uint16_t* a = product.a + first * product.a_row + block * product.a_block;
      const int32_t* b = product.b + block * product.b_block;
      TBPTT_TILE_LOAD(6, b, kRowBytes);
      TBPTT_TILE_LOAD(7, b + 16, kRowBytes);
      TBPTT_TILE_LOAD(4, a, a_bytes);
      TBPTT_TILE_DOT(0, 4, 6);
      TBPTT_TILE_DOT(1, 4, 7);
      if (two) {
        TBPTT_TILE_LOAD(5, a + 16 * product.a_row, a_bytes);
        TBPTT_TILE_DOT(2, 5, 6);
        TBPTT_TILE_DOT(3, 5, 7);
      }
    }
    TBPTT_TILE_STORE(0, c, kRowBytes);
    TBPTT_TILE_STORE(1, c + 16, kRowBytes);
    if (two) {
      TBPTT_TILE_STORE(2, c + 16 * kPairColumns, kRowBytes);
      TBPTT_TILE_STORE(3, c + 16 * kPairColumns + 16, kRowBytes);
    }
  }

  int rows_ = 0;
};

}  // namespace

#endif
