#include "problem.h"

#include <algorithm>
#include <cmath>

Problem::Problem(int v, int e, int h, int b, int t, unsigned seed, double keep, double padding) : V(v), E(e), H(h), B(b), T(t) {
  std::mt19937 random(seed);
  auto fill = [&](int count, double bound) {
    Doubles values(static_cast<size_t>(count));
    for (double& value : values) value = static_cast<float>(std::uniform_real_distribution<double>(-bound, bound)(random));
    return values;
  };
  parameters = {fill(V * E, 1), fill((E + H) * H, 1.2 / std::sqrt(E + H)), fill(H, 0.1), fill(H * V, 1.5 / std::sqrt(H)), fill(V, 0.3)};
  auto choose = [&](int count) {
    std::vector<int32_t> chosen(static_cast<size_t>(count));
    for (int32_t& token : chosen)
      token =
          std::uniform_real_distribution<double>(0, 1)(random) < padding ? -1 : std::uniform_int_distribution<int32_t>(0, V - 1)(random);
    return chosen;
  };
  tokens = choose(T * B);
  targets = choose(T * B);
  auto mask = [&](int count) {
    std::vector<float> values(static_cast<size_t>(count));
    for (float& value : values) value = std::uniform_real_distribution<double>(0, 1)(random) < keep ? static_cast<float>(1 / keep) : 0.0f;
    return values;
  };
  mask_in = mask(T * B * E);
  mask_out = mask(T * B * H);
}

tbptt_window Problem::window() const {
  tbptt_window window = make_window(T, tokens.data(), targets.data());
  window.input_mask = mask_in.data();
  window.output_mask = mask_out.data();
  return window;
}

void Problem::load(NativeCore& core) const {
  core.write(TBPTT_EMB, to_floats(parameters.emb));
  core.write(TBPTT_W, to_floats(parameters.w));
  core.write(TBPTT_B, to_floats(parameters.b));
  core.write(TBPTT_WS, to_floats(parameters.ws));
  core.write(TBPTT_BS, to_floats(parameters.bs));
}

void Problem::load(Reference& reference) const { reference.parameters = parameters; }

namespace {

template <typename Wanted>
double largest(const Gradients& found, const Wanted& wanted, double floor) {
  return std::max({relative_distance(found.emb, wanted.emb, floor), relative_distance(found.w, wanted.w, floor),
                   relative_distance(found.b, wanted.b, floor), relative_distance(found.ws, wanted.ws, floor),
                   relative_distance(found.bs, wanted.bs, floor)});
}

}  // namespace

double distance(const Gradients& found, const ReferenceParameters& wanted, double floor) { return largest(found, wanted, floor); }
double distance(const Gradients& found, const Gradients& wanted) { return largest(found, wanted, 0); }
