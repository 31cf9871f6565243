// exp, tanh and the logistic function of vectors. The first two stay within 2 ULP of the exact value over all of fp32
// (test/elementary_test.cpp goes through it).
#pragma once

#include "vector.h"

namespace {

// exp(x) = 2^k exp(r), k = round(x / ln 2), r = x - k ln 2 in two parts (Cody and Waite), |r| <= ln 2 / 2, and a polynomial of degree 6
// for exp(r) whose relative error is 2e-8 (Cephes' expf coefficients). Below -87.33 the result is 0, as it would be denormal;
// above 88.72 it is infinite; NaN stays NaN.
TBPTT_INLINE Vec exponential(Vec x) {
  const Vec shift = splat(12582912.0f);  // 1.5 * 2^23: adding it rounds to an integer, which then stands in the low bits
  const Vec low = splat(-87.336540f);
  Vec clamped = larger(splat(-88.0f), smaller(splat(89.0f), x));  // constants first: NaN passes through
  Vec shifted = fma(clamped, splat(1.44269504088896341f), shift);
  Vec k = shifted - shift;
  Vec r = fma(k, splat(-0.693359375f), clamped);
  r = fma(k, splat(2.12194440e-4f), r);
  Vec p = splat(1.9875691500e-4f);
  p = fma(p, r, splat(1.3981999507e-3f));
  p = fma(p, r, splat(8.3334519073e-3f));
  p = fma(p, r, splat(4.1665795894e-2f));
  p = fma(p, r, splat(1.6666665459e-1f));
  p = fma(p, r, splat(5.0000001201e-1f));
  p = fma(p, r * r, r) + splat(1.0f);
#if defined(__AVX512F__)
  return _mm512_maskz_scalef_ps(_mm512_cmp_ps_mask(x, low, _CMP_NLT_UQ), p, k);
#else
  // 2^k in two halves, since k = 128 has no fp32 exponent: p < 1 there keeps the product finite.
  IntVec exponent = as_int(shifted) - as_int(shift);
  IntVec half = exponent >> 1;
  Vec scaled = p * as_float((half + 127) << 23) * as_float((exponent - half + 127) << 23);
  scaled = x < low ? Vec{} : scaled;
  return x > splat(88.722839f) ? splat(INFINITY) : scaled;
#endif
}

// The same for x <= 16 + a few: what softmax needs; no upper test, one scaling.
TBPTT_INLINE Vec exponential_of_shifted(Vec x) {
  const Vec shift = splat(12582912.0f);
  Vec clamped = larger(splat(-88.0f), x);
#if defined(__AVX512F__)
  // One rounding and one scaling instruction; the same r as below.
  Vec k = _mm512_roundscale_ps(clamped * splat(1.44269504088896341f), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
  Vec shifted = fma(clamped, splat(1.44269504088896341f), shift);
  Vec k = shifted - shift;
#endif
  Vec r = fma(k, splat(-0.693359375f), clamped);
  r = fma(k, splat(2.12194440e-4f), r);
  Vec p = splat(1.9875691500e-4f);
  p = fma(p, r, splat(1.3981999507e-3f));
  p = fma(p, r, splat(8.3334519073e-3f));
  p = fma(p, r, splat(4.1665795894e-2f));
  p = fma(p, r, splat(1.6666665459e-1f));
  p = fma(p, r, splat(5.0000001201e-1f));
  p = fma(p, r * r, r) + splat(1.0f);
#if defined(__AVX512F__)
  (void)shift;
  return _mm512_scalef_ps(p, k);
#else
  // exponent + 127 = 0 for k = -127: the product is then 0, what flushing to zero would give.
  return p * as_float((as_int(shifted) - as_int(shift) + 127) << 23);
#endif
}

constexpr float kLog2E = 1.44269504088896341f;

// 2^x for x <= 24 or so, within 3e-6 of it: more than bf16 can hold, in half the operations of exponential_of_shifted. 2^x = 2^k 2^r, k =
// floor(x), and a polynomial of degree 4 for 2^r, 0 <= r <= 1, with the least largest relative error (Remez). Below -126 it is 0, or 2^-126
// without AVX-512; NaN stays NaN.
TBPTT_INLINE Vec power_of_two(Vec x) {
#if defined(__AVX512F__)
  const Vec r = _mm512_reduce_ps(x, _MM_FROUND_TO_NEG_INF);
#else
  const Vec shift = splat(12582912.0f);
  x = larger(splat(-126.0f), x);
  const Vec shifted = x - splat(0.5f) + shift, r = x - (shifted - shift);
#endif
  Vec p = splat(1.3534167781e-2f);
  p = fma(p, r, splat(5.2011460066e-2f));
  p = fma(p, r, splat(2.4144275486e-1f));
  p = fma(p, r, splat(6.9300383329e-1f));
  p = fma(p, r, splat(1.0000026226f));
#if defined(__AVX512F__)
  return _mm512_scalef_ps(p, x);
#else
  return p * as_float((as_int(shifted) - as_int(shift) + 127) << 23);
#endif
}

// |x| < 0.625: x + x z P(z), z = x^2 (Cephes' tanhf). Beyond: 1 - 2 / (exp(2|x|) + 1) with the sign of x.
TBPTT_INLINE Vec hyperbolic_tangent(Vec x) {
  const IntVec sign_bit = splat_int(INT32_MIN);
  Vec size = as_float(as_int(x) & ~sign_bit);
  Vec z = x * x;
  Vec p = splat(-5.70498872745e-3f);
  p = fma(p, z, splat(2.06390887954e-2f));
  p = fma(p, z, splat(-5.37397155531e-2f));
  p = fma(p, z, splat(1.33314422036e-1f));
  p = fma(p, z, splat(-3.33332819422e-1f));
  Vec near = fma(p * z, x, x);
  Vec far = splat(1.0f) - splat(2.0f) / (exponential(size + size) + splat(1.0f));
  far = as_float(as_int(far) | (as_int(x) & sign_bit));
  return size < splat(0.625f) ? near : far;
}

// 1 / (1 + exp(-x)): within 4 ULP, 0 where it would be denormal.
TBPTT_INLINE Vec logistic(Vec x) { return splat(1.0f) / (splat(1.0f) + exponential(-x)); }

// ln x of a positive finite double: x = m 2^k, ln m = 2 atanh((m-1)/(m+1)). Written out so that a loss doesn't depend on libm's version.
inline double logarithm(double x) {
  if (!(x > 0) || x > 1.7e308) return x == 0 ? -static_cast<double>(INFINITY) : x < 0 ? static_cast<double>(NAN) : x;
  int64_t bits;
  memcpy(&bits, &x, 8);
  int64_t exponent = (bits >> 52) - 1023;
  bits = (bits & 0xFFFFFFFFFFFFF) | 0x3FF0000000000000;
  double m;
  memcpy(&m, &bits, 8);
  if (m > 1.4142135623730951) {
    m *= 0.5;
    ++exponent;
  }
  double s = (m - 1) / (m + 1), z = s * s, series = 0;
  for (int term = 23; term >= 1; term -= 2) series = series * z + 1.0 / term;
  return 2 * s * series + static_cast<double>(exponent) * 0.69314718055994530942;
}

}  // namespace
