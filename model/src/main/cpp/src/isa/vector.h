// The vector types and the few operations that GCC's vector extensions lack, one block per instruction set.
//
// Everything in src/isa is compiled once per instruction set. Nothing here may have external linkage or use a function template of the
// standard library: the linker keeps one copy of such a function for the whole library, and a copy compiled for AVX-512 would then run
// on a CPU without it. Hence the unnamed namespace and C headers only (test/weak_symbols.cmake checks it).
#pragma once

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "../inline.h"

#if defined(__x86_64__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

// One general copy: GCC 12 warns falsely about loops in copies it specialises for constant strides.
#if defined(__clang__)
#define TBPTT_NO_CLONE __attribute__((noinline))
#else
#define TBPTT_NO_CLONE __attribute__((noinline, noclone))
#endif

namespace {

#if defined(__AVX512F__)
constexpr int kLanes = 16;
constexpr int kTileRows = 13;  // 13 x 2 accumulators, 2 loads and 1 broadcast of 32 registers
#elif defined(__AVX2__)
constexpr int kLanes = 8;
constexpr int kTileRows = 6;  // 6 x 2 accumulators of 16 registers
#elif defined(__ARM_NEON)
constexpr int kLanes = 4;
constexpr int kTileRows = 10;
#else
constexpr int kLanes = 4;
constexpr int kTileRows = 6;
#endif

typedef float Vec __attribute__((vector_size(kLanes * 4)));
typedef int32_t IntVec __attribute__((vector_size(kLanes * 4)));
// The same, readable at any address that is a multiple of 4.
typedef float VecAnywhere __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));
typedef int32_t IntVecAnywhere __attribute__((vector_size(kLanes * 4), aligned(4), may_alias));

TBPTT_INLINE Vec load(const float* p) { return *reinterpret_cast<const VecAnywhere*>(p); }
TBPTT_INLINE void store(float* p, Vec v) { *reinterpret_cast<VecAnywhere*>(p) = v; }
TBPTT_INLINE IntVec load_int(const int32_t* p) { return *reinterpret_cast<const IntVecAnywhere*>(p); }
TBPTT_INLINE void store_int(int32_t* p, IntVec v) { *reinterpret_cast<IntVecAnywhere*>(p) = v; }

#if defined(__AVX512F__)
TBPTT_INLINE Vec splat(float x) { return _mm512_set1_ps(x); }
TBPTT_INLINE Vec fma(Vec a, Vec b, Vec c) { return _mm512_fmadd_ps(a, b, c); }
TBPTT_INLINE Vec root(Vec a) { return _mm512_sqrt_ps(a); }
// NaN in either operand gives the second one.
TBPTT_INLINE Vec larger(Vec a, Vec b) { return _mm512_max_ps(a, b); }
TBPTT_INLINE Vec smaller(Vec a, Vec b) { return _mm512_min_ps(a, b); }
TBPTT_INLINE bool any_above(Vec a, Vec b) { return _mm512_cmp_ps_mask(a, b, _CMP_GT_OQ) != 0; }
TBPTT_INLINE Vec interleave_low(Vec a, Vec b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
TBPTT_INLINE Vec interleave_high(Vec a, Vec b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
#elif defined(__AVX2__)
TBPTT_INLINE Vec splat(float x) { return _mm256_set1_ps(x); }
TBPTT_INLINE Vec fma(Vec a, Vec b, Vec c) { return _mm256_fmadd_ps(a, b, c); }
TBPTT_INLINE Vec root(Vec a) { return _mm256_sqrt_ps(a); }
TBPTT_INLINE Vec larger(Vec a, Vec b) { return _mm256_max_ps(a, b); }
TBPTT_INLINE Vec smaller(Vec a, Vec b) { return _mm256_min_ps(a, b); }
TBPTT_INLINE bool any_above(Vec a, Vec b) { return _mm256_movemask_ps(_mm256_cmp_ps(a, b, _CMP_GT_OQ)) != 0; }
TBPTT_INLINE Vec interleave_low(Vec a, Vec b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
TBPTT_INLINE Vec interleave_high(Vec a, Vec b) { return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
#else
TBPTT_INLINE Vec interleave_low(Vec a, Vec b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
TBPTT_INLINE Vec interleave_high(Vec a, Vec b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
#if defined(__ARM_NEON)
TBPTT_INLINE Vec splat(float x) { return vdupq_n_f32(x); }
TBPTT_INLINE Vec fma(Vec a, Vec b, Vec c) { return vfmaq_f32(c, a, b); }
TBPTT_INLINE Vec root(Vec a) { return vsqrtq_f32(a); }
// vmaxq_f32 gives NaN for a NaN in either operand: no worse for the callers than x86's second operand.
TBPTT_INLINE Vec larger(Vec a, Vec b) { return vmaxq_f32(a, b); }
TBPTT_INLINE Vec smaller(Vec a, Vec b) { return vminq_f32(a, b); }
TBPTT_INLINE bool any_above(Vec a, Vec b) { return vmaxvq_u32(vcgtq_f32(a, b)) != 0; }
#else
TBPTT_INLINE Vec splat(float x) { return _mm_set1_ps(x); }
TBPTT_INLINE Vec fma(Vec a, Vec b, Vec c) { return a * b + c; }  // SSE2 has no fused form: two roundings
TBPTT_INLINE Vec root(Vec a) { return _mm_sqrt_ps(a); }
TBPTT_INLINE Vec larger(Vec a, Vec b) { return _mm_max_ps(a, b); }
TBPTT_INLINE Vec smaller(Vec a, Vec b) { return _mm_min_ps(a, b); }
TBPTT_INLINE bool any_above(Vec a, Vec b) { return _mm_movemask_ps(_mm_cmpgt_ps(a, b)) != 0; }
#endif
#endif

TBPTT_INLINE Vec as_float(IntVec v) { return reinterpret_cast<Vec>(v); }
TBPTT_INLINE IntVec as_int(Vec v) { return reinterpret_cast<IntVec>(v); }
TBPTT_INLINE IntVec splat_int(int32_t x) { return IntVec{} + x; }

// The sum of the lanes, in a fixed order.
TBPTT_INLINE double sum_lanes(Vec v) {
  double sum = 0;
  for (int lane = 0; lane < kLanes; ++lane) sum += static_cast<double>(v[lane]);
  return sum;
}

// kLanes vectors become the columns of themselves: log2(kLanes) rounds of perfect shuffles.
TBPTT_INLINE void transpose(Vec (&rows)[kLanes]) {
  for (int round = 1; round < kLanes; round *= 2) {
    Vec next[kLanes];
#pragma GCC unroll 16
    for (int i = 0; i < kLanes / 2; ++i) {
      next[2 * i] = interleave_low(rows[i], rows[i + kLanes / 2]);
      next[2 * i + 1] = interleave_high(rows[i], rows[i + kLanes / 2]);
    }
#pragma GCC unroll 16
    for (int i = 0; i < kLanes; ++i) rows[i] = next[i];
  }
}

}  // namespace
