#include "native_core.h"

#include <cmath>
#include <stdexcept>

namespace {

void require(int32_t status, const char* message) {
  if (status != TBPTT_OK) throw std::runtime_error("status " + std::to_string(status) + ": " + message);
}

}  // namespace

std::string& golden_folder() {
  static std::string folder = TBPTT_GOLDEN_DIR;
  return folder;
}

std::string& isa_to_test() {
  static std::string name;
  return name;
}

std::vector<int32_t> available_isas() {
  std::vector<int32_t> isas;
  for (int32_t isa = 1; isa < TBPTT_ISA_COUNT; ++isa)
    if (tbptt_isa_available(isa) && (isa_to_test().empty() || isa_to_test() == tbptt_isa_name(isa))) isas.push_back(isa);
  return isas;
}

tbptt_config make_config(int V, int E, int H, int B, int T, int P) {
  tbptt_config config{};
  config.struct_bytes = sizeof(config);
  config.vocabulary = V;
  config.embedding = E;
  config.hidden = H;
  config.batch = B;
  config.steps_capacity = T;
  config.history_capacity = P;
  config.optimizer = TBPTT_ADAM;
  config.beta1 = 0.9;
  config.beta2 = 0.999;
  config.epsilon = 1e-8;
  return config;
}

tbptt_window make_window(int T, const int32_t* tokens, const int32_t* targets) {
  tbptt_window window{};
  window.tokens = tokens;
  window.targets = targets;
  window.input_keep = window.output_keep = window.link_keep = 1;
  window.recurrent_scale = 1;
  window.steps = window.inject_every = window.reach = T;
  return window;
}

NativeCore::NativeCore(const tbptt_config& config, int misalignment) : config_(config) {
  char message[256];
  uint64_t bytes;
  require(tbptt_required_bytes(&config, &bytes, message, sizeof(message)), message);
  arena_.resize(bytes / sizeof(float) + 1 + static_cast<size_t>(misalignment), NAN);
  require(tbptt_create(&config, arena_.data() + misalignment, bytes, &core_, message, sizeof(message)), message);
}

void NativeCore::write(int tensor, const std::vector<float>& values) {
  char message[256];
  require(tbptt_write(core_, tensor, values.data(), static_cast<int64_t>(values.size()), message, sizeof(message)), message);
}

std::vector<float> NativeCore::read(int tensor) const {
  char message[256];
  int64_t rows, columns;
  require(tbptt_tensor_shape(core_, tensor, &rows, &columns, message, sizeof(message)), message);
  std::vector<float> values(static_cast<size_t>(rows * columns));
  require(tbptt_read(core_, tensor, values.data(), rows * columns, message, sizeof(message)), message);
  return values;
}

tbptt_stats NativeCore::train(const tbptt_window& window, double learning_rate) {
  char message[256];
  tbptt_stats stats;
  require(tbptt_train(core_, &window, learning_rate, &stats, message, sizeof(message)), message);
  return stats;
}

Gradients NativeCore::gradients(const tbptt_window& window, int lags) {
  const size_t V = static_cast<size_t>(config_.vocabulary), E = static_cast<size_t>(config_.embedding),
               H = static_cast<size_t>(config_.hidden);
  Gradients g;
  g.emb.assign(V * E, NAN);
  g.w.assign((E + H) * H, NAN);
  g.b.assign(H, NAN);
  g.ws.assign(H * V, NAN);
  g.bs.assign(V, NAN);
  g.phi.assign(static_cast<size_t>(lags), NAN);
  g.w_l1 = g.w_l2 = g.phi;
  tbptt_gradient_output output{
      {g.emb.data(), g.w.data(), g.b.data(), g.ws.data(), g.bs.data()}, g.phi.data(), g.w_l1.data(), g.w_l2.data(), lags, 0};
  char message[256];
  require(tbptt_gradients(core_, &window, &output, &g.stats, message, sizeof(message)), message);
  return g;
}

CellGradients NativeCore::cell_gradients(const tbptt_window& window, int lags) {
  CellGradients g;
  g.phi.assign(static_cast<size_t>(lags), NAN);
  g.w_l1 = g.w_l2 = g.phi;
  g.gradients.resize(static_cast<size_t>(parameters()));
  tbptt_gradient_output output{{}, g.phi.data(), g.w_l1.data(), g.w_l2.data(), lags, 0};
  char message[256];
  for (int i = 0; i < parameters(); ++i) {
    int64_t rows, columns;
    require(tbptt_tensor_shape(core_, i, &rows, &columns, message, sizeof(message)), message);
    g.gradients[i].assign(static_cast<size_t>(rows * columns), NAN);
    output.gradients[i] = g.gradients[i].data();
  }
  require(tbptt_gradients(core_, &window, &output, &g.stats, message, sizeof(message)), message);
  return g;
}

void NativeCore::advance(const tbptt_window& window) {
  char message[256];
  require(tbptt_advance(core_, &window, message, sizeof(message)), message);
}

double NativeCore::evaluate(const std::vector<int32_t>& tokens, const std::vector<int32_t>& targets, int T) {
  char message[256];
  double sum;
  int64_t counted;
  require(tbptt_evaluate(core_, tokens.data(), targets.data(), T, &sum, &counted, message, sizeof(message)), message);
  return sum;
}

int64_t NativeCore::counter(int which) const {
  char message[256];
  int64_t value;
  require(tbptt_get_counter(core_, which, &value, message, sizeof(message)), message);
  return value;
}

void NativeCore::set_counter(int which, int64_t value) {
  char message[256];
  require(tbptt_set_counter(core_, which, value, message, sizeof(message)), message);
}

void NativeCore::reset() {
  char message[256];
  require(tbptt_reset_state(core_, message, sizeof(message)), message);
}

template <typename A, typename B>
double relative_distance(const std::vector<A>& a, const std::vector<B>& b, double floor) {
  if (a.size() != b.size()) return INFINITY;
  double difference = 0, size = 0;
  for (size_t i = 0; i < a.size(); ++i) {
    const double d = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    difference += d * d;
    size += static_cast<double>(b[i]) * static_cast<double>(b[i]);
  }
  const double scale = std::sqrt(size) + floor;
  const double distance = scale == 0 ? std::sqrt(difference) : std::sqrt(difference) / scale;
  return std::isnan(distance) ? INFINITY : distance;  // std::max would pass over NaN
}

template double relative_distance(const std::vector<float>&, const std::vector<double>&, double);
template double relative_distance(const std::vector<float>&, const std::vector<float>&, double);
template double relative_distance(const std::vector<double>&, const std::vector<double>&, double);
