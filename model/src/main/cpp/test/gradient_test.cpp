#include <doctest/doctest.h>

#include <cmath>

#include "problem.h"

namespace {

struct Shape {
  int V, E, H, B, T;
};

const Shape kShapes[] = {{2, 1, 1, 1, 1},     {2, 4, 4, 20, 8},  {3, 2, 5, 1, 7},      {31, 3, 9, 3, 6},      {33, 17, 31, 2, 6},
                         {64, 16, 32, 32, 4}, {97, 5, 10, 7, 6}, {250, 20, 40, 5, 12}, {401, 50, 100, 9, 10}, {20, 3, 66, 70, 3}};

}  // namespace

TEST_CASE("the reference agrees with finite differences of its loss") {
  Problem problem(7, 3, 5, 2, 6, 1);
  Reference reference(7, 3, 5, 2, TBPTT_CELL_TANH);
  problem.load(reference);
  const tbptt_window window = problem.window();
  // The second window: what is carried in is held constant.
  reference.gradients(window);
  reference.commit(window);
  const ReferenceResult result = reference.gradients(window);
  const Doubles* const found[5] = {&result.gradients.emb, &result.gradients.w, &result.gradients.b, &result.gradients.ws,
                                   &result.gradients.bs};
  Doubles* const values[5] = {&reference.parameters.emb, &reference.parameters.w, &reference.parameters.b, &reference.parameters.ws,
                              &reference.parameters.bs};
  for (int tensor = 0; tensor < 5; ++tensor)
    for (size_t i = 0; i < values[tensor]->size(); ++i) {
      const double kept = (*values[tensor])[i], step = 1e-5;
      (*values[tensor])[i] = kept + step;
      const double above = reference.gradients(window).loss;
      (*values[tensor])[i] = kept - step;
      const double below = reference.gradients(window).loss;
      (*values[tensor])[i] = kept;
      CHECK((*found[tensor])[i] == doctest::Approx((above - below) / (2 * step)).epsilon(1e-6).scale(0.1));
    }
}

TEST_CASE("gradients of random shapes, cells and truncations agree with the reference") {
  unsigned seed = 10;
  for (const Shape& s : kShapes)
    for (int cell : {TBPTT_CELL_TANH, TBPTT_CELL_RELU, TBPTT_CELL_IDENTITY})
      for (int k1 = 1; k1 <= s.T; ++k1) {
        if (s.T % k1 != 0) continue;
        for (int k2 : {k1, k1 + 2, s.T + 3}) {
          const double padding = seed % 3 == 0 ? 0.3 : 0;
          ++seed;
          Problem problem(s.V, s.E, s.H, s.B, s.T, seed, seed % 2 ? 0.8 : 1.0, padding);
          Reference reference(s.V, s.E, s.H, s.B, cell);
          problem.load(reference);
          tbptt_window window = problem.window();
          window.inject_every = k1;
          window.reach = k2;
          if (seed % 4 == 0) window.recurrent_scale = 2.5;
          const int lags = k1 == 1 ? std::min(k2, s.T) : 0;
          const ReferenceResult wanted = reference.gradients(window, lags);
          for (int32_t isa : available_isas()) {
            tbptt_config config = make_config(s.V, s.E, s.H, s.B, s.T);
            config.cell = cell;
            config.isa = isa;
            NativeCore core(config, static_cast<int>(seed % 5));
            problem.load(core);
            const Gradients found = core.gradients(window, lags);
            INFO(tbptt_isa_name(isa), " V=", s.V, " E=", s.E, " H=", s.H, " B=", s.B, " T=", s.T, " cell=", cell, " k1=", k1, " k2=", k2);
            CHECK(found.stats.counted == wanted.counted);
            CHECK(found.stats.loss == doctest::Approx(wanted.loss).epsilon(1e-6));
            // With two words what the columns learn nearly cancels: measured against what was added up, not against the rest.
            CHECK(distance(found, wanted.gradients, s.V == 2 ? 0.3 : 0) < 3e-6);
            CHECK(relative_distance(found.phi, wanted.phi) < 3e-6);
            CHECK(relative_distance(found.w_l1, wanted.w_l1) < 3e-6);
          }
        }
      }
}

TEST_CASE("truncations that are the same computation give the same gradients") {
  for (int32_t isa : available_isas()) {
    Problem problem(40, 6, 24, 5, 8, 3);
    tbptt_config config = make_config(40, 6, 24, 5, 8, 7);
    config.isa = isa;
    NativeCore core(config);
    problem.load(core);
    tbptt_window window = problem.window();
    const Gradients full = core.gradients(window);
    SUBCASE("true with n >= T is full") {
      window.inject_every = 1;
      window.reach = 8;
      CHECK(distance(core.gradients(window), full) < 1e-6);
      window.reach = 1000;
      CHECK(distance(core.gradients(window), full) < 1e-6);
    }
    SUBCASE("history without incoming history is none") {
      window.inject_every = 1;
      window.reach = 4;
      const Gradients without = core.gradients(window);
      window.history_steps = 3;
      CHECK(distance(core.gradients(window), without) == 0);
    }
    SUBCASE("the parts at the lags sum up to the whole") {
      window.inject_every = 1;
      Gradients before = core.gradients(window);
      window.reach = 1;
      std::vector<float> sum = core.gradients(window, 1).w;
      double last = relative_distance(sum, full.w);
      for (int n = 2; n <= 8; ++n) {
        window.reach = n;
        const Gradients longer = core.gradients(window, n);
        std::vector<double> part(longer.w.size());
        window.reach = n - 1;
        const Gradients shorter = core.gradients(window);
        double l1 = 0;
        for (size_t i = 0; i < part.size(); ++i) l1 += std::abs(static_cast<double>(longer.w[i]) - static_cast<double>(shorter.w[i]));
        CHECK(l1 == doctest::Approx(longer.w_l1[static_cast<size_t>(n - 1)]).epsilon(1e-3));
        last = relative_distance(longer.w, full.w);
      }
      CHECK(last < 1e-6);
    }
    SUBCASE("random with every link kept is full; with none it is n = 1") {
      std::vector<float> xi(40, 1.0f);
      window.link_mask = xi.data();
      CHECK(distance(core.gradients(window), full) < 1e-6);
      xi.assign(40, 0.0f);
      const Gradients cut = core.gradients(window);
      window.link_mask = nullptr;
      window.inject_every = window.reach = 1;
      CHECK(distance(cut, core.gradients(window)) < 1e-6);
    }
  }
}

TEST_CASE("random links: gradients agree with the reference, and their mean tends to the full gradient") {
  Problem problem(12, 3, 6, 2, 6, 5);
  Reference reference(12, 3, 6, 2, TBPTT_CELL_TANH);
  problem.load(reference);
  for (int32_t isa : available_isas()) {
    tbptt_config config = make_config(12, 3, 6, 2, 6);
    config.isa = isa;
    NativeCore core(config);
    problem.load(core);
    tbptt_window window = problem.window();
    const Gradients full = core.gradients(window);
    window.link_keep = 0.6;
    window.seed = 77;
    constexpr int kDraws = 4000;
    std::vector<double> mean(full.w.size()), squares(full.w.size());
    for (int draw = 0; draw < kDraws; ++draw) {
      window.window = static_cast<uint32_t>(draw);
      const Gradients g = core.gradients(window);
      for (size_t i = 0; i < mean.size(); ++i) {
        mean[i] += static_cast<double>(g.w[i]) / kDraws;
        squares[i] += static_cast<double>(g.w[i]) * static_cast<double>(g.w[i]) / kDraws;
      }
    }
    for (size_t i = 0; i < mean.size(); ++i) {  // 5 standard errors: one false alarm in 30,000 runs of this test
      const double error = std::sqrt(std::max(0.0, squares[i] - mean[i] * mean[i]) / kDraws);
      CHECK(std::abs(mean[i] - static_cast<double>(full.w[i])) < 5 * error + 1e-6);
    }
  }
}
