#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <functional>

#include "native_core.h"

namespace {

// Error in units of the last place of the exact value.
double ulps(float found, double exact) {
  const float rounded = static_cast<float>(exact);
  const double unit = static_cast<double>(std::nextafter(std::abs(rounded), INFINITY)) - static_cast<double>(std::abs(rounded));
  return std::abs(static_cast<double>(found) - exact) / unit;
}

// Every `stride`-th fp32 number of both signs.
double worst(int32_t isa, bool is_exp, uint32_t stride) {
  constexpr int kBatch = 1 << 14;
  std::vector<float> input, output(kBatch);
  double largest = 0;
  char message[200];
  auto flush = [&] {
    const auto call = is_exp ? tbptt_exp : tbptt_tanh;
    REQUIRE(call(isa, input.data(), output.data(), static_cast<int64_t>(input.size()), message, sizeof(message)) == TBPTT_OK);
    for (size_t i = 0; i < input.size(); ++i) {
      const double x = static_cast<double>(input[i]), exact = is_exp ? std::exp(x) : std::tanh(x);
      if (static_cast<float>(exact) < 1.17549435e-38f && is_exp) {
        CHECK(output[i] <= 1.18e-38f);
        continue;
      }
      if (std::isinf(static_cast<float>(exact))) {
        CHECK(output[i] == static_cast<float>(exact));
        continue;
      }
      largest = std::max(largest, ulps(output[i], exact));
    }
    input.clear();
  };
  for (uint64_t bits = 0x00800000u; bits < 0x7F800000u; bits += stride)
    for (uint32_t sign : {0u, 0x80000000u}) {
      const uint32_t word = static_cast<uint32_t>(bits) | sign;
      float x;
      std::memcpy(&x, &word, 4);
      input.push_back(x);
      if (input.size() == kBatch) flush();
    }
  flush();
  return largest;
}

}  // namespace

TEST_CASE("exp and tanh stay within 2 ULP") {
  const uint32_t stride = std::getenv("TBPTT_EXHAUSTIVE") ? 1 : 997;
  for (int32_t isa : available_isas()) {
    const double of_exp = worst(isa, true, stride), of_tanh = worst(isa, false, stride);
    INFO(tbptt_isa_name(isa), ": exp ", of_exp, ", tanh ", of_tanh);
    CHECK(of_exp <= 2);
    CHECK(of_tanh <= 2);
    MESSAGE(tbptt_isa_name(isa), ": exp ", of_exp, " ULP, tanh ", of_tanh, " ULP");
  }
}

TEST_CASE("exp and tanh of what isn't a number or is infinite") {
  const float input[4] = {NAN, INFINITY, -INFINITY, 0.0f};
  char message[200];
  for (int32_t isa : available_isas()) {
    float output[4];
    REQUIRE(tbptt_exp(isa, input, output, 4, message, sizeof(message)) == TBPTT_OK);
    CHECK(std::isnan(output[0]));
    CHECK(output[1] == INFINITY);
    CHECK(output[2] == 0.0f);
    CHECK(output[3] == 1.0f);
    REQUIRE(tbptt_tanh(isa, input, output, 4, message, sizeof(message)) == TBPTT_OK);
    CHECK(std::isnan(output[0]));
    CHECK(output[1] == 1.0f);
    CHECK(output[2] == -1.0f);
    CHECK(output[3] == 0.0f);
  }
}
