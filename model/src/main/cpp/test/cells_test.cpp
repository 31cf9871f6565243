#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cmath>
#include <random>
#include <thread>
#include <tuple>

#include "cells_reference.h"
#include "native_core.h"

namespace {

const char* const kCells[] = {"tanh", "relu", "identity", "lstm", "gru"};

struct Net {
  int V, E, H, B, T, cell, L;
};

tbptt_config config_of(const Net& net, int P = 0) {
  tbptt_config config = make_config(net.V, net.E, net.H, net.B, net.T, P);
  config.cell = net.cell;
  config.layers = net.L;
  return config;
}

// Parameters and one window of a network, in numbers that fp32 holds exactly.
struct CellsProblem {
  CellsProblem(const Net& net, unsigned seed, double keep = 0.8, double padding = 0.1) : random(seed), T(net.T) {
    CellsReference reference(net.V, net.E, net.H, net.B, net.cell, net.L);
    for (const auto& [rows, columns] : reference.shapes()) {
      const double bound = rows == net.V ? 1 : rows == 1 ? 0.3 : 1.2 / std::sqrt(rows);
      parameters.push_back(fill(rows * columns, bound));
    }
    auto choose = [&] {
      std::vector<int32_t> chosen(static_cast<size_t>(net.T * net.B));
      for (int32_t& token : chosen) token = real(0, 1) < padding ? -1 : std::uniform_int_distribution<int32_t>(0, net.V - 1)(random);
      return chosen;
    };
    tokens = choose();
    targets = choose();
    auto mask = [&](int count) {
      std::vector<float> values(static_cast<size_t>(count));
      for (float& value : values) value = real(0, 1) < keep ? static_cast<float>(1 / keep) : 0.0f;
      return values;
    };
    mask_in = mask(net.T * net.B * net.E);
    mask_out = mask(net.L * net.T * net.B * net.H);
  }
  double real(double low, double high) { return std::uniform_real_distribution<double>(low, high)(random); }
  Doubles fill(int count, double bound) {
    Doubles values(static_cast<size_t>(count));
    for (double& value : values) value = static_cast<float>(real(-bound, bound));
    return values;
  }
  tbptt_window window() const {
    tbptt_window window = make_window(T, tokens.data(), targets.data());
    window.input_mask = mask_in.data();
    window.output_mask = mask_out.data();
    return window;
  }
  void load(NativeCore& core) const {
    for (size_t i = 0; i < parameters.size(); ++i) core.write(static_cast<int>(i), to_floats(parameters[i]));
  }

  std::mt19937 random;
  int T;
  std::vector<Doubles> parameters;
  std::vector<int32_t> tokens, targets;
  std::vector<float> mask_in, mask_out;
};

// Largest L2 distance, relative to the norm of the wanted gradient plus `floor`.
double distance(const CellGradients& found, const CellsResult& wanted, double floor) {
  double largest = 0;
  for (size_t i = 0; i < wanted.gradients.size(); ++i)
    largest = std::max(largest, relative_distance(found.gradients[i], wanted.gradients[i], floor));
  return largest;
}

std::vector<std::vector<float>> all_tensors(const NativeCore& core) {
  std::vector<std::vector<float>> tensors;
  for (int tensor = 0; tensor < core.tensors(); ++tensor) tensors.push_back(core.read(tensor));
  return tensors;
}

}  // namespace

TEST_CASE("gradients of every cell, depth, shape and truncation agree with the reference in the second window") {
  const Net shapes[] = {{2, 1, 1, 1, 1, 0, 1},    {3, 2, 5, 1, 6, 0, 2},   {31, 3, 9, 3, 4, 0, 3},
                        {33, 17, 16, 2, 6, 0, 1}, {97, 5, 33, 7, 4, 0, 2}, {20, 3, 18, 70, 2, 0, 8},
                        {20, 3, 48, 90, 3, 0, 1}, {11, 3, 256, 2, 2, 0, 1}};  // an LSTM's rows of W would be 4 KB long
  unsigned seed = 10;
  for (Net net : shapes)
    for (net.cell = 0; net.cell < 5; ++net.cell)
      for (int k1 = 1; k1 <= net.T; ++k1) {
        if (net.T % k1 != 0) continue;
        for (int k2 : {k1, k1 + 2, net.T + 3}) {
          const int P = seed % 2 ? k2 - k1 : 0, T = net.T;
          const bool linked = seed % 5 == 0 && k1 == T;
          ++seed;
          CellsReference reference(net.V, net.E, net.H, net.B, net.cell, net.L);
          const CellsProblem first(net, seed), second(net, seed + 1000);
          reference.parameters = first.parameters;
          reference.gradients(first.window());
          reference.commit();
          tbptt_window window = second.window();
          window.inject_every = k1;
          window.reach = k2;
          window.history_steps = P;
          if (seed % 4 == 0) window.recurrent_scale = 2.5;
          std::vector<float> xi(static_cast<size_t>(T * net.B));
          for (size_t i = 0; i < xi.size(); ++i) xi[i] = i % 3 == 0 ? 0.0f : 1.5f;
          if (linked) window.link_mask = xi.data();
          const int lags = k1 == 1 && !linked ? std::min(k2, T + P) : 0;
          const CellsResult wanted = reference.gradients(window, lags);
          for (int32_t isa : available_isas()) {
            tbptt_config config = config_of(net, P);
            config.isa = isa;
            NativeCore core(config, static_cast<int>(seed % 5));
            first.load(core);
            core.advance(first.window());
            const CellGradients found = core.cell_gradients(window, lags);
            INFO(tbptt_isa_name(isa), " ", kCells[net.cell], " L=", net.L, " V=", net.V, " H=", net.H, " B=", net.B, " T=", T, " k1=", k1,
                 " k2=", k2, " P=", P, " seed ", seed);
            CHECK(found.stats.counted == wanted.counted);
            CHECK(std::abs(found.stats.loss - wanted.loss) <= 1e-6 * std::max(1.0, wanted.loss));
            CHECK(distance(found, wanted, net.V < 4 ? 0.3 : 1e-3) < 1e-5);
            CHECK(relative_distance(found.phi, wanted.phi, 1e-3) < 5e-6);
            CHECK(relative_distance(found.w_l1, wanted.w_l1, 1e-3) < 5e-6);
          }
        }
      }
}

TEST_CASE("bf16: states and gradients of gated cells and stacks are those of a reference that rounds the same operands") {
  // Where rounding errors of fp32 decide between two bf16 numbers, which is rare, one operand of many differs by up to 2^-8 of itself.
  constexpr double kNear = 1e-5, kOneOperand = 1.0 / 256;
  const Net shapes[] = {{2, 1, 1, 1, 1, 0, 1},    {3, 2, 5, 1, 6, 0, 2},    {31, 3, 9, 3, 4, 0, 3},   {30, 17, 16, 2, 6, 0, 2},
                        {32, 40, 33, 7, 4, 0, 2}, {20, 3, 18, 70, 2, 0, 2}, {32, 35, 65, 5, 6, 0, 1}, {11, 3, 256, 2, 2, 0, 1}};
  const std::vector<int32_t> isas = available_isas();
  std::vector<int> near(isas.size());
  int cases = 0;
  unsigned seed = 3;
  for (Net net : shapes)
    for (net.cell = 0; net.cell < 5; ++net.cell)
      for (int style = 0; style < 4; ++style) {
        if (net.L == 1 && net.cell < TBPTT_CELL_LSTM) continue;
        ++seed;
        ++cases;
        const int P = style == 1 ? 2 : 0;
        CellsReference reference(net.V, net.E, net.H, net.B, net.cell, net.L);
        const CellsProblem first(net, seed), second(net, seed + 1000);
        reference.parameters = first.parameters;
        reference.bf16 = true;
        reference.gradients(first.window());
        reference.commit();
        tbptt_window window = second.window();
        if (style == 1) window.inject_every = 1, window.reach = 3, window.history_steps = P;
        if (style == 2) window.inject_every = 1, window.reach = net.T;
        const int lags = style == 2 ? net.T : 0;
        std::vector<float> xi(static_cast<size_t>(net.T * net.B));
        for (size_t i = 0; i < xi.size(); ++i) xi[i] = i % 3 == 0 ? 0.0f : 1.5f;
        if (style == 3) window.link_mask = xi.data();
        const CellsResult wanted = reference.gradients(window, lags);
        for (size_t i = 0; i < isas.size(); ++i) {
          tbptt_config config = config_of(net, P);
          config.isa = isas[i];
          config.precision = TBPTT_BF16;
          NativeCore core(config, static_cast<int>(seed % 5));
          first.load(core);
          core.advance(first.window());
          INFO(tbptt_isa_name(isas[i]), " ", kCells[net.cell], " L=", net.L, " V=", net.V, " H=", net.H, " B=", net.B, " T=", net.T,
               " style ", style, " seed ", seed);
          for (int state = 0; state < core.states(); ++state)
            CHECK(relative_distance(core.read(3 * core.parameters() + state), reference.state[state], 1e-3) < kOneOperand);
          const CellGradients found = core.cell_gradients(window, lags);
          const double error = distance(found, wanted, net.V < 4 ? 0.3 : 1e-3);
          CHECK(error < kOneOperand);
          CHECK(relative_distance(found.phi, wanted.phi, 1e-3) < kOneOperand);
          CHECK(relative_distance(found.w_l1, wanted.w_l1, 1e-3) < kOneOperand);
          near[i] += error < kNear;
        }
      }
  for (int found : near) CHECK(found > 0.7 * cases);
}

TEST_CASE("an evaluation of every cell agrees with the reference and carries its own state") {
  for (int32_t isa : available_isas())
    for (int cell = 0; cell < 5; ++cell)
      for (int L : {1, 3}) {
        const Net net{53, 6, 12, 3, 5, cell, L};
        tbptt_config config = config_of(net);
        config.isa = isa;
        NativeCore core(config);
        CellsReference reference(net.V, net.E, net.H, net.B, cell, L);
        const CellsProblem problem(net, 3);
        problem.load(core);
        reference.parameters = problem.parameters;
        for (int window = 0; window < 3; ++window) {
          const double wanted = reference.evaluate(problem.tokens.data(), problem.targets.data(), net.T);
          CHECK(core.evaluate(problem.tokens, problem.targets, net.T) == doctest::Approx(wanted).epsilon(1e-6));
        }
        for (int state = 0; state < core.states(); ++state) {
          CHECK(relative_distance(core.read(3 * core.parameters() + core.states() + state), reference.state[state]) < 1e-5);
          for (float value : core.read(3 * core.parameters() + state)) CHECK(value == 0);
        }
      }
}

TEST_CASE("every cell learns, and every number of threads gives the same bits") {
  for (int32_t isa : available_isas())
    for (int cell = 0; cell < 5; ++cell)
      for (int L : {1, 2})
        for (int style = 0; style < 4; ++style)
          for (int precision : {TBPTT_FP32, TBPTT_BF16}) {
            if (kSlow && (precision == TBPTT_BF16) != ((L + style) % 2 == 0)) continue;
            const Net net{101, 19, 37, 11, 12, cell, L};
            std::vector<std::vector<float>> alone;
            std::vector<double> expected;
            for (int threads : {1, 2, 5}) {
              if (kSlow && threads == 2) continue;
              INFO(tbptt_isa_name(isa), " ", kCells[cell], " L=", L, " style ", style, " precision ", precision, " threads ", threads);
              tbptt_config config = config_of(net, 4);
              config.isa = isa;
              config.precision = precision;
              config.threads = threads;
              config.clip_norm = style == 1 ? 0.5 : 0;
              NativeCore core(config);
              const CellsProblem problem(net, 1);
              problem.load(core);
              std::vector<double> found;
              const auto train = [&](uint64_t step) {
                tbptt_window window = make_window(net.T, problem.tokens.data(), problem.targets.data());
                window.input_keep = window.output_keep = 0.9;
                window.window = step;
                if (style == 1) window.inject_every = 1, window.reach = 5, window.history_steps = 4;
                if (style == 2) window.inject_every = 4, window.reach = 8, window.history_steps = 4;
                if (style == 3) window.link_keep = 0.7;
                const tbptt_stats stats = core.train(window, 0.01);
                CHECK(stats.applied == 1);
                found.insert(found.end(), {stats.loss, stats.gradient_norm, stats.update_norm});
                return stats.loss;
              };
              const double first = train(0);
              for (unsigned step = 1; step < 3; ++step) train(step);  // history and moments count from the second one on
              if (threads == 1) {
                alone = all_tensors(core);
                expected = found;
                for (unsigned step = 3; step < 7 && !kSlow; ++step) train(step);
                CHECK(train(7) < first - (kSlow ? 0 : 0.1));
              } else {
                CHECK(found == expected);
                CHECK(all_tensors(core) == alone);
              }
            }
          }
}

TEST_CASE("a window that is cancelled at any moment leaves the core as it was") {
  for (const auto& [cell, L, clip_norm, threads] : {std::tuple{TBPTT_CELL_TANH, 1, 0.0, 1}, std::tuple{TBPTT_CELL_TANH, 1, 0.1, 1},
                                                    std::tuple{TBPTT_CELL_LSTM, 2, 0.0, 1}, std::tuple{TBPTT_CELL_GRU, 1, 0.1, 2}}) {
    INFO(kCells[cell], " L=", L, " clip ", clip_norm, " threads ", threads);
    const Net net{1501, 19, 37, 11, 12, cell, L};
    tbptt_config config = config_of(net, 4);
    config.clip_norm = clip_norm;
    config.threads = threads;
    int32_t cancel = 0;
    config.cancel = &cancel;
    NativeCore core(config), undisturbed(config);
    const CellsProblem problem(net, 1);
    problem.load(core);
    problem.load(undisturbed);
    tbptt_window window = make_window(net.T, problem.tokens.data(), problem.targets.data());
    window.input_keep = window.output_keep = 0.9;
    window.inject_every = 1, window.reach = 5, window.history_steps = 4;

    using Clock = std::chrono::steady_clock;
    Clock::duration duration{};
    int cancelled = 0;
    const int moments = kSlow ? 10 : 50;
    for (int moment = 0; moment < moments; ++moment) {
      window.window = static_cast<uint64_t>(moment);
      const auto before = Clock::now();
      undisturbed.train(window, 0.01);
      if (moment == 0) {
        core.train(window, 0.01);
        duration = Clock::now() - before;  // of two
        continue;
      }
      const std::vector<std::vector<float>> last = all_tensors(core);
      std::atomic<bool> running{false};
      std::thread raiser([&] {
        const Clock::time_point raise = Clock::now() + duration * moment / (2 * moments);
        running = true;
        while (Clock::now() < raise) {
        }
        __atomic_store_n(&cancel, 1, __ATOMIC_RELAXED);
      });
      while (!running) {
      }
      tbptt_stats stats;
      char message[200];
      const int32_t status = tbptt_train(core.get(), &window, 0.01, &stats, message, sizeof(message));
      raiser.join();
      cancel = 0;
      if (status == TBPTT_CANCELLED) {
        ++cancelled;
        CHECK(all_tensors(core) == last);
        core.train(window, 0.01);
      } else {
        CHECK(status == TBPTT_OK);
      }
      CHECK(all_tensors(core) == all_tensors(undisturbed));
      for (int counter : {TBPTT_OPTIMIZER_STEPS, TBPTT_HISTORY_STEPS}) CHECK(core.counter(counter) == undisturbed.counter(counter));
    }
    CHECK(cancelled > 0);
  }
}

TEST_CASE("a core goes on from the tensors and counters of another of its kind") {
  for (int precision : {TBPTT_FP32, TBPTT_BF16})
    for (int cell : {TBPTT_CELL_TANH, TBPTT_CELL_LSTM, TBPTT_CELL_GRU}) {
      const Net net{41, 6, 10, 3, 4, cell, 3};
      tbptt_config config = config_of(net, 3);
      config.precision = precision;
      NativeCore core(config), again(config);
      const CellsProblem problem(net, 5);
      problem.load(core);
      tbptt_window window = problem.window();
      window.inject_every = 1;
      window.history_steps = 3;
      for (int step = 0; step < 3; ++step) core.train(window, 0.01);
      for (int counter : {TBPTT_OPTIMIZER_STEPS, TBPTT_HISTORY_STEPS}) again.set_counter(counter, core.counter(counter));
      for (int tensor = 0; tensor < core.tensors(); ++tensor) again.write(tensor, core.read(tensor));
      for (int step = 0; step < 2; ++step) CHECK(again.train(window, 0.01).gradient_norm == core.train(window, 0.01).gradient_norm);
      CHECK(all_tensors(again) == all_tensors(core));
      core.reset();
      for (int state = 0; state < core.states(); ++state)
        for (float value : core.read(3 * core.parameters() + state)) CHECK(value == 0);
    }
}

TEST_CASE("each layer's output mask is drawn from numbers of its own") {
  const Net net{20, 7, 10, 3, 5, TBPTT_CELL_GRU, 3};
  NativeCore core(config_of(net));
  const CellsProblem problem(net, 21);
  problem.load(core);
  tbptt_window window = make_window(net.T, problem.tokens.data(), problem.targets.data());
  window.output_keep = 0.6;
  window.seed = 0xFEDCBA9876543210ull;
  window.epoch = 3;
  window.window = 77;
  window.first_step = 4;
  const CellGradients inside = core.cell_gradients(window);
  const size_t size = static_cast<size_t>(net.T * net.B * net.H);
  std::vector<float> masks;
  for (uint32_t layer = 0; layer < 3; ++layer)
    for (size_t i = 0; i < size; ++i) {
      const uint64_t position = static_cast<uint64_t>(window.first_step * net.B * net.H) + i;
      uint32_t words[4];
      tbptt_philox(window.seed, window.epoch, window.window, 2 + 65536 * layer, position, words);
      masks.push_back(words[position % 4] < static_cast<uint64_t>(std::floor(0.6 * 4294967296.0)) ? static_cast<float>(1 / 0.6) : 0.0f);
    }
  window.output_mask = masks.data();
  CHECK(core.cell_gradients(window).gradients == inside.gradients);
}

TEST_CASE("what a gated or stacked network doesn't have is refused") {
  const Net net{9, 3, 4, 2, 4, TBPTT_CELL_LSTM, 2};
  NativeCore core(config_of(net, 2));
  const CellsProblem problem(net, 1);
  problem.load(core);
  tbptt_window window = problem.window();
  core.train(window, 0.1);
  window.carry = TBPTT_CARRY_POST_DROPOUT;
  CHECK_THROWS_WITH(core.train(window, 0.1), "status 1: window.carry 1 with config.cell 3 and config.layers 2: allowed 0, for these");
  CHECK_THROWS_WITH(core.write(core.tensors(), {}), "status 1: tensor 30: allowed 0..29");
  std::vector<float> history = core.read(core.tensors() - 1);
  CHECK(history.size() == 2 * 2 * (2 + (2 * 3 + 4 + 6 * 4) + (2 * 4 + 4 + 6 * 4)));
  history[1] = 1;
  CHECK_THROWS_WITH(core.write(core.tensors() - 1, history), "status 1: values[1] of the history is 1: allowed edges 0");
  std::vector<float> masks = problem.mask_out;
  masks.back() = NAN;
  window = problem.window();
  window.output_mask = masks.data();
  CHECK_THROWS_WITH(core.train(window, 0.1), doctest::Contains("window.output_mask[63] is nan"));
  tbptt_config config = config_of(net);
  config.layers = 9;
  CHECK_THROWS_WITH(NativeCore(config, 0), "status 1: config.layers 9: allowed 0..8");
}
