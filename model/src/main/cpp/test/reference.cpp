#include "reference.h"

#include <algorithm>
#include <cmath>

namespace {

size_t at(int row, int columns, int column) {
  return static_cast<size_t>(row) * static_cast<size_t>(columns) + static_cast<size_t>(column);
}

Doubles zeros(int count) { return Doubles(static_cast<size_t>(count), 0.0); }

}  // namespace

ReferenceParameters zeros_like(const ReferenceParameters& p) {
  return {Doubles(p.emb.size()), Doubles(p.w.size()), Doubles(p.b.size()), Doubles(p.ws.size()), Doubles(p.bs.size())};
}

std::vector<float> to_floats(const Doubles& values) { return {values.begin(), values.end()}; }

Reference::Reference(int v, int e, int h, int b, int c)
    : V(v),
      E(e),
      H(h),
      B(b),
      cell(c),
      state(static_cast<size_t>(b), zeros(h)),
      history(static_cast<size_t>(b)),
      evaluation_state_(static_cast<size_t>(b), zeros(h)) {
  parameters = {zeros(V * E), zeros((E + H) * H), zeros(H), zeros(H * V), zeros(V)};
  first_ = second_ = zeros_like(parameters);
}

Doubles Reference::cell_of(const ReferenceStep& step) const {
  Doubles h = parameters.b;
  for (int j = 0; j < H; ++j) {
    for (int i = 0; i < E; ++i) h[j] += step.x[i] * parameters.w[at(i, H, j)];
    for (int i = 0; i < H; ++i) h[j] += step.r[i] * parameters.w[at(E + i, H, j)];
    if (cell == TBPTT_CELL_TANH) h[j] = std::tanh(h[j]);
    if (cell == TBPTT_CELL_RELU) h[j] = std::max(0.0, h[j]);
  }
  return h;
}

double Reference::loss_of(const Doubles& y, int target, Doubles* dy, ReferenceParameters* g, double share) const {
  Doubles logits = parameters.bs;
  for (int v = 0; v < V; ++v)
    for (int j = 0; j < H; ++j) logits[v] += y[j] * parameters.ws[at(j, V, v)];
  const double top = *std::max_element(logits.begin(), logits.end());
  double z = 0;
  for (double logit : logits) z += std::exp(logit - top);
  for (int v = 0; g && v < V; ++v) {
    const double d = (std::exp(logits[v] - top) / z - (v == target ? 1 : 0)) * share;
    g->bs[v] += d;
    for (int j = 0; j < H; ++j) {
      g->ws[at(j, V, v)] += d * y[j];
      (*dy)[j] += d * parameters.ws[at(j, V, v)];
    }
  }
  return std::log(z) + top - logits[target];
}

ReferenceResult Reference::gradients(const tbptt_window& window, int lags) {
  const int T = window.steps;
  ReferenceResult result;
  result.gradients = zeros_like(parameters);
  result.phi.assign(static_cast<size_t>(lags), 0.0);
  result.w_l1 = result.phi;
  for (int i = 0; i < T * B; ++i) result.counted += window.targets[i] >= 0;
  std::vector<Doubles> lag_w(static_cast<size_t>(lags), zeros((E + H) * H));
  std::vector<int> reached(static_cast<size_t>(lags), 0);
  timeline_ = history;
  for (int b = 0; b < B; ++b) {
    std::vector<ReferenceStep>& line = timeline_[b];
    const int before = static_cast<int>(line.size());
    Doubles r = state[b];
    for (int t = 0; t < T; ++t) {
      const int n = t * B + b;
      ReferenceStep step{window.tokens[n], zeros(E), Doubles(E, 1.0), r, {}, Doubles(H, 1.0)};
      for (int i = 0; i < E; ++i) {
        if (window.input_mask) step.mask_in[i] = window.input_mask[at(n, E, i)];
        if (step.token >= 0) step.x[i] = parameters.emb[at(step.token, E, i)] * step.mask_in[i];
      }
      step.h = cell_of(step);
      if (t == T - 1 && window.carry == TBPTT_CARRY_POST_DROPOUT && window.output_mask)
        for (int j = 0; j < H; ++j) step.link[j] = window.output_mask[at(n, H, j)];
      line.push_back(step);
      r = step.h;
    }
    const int reachable = std::min(before, window.history_steps);
    for (int t = 0; t < T; ++t) {
      const int n = t * B + b, target = window.targets[n];
      if (target < 0) continue;
      Doubles y = line[before + t].h, error = zeros(H), mask(H, 1.0);
      for (int j = 0; window.output_mask && j < H; ++j) mask[j] = window.output_mask[at(n, H, j)];
      for (int j = 0; j < H; ++j) y[j] *= mask[j];
      result.loss += loss_of(y, target, &error, &result.gradients, 1.0 / result.counted);
      for (int j = 0; j < H; ++j) error[j] *= mask[j] * window.recurrent_scale;
      const int end = t / window.inject_every * window.inject_every + window.inject_every - 1;
      const int last = std::max(-reachable, end - window.reach + 1);
      for (int s = t; s >= last; --s) {
        const ReferenceStep& step = line[before + s];
        const int lag = t - s;
        if (lag < lags) {
          double norm = 0;
          for (double e : error) norm += e * e;
          result.phi[lag] += std::sqrt(norm) * result.counted / window.recurrent_scale;
          ++reached[lag];
        }
        Doubles d = error;
        for (int j = 0; j < H; ++j) {
          if (cell == TBPTT_CELL_TANH) d[j] *= 1 - step.h[j] * step.h[j];
          if (cell == TBPTT_CELL_RELU) d[j] *= step.h[j] > 0 ? 1 : 0;
          result.gradients.b[j] += d[j];
          for (int i = 0; i < E + H; ++i) {
            const double part = (i < E ? step.x[i] : step.r[i - E]) * d[j];
            result.gradients.w[at(i, H, j)] += part;
            if (lag < lags) lag_w[lag][at(i, H, j)] += part;
          }
          for (int i = 0; step.token >= 0 && i < E; ++i)
            result.gradients.emb[at(step.token, E, i)] += parameters.w[at(i, H, j)] * d[j] * step.mask_in[i];
        }
        if (s == last) break;
        const double xi = window.link_mask && s >= 0 ? window.link_mask[s * B + b] : 1.0;
        for (int i = 0; i < H; ++i) {
          error[i] = 0;
          for (int j = 0; j < H; ++j) error[i] += parameters.w[at(E + i, H, j)] * d[j];
          error[i] *= xi * line[before + s - 1].link[i];
        }
      }
    }
  }
  for (int lag = 0; lag < lags; ++lag) {
    for (double part : lag_w[lag]) result.w_l1[lag] += std::abs(part);
    if (reached[lag] > 0) result.phi[lag] /= reached[lag];
  }
  if (result.counted > 0) result.loss /= result.counted;
  return result;
}

void Reference::commit(const tbptt_window&) {
  history = timeline_;
  for (int b = 0; b < B; ++b)
    for (int j = 0; j < H; ++j) state[b][j] = history[b].back().h[j] * history[b].back().link[j];
}

double Reference::update(const tbptt_config& config, const ReferenceParameters& g, double learning_rate, int step) {
  Doubles* const values[5] = {&parameters.emb, &parameters.w, &parameters.b, &parameters.ws, &parameters.bs};
  Doubles* const first[5] = {&first_.emb, &first_.w, &first_.b, &first_.ws, &first_.bs};
  Doubles* const second[5] = {&second_.emb, &second_.w, &second_.b, &second_.ws, &second_.bs};
  const Doubles* const gradients[5] = {&g.emb, &g.w, &g.b, &g.ws, &g.bs};
  double squares = 0;
  for (const Doubles* gradient : gradients)
    for (double x : *gradient) squares += x * x;
  const double norm = std::sqrt(squares), factor = config.clip_norm > 0 && norm > config.clip_norm ? config.clip_norm / norm : 1;
  const double corrected = learning_rate * std::sqrt(1 - std::pow(config.beta2, step)) / (1 - std::pow(config.beta1, step));
  for (int k = 0; k < 5; ++k)
    for (size_t i = 0; i < values[k]->size(); ++i) {
      double &p = (*values[k])[i], &m = (*first[k])[i], &v = (*second[k])[i];
      const double x = (*gradients[k])[i] * factor;
      switch (config.optimizer) {
        case TBPTT_SGD:
          p -= learning_rate * x;
          break;
        case TBPTT_MOMENTUM:
          m = config.momentum * m + x;
          p -= learning_rate * m;
          break;
        case TBPTT_ADAM:
          m = config.beta1 * m + (1 - config.beta1) * x;
          v = config.beta2 * v + (1 - config.beta2) * x * x;
          p -= corrected * m / (std::sqrt(v) + config.epsilon);
          break;
        default:
          v = config.decay * v + (1 - config.decay) * x * x;
          p -= learning_rate * x / (std::sqrt(v) + config.epsilon);
      }
    }
  return norm;
}

double Reference::evaluate(const int32_t* tokens, const int32_t* targets, int T) {
  double sum = 0;
  for (int b = 0; b < B; ++b)
    for (int t = 0; t < T; ++t) {
      const int n = t * B + b;
      ReferenceStep step{tokens[n], zeros(E), {}, evaluation_state_[b], {}, {}};
      for (int i = 0; step.token >= 0 && i < E; ++i) step.x[i] = parameters.emb[at(step.token, E, i)];
      evaluation_state_[b] = cell_of(step);
      if (targets[n] >= 0) sum += loss_of(evaluation_state_[b], targets[n], nullptr, nullptr, 0);
    }
  return sum;
}
