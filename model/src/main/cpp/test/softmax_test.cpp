#include <doctest/doctest.h>

#include <cmath>

#include "problem.h"

TEST_CASE("logits of +-1000 give finite and right losses and gradients") {
  for (int32_t isa : available_isas())
    for (int rising : {0, 1, 2}) {
      const int V = 700, H = 4;
      Problem problem(V, 3, H, 3, 4, 11, 1.0);
      for (int v = 0; v < V; ++v) {
        // Rising in steps beyond the slack of the softmax's reference, falling, or of either sign at random.
        const double spread = rising == 0   ? -1000 + 2000.0 * v / V
                              : rising == 1 ? 1000 - 2000.0 * v / V
                                            : (v * 7919 % 13 < 6 ? -1000 : 1000);
        problem.parameters.bs[static_cast<size_t>(v)] = static_cast<float>(spread);
      }
      tbptt_config config = make_config(V, 3, H, 3, 4);
      config.isa = isa;
      NativeCore core(config);
      Reference reference(V, 3, H, 3, TBPTT_CELL_TANH);
      problem.load(core);
      problem.load(reference);
      const ReferenceResult wanted = reference.gradients(problem.window());
      const Gradients found = core.gradients(problem.window());
      INFO(tbptt_isa_name(isa), " ", rising);
      CHECK(found.stats.loss == doctest::Approx(wanted.loss).epsilon(1e-6));
      CHECK(distance(found, wanted.gradients) < 2e-4);  // a logit of 1000 has 6e-5 of rounding in fp32
      CHECK(core.evaluate(problem.tokens, problem.targets, 4) == doctest::Approx(wanted.loss * 12).epsilon(1e-6));
    }
}
