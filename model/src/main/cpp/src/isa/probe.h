// The peaks that loops on registers reach, which the step's throughput is measured against, and that of loads from the first-level cache,
// which tells whether something else shares the core.
#pragma once

#include <time.h>

#include "tiles.h"

namespace {

inline double probe_clock() {
  timespec at;
  clock_gettime(CLOCK_MONOTONIC, &at);
  return static_cast<double>(at.tv_sec) + 1e-9 * static_cast<double>(at.tv_nsec);
}

// The highest rate of `body`, which does `work` each time, in about so many seconds: in units of 10^9 a second.
template <typename Body>
TBPTT_INLINE double best_rate(double seconds, double work, Body body) {
  const double begin = probe_clock();
  double best = 0;
  do {
    const double from = probe_clock();
    body();
    const double rate = work / (probe_clock() - from) * 1e-9;
    if (rate > best) best = rate;
  } while (probe_clock() - begin < seconds);
  return best;
}

inline double probe_fp32(double seconds) {
  constexpr int kChains = 12;
  Vec acc[kChains];
  for (int i = 0; i < kChains; ++i) acc[i] = splat(static_cast<float>(i));
  const Vec factor = splat(0.999f), term = splat(0.001f);
  constexpr int kTurns = 20000;
  const double best = best_rate(seconds, 2.0 * kLanes * kChains * kTurns, [&] {
    for (int turn = 0; turn < kTurns; ++turn) {
#pragma GCC unroll 16
      for (int i = 0; i < kChains; ++i) acc[i] = fma(acc[i], factor, term);
    }
  });
  double sum = 0;
  for (int i = 0; i < kChains; ++i) sum += sum_lanes(acc[i]);
  return sum > 1e30 ? 0 : best;
}

inline double probe_cache(double seconds) {
  constexpr int kFloats = 4096, kAtOnce = 8;
  alignas(64) float memory[kFloats] = {};
  Vec largest[kAtOnce] = {};
  constexpr int kTurns = 500;
  const double best = best_rate(seconds, static_cast<double>(sizeof(memory)) * kTurns, [&] {
    for (int turn = 0; turn < kTurns; ++turn) {
      __asm__ volatile("" ::: "memory");  // each turn loads it again
      for (int i = 0; i < kFloats; i += kAtOnce * kLanes)
#pragma GCC unroll 16
        for (int j = 0; j < kAtOnce; ++j) largest[j] = larger(largest[j], load(memory + i + j * kLanes));
    }
  });
  double sum = 0;
  for (int j = 0; j < kAtOnce; ++j) sum += sum_lanes(largest[j]);
  return sum > 0 ? 0 : best;
}

#if defined(TBPTT_HAS_TILES)
inline double probe_bf16(double seconds) {
  TileConfiguration configuration{};
  configuration.palette = 1;
  for (int tile = 0; tile < 8; ++tile) configuration.rows[tile] = 16, configuration.row_bytes[tile] = 64;
  TBPTT_TILE_CONFIGURE(&configuration);
  for (int once = 0; once < 1; ++once) {
    TBPTT_TILE_ZERO(0);
    TBPTT_TILE_ZERO(1);
    TBPTT_TILE_ZERO(2);
    TBPTT_TILE_ZERO(3);
    TBPTT_TILE_ZERO(4);
    TBPTT_TILE_ZERO(5);
    TBPTT_TILE_ZERO(6);
    TBPTT_TILE_ZERO(7);
  }
  constexpr int kTurns = 2000;
  const double best = best_rate(seconds, 2.0 * 16 * 16 * 32 * 4 * kTurns, [] {
    for (int turn = 0; turn < kTurns; ++turn) {
      TBPTT_TILE_DOT(0, 4, 6);
      TBPTT_TILE_DOT(1, 4, 7);
      TBPTT_TILE_DOT(2, 5, 6);
      TBPTT_TILE_DOT(3, 5, 7);
    }
  });
  TBPTT_TILE_RELEASE();
  return best;
}
#elif defined(__AVX512BF16__)
inline double probe_bf16(double seconds) {
  constexpr int kChains = 12;
  Vec acc[kChains];
  for (int i = 0; i < kChains; ++i) acc[i] = splat(static_cast<float>(i));
  IntVec left = splat_int(0x3C003C00), right = splat_int(0x3C003C00);
  constexpr int kTurns = 20000;
  const double best = best_rate(seconds, 4.0 * kLanes * kChains * kTurns, [&] {
    for (int turn = 0; turn < kTurns; ++turn) {
#pragma GCC unroll 16
      for (int i = 0; i < kChains; ++i) acc[i] = dot_pairs(left, right, acc[i]);
    }
  });
  double sum = 0;
  for (int i = 0; i < kChains; ++i) sum += sum_lanes(acc[i]);
  return sum > 1e30 ? 0 : best;
}
#endif

}  // namespace
