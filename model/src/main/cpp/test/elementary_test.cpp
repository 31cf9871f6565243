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
  return std::isnan(found) ? INFINITY : std::abs(static_cast<double>(found) - exact) / unit;
}

struct Function {
  int32_t (*of)(int32_t isa, const float* input, float* output, int64_t count, char* message, int32_t message_bytes);
  double (*exact)(double x);
  bool flushes;  // results that would be denormal are 0 or nearly so
};
const Function kExp = {tbptt_exp, [](double x) { return std::exp(x); }, true};
const Function kTanh = {tbptt_tanh, [](double x) { return std::tanh(x); }, false};
const Function kLogistic = {tbptt_logistic, [](double x) { return 1 / (1 + std::exp(-x)); }, true};

// Every `stride`-th fp32 number of both signs.
double worst(int32_t isa, const Function& function, uint32_t stride) {
  constexpr int kBatch = 1 << 14;
  std::vector<float> input, output(kBatch);
  double largest = 0;
  char message[200];
  auto flush = [&] {
    REQUIRE(function.of(isa, input.data(), output.data(), static_cast<int64_t>(input.size()), message, sizeof(message)) == TBPTT_OK);
    for (size_t i = 0; i < input.size(); ++i) {
      const double exact = function.exact(static_cast<double>(input[i]));
      if (static_cast<float>(exact) < 1.17549435e-38f && function.flushes) {
        CHECK(std::abs(output[i]) <= 1.18e-38f);
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

TEST_CASE("exp and tanh stay within 2 ULP, the logistic function within 4") {
  const uint32_t stride = std::getenv("TBPTT_EXHAUSTIVE") ? 1 : 997;
  for (int32_t isa : available_isas()) {
    const double of_exp = worst(isa, kExp, stride), of_tanh = worst(isa, kTanh, stride), of_logistic = worst(isa, kLogistic, stride);
    INFO(tbptt_isa_name(isa), ": exp ", of_exp, ", tanh ", of_tanh, ", logistic ", of_logistic);
    CHECK(of_exp <= 2);
    CHECK(of_tanh <= 2);
    CHECK(of_logistic <= 4);
    MESSAGE(tbptt_isa_name(isa), ": exp ", of_exp, " ULP, tanh ", of_tanh, " ULP, logistic ", of_logistic, " ULP");
  }
}

TEST_CASE("exp, tanh and the logistic function of what isn't a number or is infinite") {
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
    REQUIRE(tbptt_logistic(isa, input, output, 4, message, sizeof(message)) == TBPTT_OK);
    CHECK(std::isnan(output[0]));
    CHECK(output[1] == 1.0f);
    CHECK(output[2] == 0.0f);
    CHECK(output[3] == 0.5f);
  }
}
