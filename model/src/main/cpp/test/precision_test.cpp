#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "problem.h"

namespace {

struct Shape {
  int V, E, H, B, T;
};

// Tiles of 32 and 16 in every direction, and everything just beside.
const Shape kShapes[] = {{2, 1, 1, 1, 1},    {33, 3, 17, 3, 11},   {64, 16, 32, 32, 2},   {65, 5, 33, 33, 2},
                         {31, 4, 31, 7, 5},  {250, 20, 48, 5, 13}, {700, 10, 100, 9, 10}, {40, 3, 16, 70, 17},
                         {90, 4, 127, 3, 5}, {70, 4, 128, 3, 5},   {130, 4, 200, 2, 3}};

double worst(int precision, int32_t isa, const Shape& s, double floor) {
  Problem problem(s.V, s.E, s.H, s.B, s.T, 31, 0.8, 0.1);
  tbptt_config config = make_config(s.V, s.E, s.H, s.B, s.T);
  config.isa = isa;
  config.precision = precision;
  NativeCore core(config);
  Reference reference(s.V, s.E, s.H, s.B, TBPTT_CELL_TANH);
  problem.load(core);
  problem.load(reference);
  tbptt_window window = problem.window();
  window.inject_every = 1;
  window.reach = std::max(1, s.T / 2);
  const ReferenceResult wanted = reference.gradients(window);
  const Gradients found = core.gradients(window);
  CHECK(found.stats.loss == doctest::Approx(wanted.loss).epsilon(precision == TBPTT_BF16 ? 3e-3 : 1e-6));
  const double evaluated = core.evaluate(problem.tokens, problem.targets, s.T);
  const double exact = reference.evaluate(problem.tokens.data(), problem.targets.data(), s.T);
  CHECK(evaluated == doctest::Approx(exact).epsilon(precision == TBPTT_BF16 ? 3e-3 : 1e-6));
  return distance(found, wanted.gradients, floor);
}

}  // namespace

TEST_CASE("bf16: gradients stay within bf16's rounding of the reference") {
  for (int32_t isa : available_isas())
    for (const Shape& s : kShapes) {
      INFO(tbptt_isa_name(isa), " V=", s.V, " H=", s.H, " B=", s.B, " T=", s.T);
      CHECK(worst(TBPTT_BF16, isa, s, s.V == 2 ? 0.3 : 0) < 1e-2);
    }
}

TEST_CASE("bf16x2: gradients are within 1e-5 of the reference") {
  for (int32_t isa : available_isas())
    for (const Shape& s : kShapes) {
      INFO(tbptt_isa_name(isa), " V=", s.V, " H=", s.H, " B=", s.B, " T=", s.T);
      const double of_terms = worst(TBPTT_BF16X2, isa, s, s.V == 2 ? 0.3 : 0);
      CHECK(of_terms < 1e-5);
      MESSAGE(tbptt_isa_name(isa), " V=", s.V, " bf16x2 ", of_terms, " fp32 ", worst(TBPTT_FP32, isa, s, s.V == 2 ? 0.3 : 0));
    }
}

TEST_CASE("bf16: what the shorter exponential adds to a loss is a few millionths") {
  // Weights of zero: the logits are the bias alone, which keeps its 24 bits.
  Problem problem(2, 1, 1, 1, 1, 5);
  problem.parameters.ws = {0, 0};
  for (int32_t isa : available_isas()) {
    tbptt_config config = make_config(2, 1, 1, 1, 1);
    config.isa = isa;
    config.precision = TBPTT_BF16;
    NativeCore core(config);
    problem.load(core);
    double worst = 0;
    for (int i = -4000; i <= 4000; ++i) {
      const float difference = 0.002f * static_cast<float>(i);
      core.write(TBPTT_BS, {0, difference});
      const double found = core.evaluate({0}, {0}, 1);
      const double error = std::abs(found - std::log1p(std::exp(static_cast<double>(difference))));
      worst = std::max(worst, std::isnan(error) ? INFINITY : error);
    }
    INFO(tbptt_isa_name(isa), " ", worst);
    CHECK(worst < 4e-6);
  }
}

TEST_CASE("bf16 training follows the reference") {
  for (int32_t isa : available_isas())
    for (int precision : {TBPTT_BF16, TBPTT_BF16X2}) {
      tbptt_config config = make_config(70, 6, 17, 3, 5);
      config.isa = isa;
      config.precision = precision;
      config.epsilon = 1e-4;
      NativeCore core(config);
      Reference reference(70, 6, 17, 3, TBPTT_CELL_TANH);
      Problem first(70, 6, 17, 3, 5, 1);
      first.load(core);
      first.load(reference);
      for (int step = 1; step <= 20; ++step) {
        Problem problem(70, 6, 17, 3, 5, 100 + static_cast<unsigned>(step));
        const tbptt_window window = problem.window();
        const ReferenceResult wanted = reference.gradients(window);
        reference.update(config, wanted.gradients, 0.01, step);
        reference.commit(window);
        const tbptt_stats stats = core.train(window, 0.01);
        CHECK(stats.loss == doctest::Approx(wanted.loss).epsilon(precision == TBPTT_BF16 ? 1e-2 : 1e-5));
      }
    }
}

TEST_CASE("bf16: logits of +-1000, rising beyond the slack of the reference") {
  for (int32_t isa : available_isas())
    for (int precision : {TBPTT_BF16, TBPTT_BF16X2}) {
      const int V = 700;
      Problem problem(V, 3, 4, 3, 4, 11, 1.0);
      for (int v = 0; v < V; ++v) problem.parameters.bs[static_cast<size_t>(v)] = static_cast<float>(-1000 + 2000.0 * v / V);
      tbptt_config config = make_config(V, 3, 4, 3, 4);
      config.isa = isa;
      config.precision = precision;
      NativeCore core(config);
      Reference reference(V, 3, 4, 3, TBPTT_CELL_TANH);
      problem.load(core);
      problem.load(reference);
      const ReferenceResult wanted = reference.gradients(problem.window());
      const Gradients found = core.gradients(problem.window());
      CHECK(found.stats.loss == doctest::Approx(wanted.loss).epsilon(1e-4));
      CHECK(distance(found, wanted.gradients) < (precision == TBPTT_BF16 ? 2e-2 : 2e-4));
    }
}

TEST_CASE("a logit beyond the slack of the reference for some of a chunk's tokens only, in the first block and in a later one") {
  const int V = 700, H = 4, B = 8, T = 4;
  for (int large : {100, 400}) {
    Problem problem(V, 3, H, B, T, 11, 1.0);
    for (int h = 0; h < H; ++h) problem.parameters.ws[static_cast<size_t>(h * V + large)] = h == 0 ? 200 : 0;
    Reference reference(V, 3, H, B, TBPTT_CELL_TANH);
    problem.load(reference);
    const ReferenceResult wanted = reference.gradients(problem.window());
    for (int32_t isa : available_isas())
      for (int precision : {TBPTT_FP32, TBPTT_BF16, TBPTT_BF16X2}) {
        tbptt_config config = make_config(V, 3, H, B, T);
        config.isa = isa;
        config.precision = precision;
        NativeCore core(config);
        problem.load(core);
        const Gradients found = core.gradients(problem.window());
        INFO(large, " ", tbptt_isa_name(isa), " ", precision);
        CHECK(found.stats.loss == doctest::Approx(wanted.loss).epsilon(precision == TBPTT_BF16 ? 1e-2 : 1e-5));
        CHECK(distance(found, wanted.gradients) < (precision == TBPTT_BF16 ? 5e-2 : 1e-4));
      }
  }
}
