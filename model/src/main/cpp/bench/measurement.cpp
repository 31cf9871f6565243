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
  uint64_t bytes = 0;
  require(tbptt_required_bytes(&config, &bytes, message, sizeof(message)), message);
  arena_floats_ = bytes / 4 + 1;
  arena_.reset(new float[arena_floats_]);
  require(tbptt_create(&config, arena_.get(), bytes, &core_, message, sizeof(message)), message);
  std::mt19937 random(1);
  const int rows[5] = {workload.V, workload.E + workload.H, 1, workload.H, 1};
  for (int tensor = 0; tensor < 5; ++tensor) {
    int64_t r = 0, c = 0;
    require(tbptt_tensor_shape(core_, tensor, &r, &c, message, sizeof(message)), message);
    std::vector<float> values(static_cast<size_t>(r * c), 0.0f);
    const float bound = std::sqrt(3.0f / static_cast<float>(rows[tensor]));
    if (r > 1)
      for (float& value : values) value = std::uniform_real_distribution<float>(-bound, bound)(random);
    require(tbptt_write(core_, tensor, values.data(), r * c, message, sizeof(message)), message);
  }
  // Zipf-like tokens, as words are.
  for (int i = 0; i < 2 * workload.T * workload.B; ++i) {
    const double u = std::uniform_real_distribution<double>(0, 1)(random);
    const int token = std::min(workload.V - 1, static_cast<int>(std::pow(workload.V + 1.0, u)) - 1);
    (i < workload.T * workload.B ? tokens_ : targets_).push_back(std::max(0, token));
  }
  emb_.resize(static_cast<size_t>(workload.V * workload.E));
  w_.resize(static_cast<size_t>((workload.E + workload.H) * workload.H));
  b_.resize(static_cast<size_t>(workload.H));
  ws_.resize(static_cast<size_t>(workload.H) * static_cast<size_t>(workload.V));
  bs_.resize(static_cast<size_t>(workload.V));
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
  window.carry = TBPTT_CARRY_POST_DROPOUT;
  window.window = static_cast<uint32_t>(++runs_);
  tbptt_stats stats;
  const double from = now();
  if (workload_.gradients_only) {
    const tbptt_gradient_output output{{emb_.data(), w_.data(), b_.data(), ws_.data(), bs_.data()}, nullptr, nullptr, nullptr, 0, 0};
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
  const double V = workload_.V, E = workload_.E, H = workload_.H, N = static_cast<double>(workload_.T) * workload_.B;
  const double passes = static_cast<double>(workload_.T) / workload_.inject_every;
  double products = 0;  // (pass, move) pairs after the first move that stay in the window
  for (int pass = 0; pass < passes; ++pass) products += std::min(workload_.reach, (pass + 1) * workload_.inject_every) - 1;
  return 2 * (3 * N * H * V + 2 * N * (E + H) * H + N * E * H + products * workload_.B * H * H);
}
