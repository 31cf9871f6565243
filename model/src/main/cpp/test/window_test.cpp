#include <doctest/doctest.h>

#include <cmath>

#if defined(__x86_64__)
#include <xmmintrin.h>
#endif

#include "problem.h"

TEST_CASE("an evaluation agrees with the reference and carries its own state") {
  for (int32_t isa : available_isas())
    for (int32_t precision : {TBPTT_FP32, TBPTT_BF16X2}) {
      Problem problem(133, 6, 12, 3, 7, 9, 1.0, 0.2);
      tbptt_config config = make_config(133, 6, 12, 3, 7);
      config.isa = isa;
      config.precision = precision;
      NativeCore core(config);
      Reference reference(133, 6, 12, 3, TBPTT_CELL_TANH);
      problem.load(core);
      problem.load(reference);
      for (int window = 0; window < 3; ++window) {
        const double wanted = reference.evaluate(problem.tokens.data(), problem.targets.data(), 7);
        CHECK(core.evaluate(problem.tokens, problem.targets, 7) == doctest::Approx(wanted).epsilon(1e-6));
      }
      for (float value : core.read(TBPTT_STATE)) CHECK(value == 0);
    }
}

TEST_CASE("a window in pieces (update-every) draws the same masks as the whole") {
  Problem problem(20, 3, 8, 4, 6, 2);
  for (int32_t isa : available_isas()) {
    tbptt_config config = make_config(20, 3, 8, 4, 6, 5);
    config.isa = isa;
    config.optimizer = TBPTT_SGD;
    NativeCore whole(config), pieces(config);
    problem.load(whole);
    problem.load(pieces);
    tbptt_window window = make_window(6, problem.tokens.data(), problem.targets.data());
    window.input_keep = window.output_keep = 0.5;
    window.seed = 42;
    whole.train(window, 0);
    for (int first = 0; first < 6; first += 2) {
      tbptt_window piece = window;
      piece.steps = piece.inject_every = piece.reach = 2;
      piece.first_step = first;
      piece.tokens += first * 4;
      piece.targets += first * 4;
      pieces.train(piece, 0);
    }
    CHECK(whole.read(TBPTT_STATE) == pieces.read(TBPTT_STATE));
    CHECK(whole.read(TBPTT_HISTORY) == pieces.read(TBPTT_HISTORY));
  }
}

TEST_CASE("a raised cancel flag stops every call and leaves the core as it was") {
  for (double clip : {0.0, 1.0}) {
    volatile int32_t cancel = 0;
    tbptt_config config = make_config(70, 3, 8, 4, 6, 5);
    config.cancel = &cancel;
    config.clip_norm = clip;
    NativeCore core(config);
    Problem problem(70, 3, 8, 4, 6, 2);
    problem.load(core);
    core.train(problem.window(), 0.1);
    std::vector<std::vector<float>> before;
    for (int tensor = 0; tensor < TBPTT_TENSOR_COUNT; ++tensor) before.push_back(core.read(tensor));
    cancel = 1;
    const tbptt_window window = problem.window();
    char message[200];
    tbptt_stats stats;
    CHECK(tbptt_train(core.get(), &window, 0.1, &stats, message, sizeof(message)) == TBPTT_CANCELLED);
    CHECK_THROWS(core.gradients(window));
    CHECK_THROWS(core.evaluate(problem.tokens, problem.targets, 6));
    for (int tensor = 0; tensor < TBPTT_TENSOR_COUNT; ++tensor) CHECK(core.read(tensor) == before[static_cast<size_t>(tensor)]);
    cancel = 0;
    NativeCore fresh(config);
    problem.load(fresh);
    fresh.train(problem.window(), 0.1);
    core.train(problem.window(), 0.1);
    fresh.train(problem.window(), 0.1);
    CHECK(core.read(TBPTT_WS) == fresh.read(TBPTT_WS));
  }
}

TEST_CASE("the same calls give the same bits") {
  for (int32_t isa : available_isas())
    for (int precision : {TBPTT_FP32, TBPTT_BF16, TBPTT_BF16X2}) {
      tbptt_config config = make_config(301, 20, 33, 5, 6);
      config.isa = isa;
      config.precision = precision;
      NativeCore one(config, 0), two(config, 7);
      Problem problem(301, 20, 33, 5, 6, 4);
      problem.load(one);
      problem.load(two);
      for (int i = 0; i < 4; ++i) {
        const tbptt_stats a = one.train(problem.window(), 0.01), b = two.train(problem.window(), 0.01);
        CHECK(a.loss == b.loss);
        CHECK(a.gradient_norm == b.gradient_norm);
      }
      CHECK(one.read(TBPTT_WS) == two.read(TBPTT_WS));
    }
}

#if defined(__x86_64__)
TEST_CASE("the caller's floating-point control register comes back") {
  const unsigned before = _mm_getcsr();
  _mm_setcsr(0x3F80);  // round down, denormals kept
  tbptt_config config = make_config(9, 3, 4, 2, 3);
  NativeCore core(config);
  Problem problem(9, 3, 4, 2, 3, 1);
  problem.load(core);
  core.train(problem.window(), 0.1);
  core.gradients(problem.window());
  core.advance(problem.window());
  core.evaluate(problem.tokens, problem.targets, 3);
  CHECK((_mm_getcsr() & ~0x3Fu) == 0x3F80u);
  _mm_setcsr(before);
}
#endif
