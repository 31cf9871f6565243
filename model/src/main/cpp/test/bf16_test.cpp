#include "../src/isa/bf16.h"

#include <doctest/doctest.h>

#include <cmath>
#include <cstring>
#include <initializer_list>

namespace {

float from_bits(uint32_t bits) {
  float value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

float rounded(float value) { return round_to_bf16(splat(value))[0]; }

}  // namespace

TEST_CASE("rounding to bf16 goes to the nearest, ties to even") {
  CHECK(rounded(from_bits(0x3F808000)) == from_bits(0x3F800000));
  CHECK(rounded(from_bits(0x3F818000)) == from_bits(0x3F820000));
  CHECK(rounded(from_bits(0xBF808001)) == from_bits(0xBF810000));
  CHECK(rounded(from_bits(0x7F7FFFFF)) == INFINITY);
}

TEST_CASE("rounding to bf16 keeps what is infinite or not a number") {
  CHECK(rounded(INFINITY) == INFINITY);
  CHECK(rounded(-INFINITY) == -INFINITY);
  for (uint32_t nan : {0x7F800001u, 0x7FC00000u, 0x7FFFFFFFu, 0xFF800001u, 0xFFFFFFFFu}) CHECK(std::isnan(rounded(from_bits(nan))));
}
