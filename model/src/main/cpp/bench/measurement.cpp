#include "measurement.h"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>

namespace {

void require(int32_t status, const char* message) {
  if (status == TBPTT_OK) return;
  std::fprintf(stderr, "%s\n", message);
  std::exit(1);
}

}  // namespace

double now() { return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count(); }

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values[values.size() / 2];
}

Runner::Runner(const Workload& workload, int isa, bool timings, int threads) : workload_(workload) {
  char message[256];
  tbptt_config config{};
  config.struct_bytes = sizeof(config);
  config.vocabulary = workload.V;
  config.embedding = workload.E;
  config.hidden = workload.H;
  config.batch = workload.B;
  config.steps_capacity = workload.T;
  config.precision = workload.precision;
  config.optimizer = TBPTT_ADAM;
  config.beta1 = 0.9;
  config.beta2 = 0.999;
  config.epsilon = 1e-8;
  config.isa = isa;
  config.timings = timings;
  config.threads = threads;
  config.cell = workload.cell;
  config.layers = workload.layers;
  uint64_t bytes = 0;
  require(tbptt_required_bytes(&config, &bytes, message, sizeof(message)), message);
  arena_floats_ = bytes / 4 + 1;
  arena_.reset(new float[arena_floats_]);
  require(tbptt_create(&config, arena_.get(), bytes, &core_, message, sizeof(message)), message);
  std::mt19937 random(1);
  for (int tensor = 0; tensor < 2 * workload.layers + 3; ++tensor) {
    int64_t r = 0, c = 0;
    require(tbptt_tensor_shape(core_, tensor, &r, &c, message, sizeof(message)), message);
    std::vector<float> values(static_cast<size_t>(r * c), 0.0f);
    const float bound = std::sqrt(3.0f / static_cast<float>(r));
    if (r > 1)
      for (float& value : values) value = std::uniform_real_distribution<float>(-bound, bound)(random);
    if (workload.gradients_only) gradients_.push_back(values);
    require(tbptt_write(core_, tensor, values.data(), r * c, message, sizeof(message)), message);
  }
  // Zipf-like tokens, as words are.
  for (int i = 0; i < 2 * workload.T * workload.B; ++i) {
    const double u = std::uniform_real_distribution<double>(0, 1)(random);
    const int token = std::min(workload.V - 1, static_cast<int>(std::pow(workload.V + 1.0, u)) - 1);
    (i < workload.T * workload.B ? tokens_ : targets_).push_back(std::max(0, token));
  }
}

double Runner::once() {
  char message[256];
  tbptt_window window{};
  window.tokens = tokens_.data();
  window.targets = targets_.data();
  window.input_keep = window.output_keep = workload_.keep;
  window.link_keep = 1;
  window.recurrent_scale = 1;
  window.steps = workload_.T;
  window.inject_every = workload_.inject_every;
  window.reach = workload_.reach;
  const bool gated = workload_.cell == TBPTT_CELL_LSTM || workload_.cell == TBPTT_CELL_GRU;
  window.carry = gated || workload_.layers > 1 ? TBPTT_CARRY_SOUND : TBPTT_CARRY_POST_DROPOUT;
  window.window = static_cast<uint32_t>(++runs_);
  tbptt_stats stats;
  const double from = now();
  if (workload_.gradients_only) {
    tbptt_gradient_output output{};
    for (size_t i = 0; i < gradients_.size(); ++i) output.gradients[i] = gradients_[i].data();
    require(tbptt_gradients(core_, &window, &output, &stats, message, sizeof(message)), message);
  } else {
    require(tbptt_train(core_, &window, 0.001, &stats, message, sizeof(message)), message);
  }
  const double seconds = now() - from;
  if (seconds < fastest_) {
    fastest_ = seconds;
    for (int phase = 0; phase < TBPTT_PHASE_COUNT; ++phase) phases_[phase] = stats.phase_seconds[phase];
  }
  return seconds;
}

double Runner::operations() const {
  const double gates = workload_.cell == TBPTT_CELL_LSTM ? 4 : workload_.cell == TBPTT_CELL_GRU ? 3 : 1;
  const double V = workload_.V, E = workload_.E, H = workload_.H, N = static_cast<double>(workload_.T) * workload_.B;
  const double passes = static_cast<double>(workload_.T) / workload_.inject_every;
  double products = 0;  // (pass, move) pairs after the first move that stay in the window
  for (int pass = 0; pass < passes; ++pass) products += std::min(workload_.reach, (pass + 1) * workload_.inject_every) - 1;
  // Errors of one pass go to the layer below once for each token, those of many in each of their moves.
  const double downward = passes == 1 ? N : (products + passes) * workload_.B;
  double sum = 3 * N * H * V;
  for (int layer = 0; layer < workload_.layers; ++layer) {
    const double in = layer == 0 ? E : H;
    sum += gates * H * (2 * N * (in + H) + (layer == 0 ? N : downward) * in + products * workload_.B * H);
  }
  return 2 * sum;
}
