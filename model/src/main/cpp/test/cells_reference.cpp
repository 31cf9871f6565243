#include "cells_reference.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

Doubles zeros(int count) { return Doubles(static_cast<size_t>(count), 0.0); }

// x, or the bf16 number next to it, of two the even one.
double rounded_if(bool rounds, double x) {
  if (!rounds) return x;
  const float single = static_cast<float>(x);
  uint32_t bits;
  std::memcpy(&bits, &single, sizeof(bits));
  bits = (bits + 0x7FFFu + (bits >> 16 & 1u)) & 0xFFFF0000u;
  float nearest;
  std::memcpy(&nearest, &bits, sizeof(nearest));
  return nearest;
}

void add(const Doubles& from, Doubles& to) {
  for (size_t i = 0; i < from.size(); ++i) to[i] += from[i];
}

int gates_of(int cell) { return cell == TBPTT_CELL_LSTM ? 4 : cell == TBPTT_CELL_GRU ? 3 : 1; }

}  // namespace

CellsReference::CellsReference(int v, int e, int h, int b, int c, int layers)
    : V(v), E(e), H(h), B(b), cell(c), L(layers), history_(static_cast<size_t>(b)) {
  for (const auto& [rows, columns] : shapes()) parameters.push_back(zeros(rows * columns));
  state.assign(static_cast<size_t>(L * (cell == TBPTT_CELL_LSTM ? 2 : 1)), zeros(B * H));
}

std::vector<std::pair<int, int>> CellsReference::shapes() const {
  const int gates = gates_of(cell);
  std::vector<std::pair<int, int>> all = {{V, E}};
  for (int layer = 0; layer < L; ++layer) {
    all.push_back({width(layer) + H, gates * H});
    all.push_back({1, (cell == TBPTT_CELL_GRU ? 4 : gates) * H});
  }
  all.push_back({H, V});
  all.push_back({1, V});
  return all;
}

void CellsReference::run(LayerStep& step, int layer) const {
  const Doubles &w = parameters[1 + 2 * layer], &b = parameters[2 + 2 * layer];
  const int in = width(layer), gates = gates_of(cell);
  Doubles from_input = zeros(gates * H), from_state = zeros(gates * H);
  for (int k = 0; k < gates * H; ++k) {
    from_input[k] = b[k];
    for (int i = 0; i < in; ++i) from_input[k] += rounded_if(bf16, step.u[i]) * rounded_if(bf16, w[i * gates * H + k]);
    for (int i = 0; i < H; ++i) from_state[k] += rounded_if(bf16, step.h_before[i]) * rounded_if(bf16, w[(in + i) * gates * H + k]);
  }
  for (Doubles& kept : step.kept) kept = zeros(H);
  step.h = step.c = zeros(H);
  for (int j = 0; j < H; ++j) {
    auto a = [&](int gate) { return from_input[gate * H + j] + from_state[gate * H + j]; };
    if (cell == TBPTT_CELL_LSTM) {
      for (int gate = 0; gate < 4; ++gate) step.kept[gate][j] = gate == 2 ? std::tanh(a(gate)) : logistic(a(gate));
      step.c[j] = step.kept[1][j] * step.c_before[j] + step.kept[0][j] * step.kept[2][j];
      step.h[j] = step.kept[3][j] * std::tanh(step.c[j]);
    } else if (cell == TBPTT_CELL_GRU) {
      const double r = logistic(a(0)), z = logistic(a(1)), q = from_state[2 * H + j] + b[3 * H + j];
      const double n = std::tanh(from_input[2 * H + j] + r * q);
      step.kept[0][j] = r, step.kept[1][j] = z, step.kept[2][j] = n, step.kept[3][j] = q;
      step.h[j] = (1 - z) * n + z * step.h_before[j];
    } else {
      step.h[j] = cell == TBPTT_CELL_TANH ? std::tanh(a(0)) : cell == TBPTT_CELL_RELU ? std::max(0.0, a(0)) : a(0);
    }
  }
}

CellsReference::Errors CellsReference::back(const LayerStep& step, const Doubles& dh, const Doubles& dc, Doubles& dh_before,
                                            Doubles& dc_before) const {
  Doubles to_input = zeros(gates_of(cell) * H);
  dh_before = dc_before = zeros(H);
  for (int j = 0; j < H; ++j) {
    if (cell == TBPTT_CELL_LSTM) {
      const double i = step.kept[0][j], f = step.kept[1][j], g = step.kept[2][j], o = step.kept[3][j], t = std::tanh(step.c[j]);
      const double d = dc[j] + dh[j] * o * (1 - t * t);
      to_input[j] = d * g * i * (1 - i);
      to_input[H + j] = d * step.c_before[j] * f * (1 - f);
      to_input[2 * H + j] = d * i * (1 - g * g);
      to_input[3 * H + j] = dh[j] * t * o * (1 - o);
      dc_before[j] = d * f;
    } else if (cell == TBPTT_CELL_GRU) {
      const double r = step.kept[0][j], z = step.kept[1][j], n = step.kept[2][j], q = step.kept[3][j];
      const double d = dh[j] * (1 - z) * (1 - n * n);
      to_input[j] = d * q * r * (1 - r);
      to_input[H + j] = dh[j] * (step.h_before[j] - n) * z * (1 - z);
      to_input[2 * H + j] = d;
      dh_before[j] = dh[j] * z;
    } else {
      const double h = step.h[j];
      to_input[j] = dh[j] * (cell == TBPTT_CELL_TANH ? 1 - h * h : cell == TBPTT_CELL_RELU ? h > 0 : 1);
    }
  }
  Errors errors{to_input, to_input};
  for (int j = 0; cell == TBPTT_CELL_GRU && j < H; ++j) errors.state[2 * H + j] *= step.kept[0][j];
  return errors;
}

void CellsReference::send_back(const Errors& errors, int layer, bool rounded, Doubles& du, Doubles& dh_before) const {
  const Doubles& w = parameters[1 + 2 * layer];
  const int in = width(layer), columns = gates_of(cell) * H;
  du = zeros(in);
  for (int i = 0; i < in + H; ++i)
    for (int k = 0; k < columns; ++k)
      (i < in ? du[i] : dh_before[i - in]) +=
          rounded_if(rounded, w[i * columns + k]) * rounded_if(rounded, (i < in ? errors.input : errors.state)[k]);
}

void CellsReference::add_weight_gradient(const LayerStep& step, int layer, const Errors& errors, bool rounded, Doubles& dw) const {
  const int in = width(layer), columns = gates_of(cell) * H;
  for (int i = 0; i < in + H; ++i)
    for (int k = 0; k < columns; ++k)
      dw[i * columns + k] +=
          rounded_if(rounded, i < in ? step.u[i] : step.h_before[i - in]) * rounded_if(rounded, (i < in ? errors.input : errors.state)[k]);
}

CellsReference::Line CellsReference::start(int b) const {
  Line line;
  const int per_layer = cell == TBPTT_CELL_LSTM ? 2 : 1;
  for (int layer = 0; layer < L; ++layer) {
    auto row = [&](const Doubles& rows) { return Doubles(rows.begin() + b * H, rows.begin() + (b + 1) * H); };
    line.h.push_back(row(state[layer * per_layer]));
    line.c.push_back(per_layer == 2 ? row(state[layer * per_layer + 1]) : zeros(H));
  }
  return line;
}

CellsReference::Step CellsReference::forward(Line& line, int32_t token, const std::vector<const float*>& masks) const {
  Step step{token, {}};
  Doubles u = zeros(E);
  for (int i = 0; token >= 0 && i < E; ++i) u[i] = parameters[0][token * E + i];
  for (int layer = 0; layer < L; ++layer) {
    LayerStep of;
    of.mask = Doubles(static_cast<size_t>(width(layer)), 1.0);
    for (int i = 0; i < width(layer); ++i) {
      if (masks[layer]) of.mask[i] = masks[layer][i];
      u[i] *= of.mask[i];
    }
    of.u = u;
    of.h_before = line.h[layer];
    of.c_before = line.c[layer];
    run(of, layer);
    u = line.h[layer] = of.h;
    line.c[layer] = of.c;
    step.layers.push_back(of);
  }
  return step;
}

CellsResult CellsReference::gradients(const tbptt_window& window, int lags) {
  const int T = window.steps, ws = 1 + 2 * L, bs = ws + 1;
  const bool rounded = bf16 && lags == 0;
  CellsResult result;
  for (const Doubles& values : parameters) result.gradients.push_back(Doubles(values.size()));
  result.phi.assign(static_cast<size_t>(lags), 0.0);
  result.w_l1 = result.phi;
  std::vector<std::vector<Doubles>> lag_w(static_cast<size_t>(lags));
  for (auto& parts : lag_w)
    for (int layer = 0; layer < L; ++layer) parts.push_back(Doubles(parameters[1 + 2 * layer].size()));
  Doubles reached = result.phi;
  for (int i = 0; i < T * B; ++i) result.counted += window.targets[i] >= 0;
  lines_.clear();
  for (int b = 0; b < B; ++b) {
    Line line = start(b);
    line.steps = history_[b];
    const int before = static_cast<int>(line.steps.size()), reachable = std::min(before, window.history_steps);
    std::vector<Doubles> injected;
    for (int t = 0; t < T; ++t) {
      const int n = t * B + b;
      std::vector<const float*> masks = {window.input_mask ? window.input_mask + n * E : nullptr};
      for (int layer = 0; layer < L; ++layer) masks.push_back(window.output_mask ? window.output_mask + (layer * T * B + n) * H : nullptr);
      line.steps.push_back(forward(line, window.tokens[n], masks));
      injected.push_back(zeros(H));
      if (window.targets[n] < 0) continue;
      Doubles y = line.h[L - 1], logits = parameters[bs];
      for (int j = 0; j < H; ++j) y[j] *= masks[L] ? static_cast<double>(masks[L][j]) : 1.0;
      for (int v = 0; v < V; ++v)
        for (int j = 0; j < H; ++j) logits[v] += rounded_if(bf16, y[j]) * rounded_if(bf16, parameters[ws][j * V + v]);
      const double top = *std::max_element(logits.begin(), logits.end());
      double z = 0;
      for (double logit : logits) z += std::exp(logit - top);
      result.loss += (std::log(z) + top - logits[window.targets[n]]) / result.counted;
      for (int v = 0; v < V; ++v) {
        const double e = rounded_if(bf16, std::exp(logits[v] - top)), target = v == window.targets[n] ? 1 : 0;
        result.gradients[bs][v] += e * rounded_if(bf16, 1 / (z * result.counted)) - target / result.counted;
        for (int j = 0; j < H; ++j) {
          const double weight = parameters[ws][j * V + v];
          result.gradients[ws][j * V + v] += e * rounded_if(bf16, y[j] / (z * result.counted)) - target * y[j] / result.counted;
          injected[t][j] += (e / z * rounded_if(bf16, weight) - target * weight) / result.counted * window.recurrent_scale;
        }
      }
      for (int j = 0; masks[L] && j < H; ++j) injected[t][j] *= masks[L][j];
    }
    const int columns = gates_of(cell) * H;
    std::vector<std::vector<Errors>> totals(line.steps.size(), std::vector<Errors>(L, {zeros(columns), zeros(columns)}));
    for (int end = window.inject_every - 1; end < T; end += window.inject_every) {
      std::vector<Doubles> dh(static_cast<size_t>(L), zeros(H)), dc = dh;
      for (int s = end; s >= std::max(-reachable, end - window.reach + 1); --s) {
        const Step& step = line.steps[before + s];
        const int lag = end - s;
        const double xi = window.link_mask && s + 1 >= 0 && s < end ? window.link_mask[(s + 1) * B + b] : 1.0;
        Doubles from_above = s > end - window.inject_every ? injected[s] : zeros(H);
        double squares = 0;
        for (int layer = 0; layer < L; ++layer)
          for (int j = 0; j < H; ++j) {
            dh[layer][j] *= xi;
            dc[layer][j] *= xi;
            squares += dh[layer][j] * dh[layer][j] + dc[layer][j] * dc[layer][j];
          }
        if (lag == 0)
          for (double error : from_above) squares += error * error;
        if (lag < lags && window.targets[end * B + b] >= 0) {
          result.phi[lag] += std::sqrt(squares) * result.counted / window.recurrent_scale;
          ++reached[lag];
        }
        for (int layer = L - 1; layer >= 0; --layer) {
          const LayerStep& of = step.layers[layer];
          for (int j = 0; j < H; ++j) from_above[j] += dh[layer][j];
          Doubles du, dh_before, dc_before;
          const Errors errors = back(of, from_above, dc[layer], dh_before, dc_before);
          send_back(errors, layer, rounded, du, dh_before);
          if (lag < lags) add_weight_gradient(of, layer, errors, false, lag_w[lag][layer]);
          add(errors.input, totals[before + s][layer].input);
          add(errors.state, totals[before + s][layer].state);
          for (int i = 0; i < width(layer); ++i) du[i] *= of.mask[i];
          from_above = du;
          dh[layer] = dh_before;
          dc[layer] = dc_before;
        }
      }
    }
    for (size_t s = 0; s < totals.size(); ++s) {
      const Step& step = line.steps[s];
      for (int layer = 0; layer < L; ++layer) {
        const Errors& total = totals[s][layer];
        Doubles& db = result.gradients[2 + 2 * layer];
        add_weight_gradient(step.layers[layer], layer, total, rounded, result.gradients[1 + 2 * layer]);
        for (int k = 0; k < columns; ++k) db[k] += total.input[k];
        for (int j = 0; cell == TBPTT_CELL_GRU && j < H; ++j) db[3 * H + j] += total.state[2 * H + j];
      }
      Doubles du, unused = zeros(H);
      send_back(totals[s][0], 0, rounded, du, unused);
      for (int i = 0; step.token >= 0 && i < E; ++i) result.gradients[0][step.token * E + i] += du[i] * step.layers[0].mask[i];
    }
    lines_.push_back(line);
  }
  for (int lag = 0; lag < lags; ++lag) {
    if (reached[lag] > 0) result.phi[lag] /= reached[lag];
    for (const Doubles& part : lag_w[lag])
      for (double value : part) result.w_l1[lag] += std::abs(value);
  }
  return result;
}

void CellsReference::commit() {
  const int per_layer = cell == TBPTT_CELL_LSTM ? 2 : 1;
  for (int b = 0; b < B; ++b) {
    history_[b] = lines_[b].steps;
    for (int layer = 0; layer < L; ++layer) {
      std::copy(lines_[b].h[layer].begin(), lines_[b].h[layer].end(), state[layer * per_layer].begin() + b * H);
      if (per_layer == 2) std::copy(lines_[b].c[layer].begin(), lines_[b].c[layer].end(), state[layer * per_layer + 1].begin() + b * H);
    }
  }
}

double CellsReference::evaluate(const int32_t* tokens, const int32_t* targets, int T) {
  const tbptt_window window = [&] {
    tbptt_window all{};
    all.tokens = tokens;
    all.targets = targets;
    all.steps = all.inject_every = all.reach = T;
    return all;
  }();
  const CellsResult result = gradients(window);
  commit();
  return result.loss * result.counted;
}
