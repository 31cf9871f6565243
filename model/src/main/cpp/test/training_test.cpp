#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "problem.h"

namespace {

void compare_training(tbptt_config config, int carry, int history, int windows, double tolerance) {
  const int V = config.vocabulary, E = config.embedding, H = config.hidden, B = config.batch, T = config.steps_capacity;
  NativeCore core(config);
  Reference reference(V, E, H, B, config.cell);
  Problem first(V, E, H, B, T, 1);
  first.load(core);
  first.load(reference);
  for (int step = 1; step <= windows; ++step) {
    Problem problem(V, E, H, B, T, 100 + static_cast<unsigned>(step), 0.8, step % 4 == 3 ? 0.2 : 0);
    tbptt_window window = problem.window();
    window.carry = carry;
    if (history > 0) {
      window.inject_every = 1;
      window.reach = history + 1;
      window.history_steps = history;
    }
    const ReferenceResult wanted = reference.gradients(window);
    const double norm = reference.update(config, wanted.gradients, 0.01, step);
    reference.commit(window);
    const tbptt_stats stats = core.train(window, 0.01);
    INFO(tbptt_isa_name(config.isa), " optimizer ", config.optimizer, " window ", step);
    CHECK(stats.applied == 1);
    if (config.optimizer == TBPTT_SGD) {
      const double clipped = config.clip_norm > 0 ? std::min(norm, config.clip_norm) : norm;
      CHECK(stats.update_norm == doctest::Approx(0.01 * clipped).epsilon(10 * tolerance));
    }
    CHECK(stats.loss == doctest::Approx(wanted.loss).epsilon(tolerance));
    CHECK(stats.gradient_norm == doctest::Approx(norm).epsilon(10 * tolerance));
    CHECK(stats.clipped == (config.clip_norm > 0 && norm > config.clip_norm));
  }
  CHECK(core.counter(TBPTT_OPTIMIZER_STEPS) == windows);
  CHECK(relative_distance(core.read(TBPTT_EMB), reference.parameters.emb) < tolerance);
  CHECK(relative_distance(core.read(TBPTT_W), reference.parameters.w) < tolerance);
  CHECK(relative_distance(core.read(TBPTT_WS), reference.parameters.ws) < tolerance);
  CHECK(relative_distance(core.read(TBPTT_BS), reference.parameters.bs) < 10 * tolerance);
}

}  // namespace

TEST_CASE("20 windows of training follow the reference") {
  for (int32_t isa : available_isas()) {
    tbptt_config config = make_config(50, 6, 17, 3, 5);
    config.isa = isa;
    config.epsilon = 1e-5;  // a larger epsilon: near 1e-8 Adam turns rounding of tiny gradients into whole steps
    config.momentum = 0.9;
    config.decay = 0.9;
    for (int optimizer : {TBPTT_ADAM, TBPTT_SGD, TBPTT_MOMENTUM, TBPTT_RMSPROP}) {
      config.optimizer = optimizer;
      config.clip_norm = 0;
      compare_training(config, TBPTT_CARRY_SOUND, 0, 20, 2e-5);
      config.clip_norm = 0.4;
      compare_training(config, TBPTT_CARRY_POST_DROPOUT, 0, 20, 2e-5);
    }
  }
}

TEST_CASE("windows with history, longer than one window and over post-dropout carries, follow the reference") {
  for (int32_t isa : available_isas())
    for (int history : {1, 4, 9}) {
      tbptt_config config = make_config(30, 4, 11, 2, 4, history);
      config.isa = isa;
      config.epsilon = 1e-5;
      compare_training(config, TBPTT_CARRY_SOUND, history, 8, 2e-5);
      compare_training(config, TBPTT_CARRY_POST_DROPOUT, history, 8, 2e-5);
    }
}

TEST_CASE("random shapes, styles, precisions and histories train without a stray access and follow the reference's loss") {
  std::mt19937 random(5);
  auto pick = [&](int low, int high) { return std::uniform_int_distribution<int>(low, high)(random); };
  for (int32_t isa : available_isas())
    for (int turn = 0; turn < 25; ++turn) {
      const int V = pick(1, 150), E = pick(1, 40), H = pick(1, 70), B = pick(1, 37), T = pick(1, 9), P = pick(0, 12);
      tbptt_config config = make_config(V, E, H, B, T, P);
      config.isa = isa;
      config.precision = pick(0, 2);
      config.cell = pick(0, 1);
      config.optimizer = pick(0, 3);
      config.epsilon = 1e-3;
      config.clip_norm = pick(0, 1);
      NativeCore core(config, pick(0, 15));
      Reference reference(V, E, H, B, config.cell);
      Problem(V, E, H, B, T, 1).load(core);
      Problem(V, E, H, B, T, 1).load(reference);
      INFO(tbptt_isa_name(isa), " turn ", turn, " V=", V, " E=", E, " H=", H, " B=", B, " T=", T, " P=", P, " precision ",
           config.precision);
      for (int step = 1; step <= 3; ++step) {
        const int steps = pick(1, T);
        Problem problem(V, E, H, B, steps, 7 + static_cast<unsigned>(step), 0.8, 0.2);
        tbptt_window window = problem.window();
        do window.inject_every = pick(1, steps);
        while (steps % window.inject_every != 0);
        window.reach = window.inject_every + pick(0, 15);
        window.history_steps = pick(0, P);
        window.carry = pick(0, 1);
        const ReferenceResult wanted = reference.gradients(window);
        reference.update(config, wanted.gradients, 0.001, step);
        reference.commit(window);
        CHECK(core.train(window, 0.001).loss == doctest::Approx(wanted.loss).epsilon(config.precision == TBPTT_BF16 ? 0.03 : 1e-4));
      }
    }
}

TEST_CASE("a checkpoint continues bit by bit") {
  for (int32_t isa : available_isas()) {
    tbptt_config config = make_config(37, 5, 13, 3, 4, 6);
    config.isa = isa;
    NativeCore core(config), again(config, 3);
    Problem problem(37, 5, 13, 3, 4, 1);
    problem.load(core);
    tbptt_window window = problem.window();
    window.input_mask = window.output_mask = nullptr;
    window.input_keep = window.output_keep = 0.7;
    window.seed = 0x123456789ABCDEFull;
    window.inject_every = 1;
    window.reach = 7;
    window.history_steps = 6;
    window.carry = TBPTT_CARRY_POST_DROPOUT;
    for (uint32_t step = 0; step < 3; ++step) {
      window.window = step;
      core.train(window, 0.01);
    }
    for (int counter : {TBPTT_OPTIMIZER_STEPS, TBPTT_HISTORY_STEPS}) again.set_counter(counter, core.counter(counter));
    for (int tensor = 0; tensor < TBPTT_TENSOR_COUNT; ++tensor) again.write(tensor, core.read(tensor));
    for (uint32_t step = 3; step < 6; ++step) {
      window.window = step;
      const tbptt_stats a = core.train(window, 0.01), b = again.train(window, 0.01);
      CHECK(a.loss == b.loss);
      CHECK(a.gradient_norm == b.gradient_norm);
    }
    for (int tensor = 0; tensor < TBPTT_TENSOR_COUNT; ++tensor) CHECK(core.read(tensor) == again.read(tensor));
  }
}

namespace {

// A linear recurrence with states of zero: nothing but W_h = 4 carries errors back, which grow four times a step.
void load_growing_errors(NativeCore& core, const Problem& problem) {
  const int V = problem.V, E = problem.E, H = problem.H;
  problem.load(core);
  core.write(TBPTT_EMB, std::vector<float>(static_cast<size_t>(V * E)));
  core.write(TBPTT_B, std::vector<float>(static_cast<size_t>(H)));
  std::vector<float> w(static_cast<size_t>((E + H) * H));
  for (int h = 0; h < H; ++h) w[static_cast<size_t>((E + h) * H + h)] = 4;
  core.write(TBPTT_W, w);
}

std::vector<std::vector<float>> all_tensors(const NativeCore& core) {
  std::vector<std::vector<float>> tensors;
  for (int tensor = 0; tensor < TBPTT_TENSOR_COUNT; ++tensor) tensors.push_back(core.read(tensor));
  return tensors;
}

void check_not_applied(NativeCore& core, const tbptt_window& window) {
  const std::vector<std::vector<float>> before = all_tensors(core);
  const tbptt_stats stats = core.train(window, 0.1);
  CHECK(stats.applied == 0);
  CHECK(stats.clipped == 0);
  CHECK(stats.update_norm == 0);
  CHECK(std::isnan(stats.gradient_norm));
  CHECK(all_tensors(core) == before);
  CHECK(core.counter(TBPTT_OPTIMIZER_STEPS) == 0);
}

}  // namespace

TEST_CASE("a gradient whose squares are beyond fp32 is clipped") {
  for (int32_t isa : available_isas()) {
    const int V = 8, E = 3, H = 20, B = 2, T = 40;
    tbptt_config config = make_config(V, E, H, B, T);
    config.isa = isa;
    config.cell = TBPTT_CELL_IDENTITY;
    config.optimizer = TBPTT_SGD;
    config.clip_norm = 1;
    NativeCore core(config);
    Problem problem(V, E, H, B, T, 3, 1);
    load_growing_errors(core, problem);
    const tbptt_stats stats = core.train(problem.window(), 0.1);
    INFO(tbptt_isa_name(isa));
    CHECK(stats.applied == 1);
    CHECK(stats.clipped == 1);
    CHECK(stats.gradient_norm > 1e20);
    CHECK(stats.gradient_norm < 1e24);
    CHECK(stats.update_norm == doctest::Approx(0.1).epsilon(1e-5));
  }
}

TEST_CASE("a loss that is not finite is reported and changes nothing") {
  for (int32_t isa : available_isas())
    for (double clip_norm : {0.0, 1.0}) {
      INFO(tbptt_isa_name(isa), " clip ", clip_norm);
      tbptt_config config = make_config(9, 3, 4, 2, 3, 2);
      config.isa = isa;
      config.cell = TBPTT_CELL_IDENTITY;
      config.clip_norm = clip_norm;
      NativeCore core(config);
      Problem problem(9, 3, 4, 2, 3, 1, 1.0);
      problem.load(core);
      core.write(TBPTT_EMB, std::vector<float>(27, 1e30f));
      core.write(TBPTT_W, std::vector<float>(28, 1e30f));
      CHECK(!std::isfinite(core.gradients(problem.window()).stats.loss));
      check_not_applied(core, problem.window());
    }
}

TEST_CASE("gradients that are not finite are reported and change nothing, though the loss is finite") {
  for (int32_t isa : available_isas())
    for (int precision : {TBPTT_FP32, TBPTT_BF16, TBPTT_BF16X2})
      for (double clip_norm : {0.0, 1.0}) {
        INFO(tbptt_isa_name(isa), " precision ", precision, " clip ", clip_norm);
        tbptt_config config = make_config(8, 3, 20, 2, 100, 3);
        config.isa = isa;
        config.precision = precision;
        config.cell = TBPTT_CELL_IDENTITY;
        config.clip_norm = clip_norm;
        NativeCore core(config), fresh(config);
        Problem problem(8, 3, 20, 2, 100, 3, 1);
        load_growing_errors(core, problem);
        const Gradients gradients = core.gradients(problem.window());
        CHECK(std::isfinite(gradients.stats.loss));
        CHECK(!std::isfinite(gradients.stats.gradient_norm));
        CHECK(gradients.stats.clipped == 0);
        check_not_applied(core, problem.window());
        // Nothing of it is left for the windows that follow.
        for (NativeCore* each : {&core, &fresh}) {
          problem.load(*each);
          each->train(problem.window(), 0);
        }
        CHECK(all_tensors(core) == all_tensors(fresh));
      }
}

TEST_CASE("a softmax gradient alone that is not finite is reported and changes nothing") {
  for (int32_t isa : available_isas())
    for (int precision : {TBPTT_FP32, TBPTT_BF16, TBPTT_BF16X2})
      for (double clip_norm : {0.0, 1.0}) {
        INFO(tbptt_isa_name(isa), " precision ", precision, " clip ", clip_norm);
        tbptt_config config = make_config(3, 1, 1, 2, 1);
        config.isa = isa;
        config.precision = precision;
        config.cell = TBPTT_CELL_IDENTITY;
        config.clip_norm = clip_norm;
        NativeCore core(config);
        core.write(TBPTT_EMB, {1e-12f, 1e30f, 0});
        core.write(TBPTT_W, {1, 0});
        core.write(TBPTT_WS, {1e10f, -1e10f, 0});
        // The second column's logits overflow, but its target is not counted.
        const int32_t tokens[2] = {0, 1}, targets[2] = {2, -1};
        const tbptt_window window = make_window(1, tokens, targets);
        const Gradients gradients = core.gradients(window);
        CHECK(gradients.stats.loss == doctest::Approx(std::log(3.0)).epsilon(0.01));
        CHECK(std::isfinite(gradients.w[0]));
        CHECK(!std::isfinite(gradients.ws[0]));
        check_not_applied(core, window);
      }
}

TEST_CASE("a window whose outputs are near the end of fp32 is trained on while its gradients are finite") {
  for (int32_t isa : available_isas()) {
    tbptt_config config = make_config(3, 1, 1, 1, 1);
    config.isa = isa;
    config.cell = TBPTT_CELL_IDENTITY;
    config.optimizer = TBPTT_SGD;
    NativeCore core(config);
    core.write(TBPTT_EMB, {2e38f, 0, 0});
    core.write(TBPTT_W, {1, 0});
    const int32_t token = 0, target = 1;
    const tbptt_stats stats = core.train(make_window(1, &token, &target), 1e-37);
    INFO(tbptt_isa_name(isa));
    CHECK(stats.applied == 1);
    CHECK(stats.gradient_norm == doctest::Approx(2e38 * std::sqrt(2.0 / 3)));
    CHECK(core.read(TBPTT_WS)[1] == doctest::Approx(40.0 / 3));
  }
}

TEST_CASE("an infinite second moment is forgotten at once where nothing of it is kept") {
  for (int32_t isa : available_isas())
    for (int optimizer : {TBPTT_ADAM, TBPTT_RMSPROP}) {
      tbptt_config config = make_config(9, 3, 5, 2, 4);
      config.isa = isa;
      config.optimizer = optimizer;
      config.beta2 = config.decay = 0;
      NativeCore core(config);
      const Problem problem(9, 3, 5, 2, 4, 1);
      problem.load(core);
      core.write(TBPTT_SECOND_MOMENT, std::vector<float>(core.read(TBPTT_SECOND_MOMENT).size(), INFINITY));
      const tbptt_stats stats = core.train(problem.window(), 0.01);
      INFO(tbptt_isa_name(isa), " optimizer ", optimizer);
      CHECK(stats.applied == 1);
      CHECK(std::isfinite(stats.update_norm));
      for (float value : core.read(TBPTT_SECOND_MOMENT)) CHECK(std::isfinite(value));
      for (float value : core.read(TBPTT_EMB)) CHECK(std::isfinite(value));
    }
}
