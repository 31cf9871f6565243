// One window, from tokens to the update: the pipeline that the rest of this directory serves.
#pragma once

#include "optimizer.h"
#include "products_bf16.h"
#include "backward.h"

namespace {

struct Prepared {
  ptrdiff_t N;
  int history;  // steps of history that this window's errors may reach
  bool linked;
};

template <bool kTraining>
inline Outcome softmax_forward(Core& core, const int32_t* targets, ptrdiff_t N, Phases& phases) {
  if (core.config.precision == TBPTT_FP32) return softmax_forward<kTraining, Fp32Products>(core, targets, N, phases);
  if (core.config.precision == TBPTT_BF16) return softmax_forward<kTraining, Bf16Products<1>>(core, targets, N, phases);
  return softmax_forward<kTraining, Bf16Products<3>>(core, targets, N, phases);
}

// gradient (H, 32) and bias (32) of one panel of Ws and bs.
inline void gradient_of_panel(Core& core, const Worker& worker, int panel, ptrdiff_t N, int64_t counted, float* gradient, float* bias) {
  for (int i = 0; i < kPanel; ++i) bias[i] = 0;
  if (core.config.precision == TBPTT_FP32)
    gradient_of_exponentials(core, worker, panel, N, gradient, bias);
  else if (core.config.precision == TBPTT_BF16)
    Bf16Products<1>(core, worker, N).gradient(panel, gradient, bias);
  else
    Bf16Products<3>(core, worker, N).gradient(panel, gradient, bias);
  subtract_targets(core, worker, panel, counted, gradient, bias);
}

inline void begin_gradient(Core& core, ptrdiff_t N) {
  if (core.config.precision == TBPTT_FP32) group_output_columns(core, N);
  if (core.config.precision == TBPTT_BF16) Bf16Products<1>(core, core.workers[0], N).begin_gradient();
  if (core.config.precision == TBPTT_BF16X3) Bf16Products<3>(core, core.workers[0], N).begin_gradient();
}

inline Prepared prepare(Core& core, const tbptt_window& window) {
  Prepared prepared;
  prepared.N = static_cast<ptrdiff_t>(window.steps) * core.B;
  const int held = static_cast<int>(core.history_steps);
  prepared.history = window.history_steps < held ? window.history_steps : held;
  prepared.linked = window.link_mask || window.link_keep < 1;
  fill_mask(core, window, window.input_mask, window.input_keep, tbptt::kInputMask, core.E,
            core.input_mask + timeline_row(core, 0) * core.input_row, core.input_row);
  fill_mask(core, window, window.output_mask, window.output_keep, tbptt::kOutputMask, core.H, core.output_mask, core.hidden_row);
  if (prepared.linked) fill_mask(core, window, window.link_mask, window.link_keep, tbptt::kLinkMask, 1, core.link_mask, 1);
  return prepared;
}

// The last steps of history and window become the history of the next window; next_state becomes the state.
inline void commit_state(Core& core, const tbptt_window& window) {
  const size_t row = sizeof(float);
  memcpy(core.state, core.next_state, static_cast<size_t>(core.B) * static_cast<size_t>(core.hidden_row) * row);
  if (core.history_capacity == 0) return;
  const ptrdiff_t P = core.history_capacity, B = core.B, T = window.steps;
  const ptrdiff_t held = core.history_steps + T < P ? core.history_steps + T : P;
  const ptrdiff_t to = (P - held) * B, from = to + T * B, rows = held * B;
  auto shift = [&](auto* section, ptrdiff_t size) {
    memmove(section + to * size, section + from * size, static_cast<size_t>(rows * size) * sizeof(*section));
  };
  shift(core.tokens, 1);
  shift(core.cell_input, core.cell_row);
  shift(core.input_mask, core.input_row);
  shift(core.hidden, core.hidden_row);
  // link and edge exist for history only: move what stays, then mark the window's steps.
  const ptrdiff_t stays = held - T > 0 ? held - T : 0, begin = P - held;
  if (stays > 0) {
    memmove(core.edge + begin, core.edge + begin + T, static_cast<size_t>(stays) * sizeof(int32_t));
    memmove(core.link + begin * B * core.hidden_row, core.link + (begin + T) * B * core.hidden_row,
            static_cast<size_t>(stays * B * core.hidden_row) * row);
  }
  for (ptrdiff_t step = begin + stays; step < P; ++step) core.edge[step] = 0;
  if (window.carry == TBPTT_CARRY_POST_DROPOUT) {
    core.edge[P - 1] = 1;
    memcpy(core.link + (P - 1) * B * core.hidden_row, core.output_mask + (T - 1) * B * core.hidden_row,
           static_cast<size_t>(B * core.hidden_row) * row);
  }
  core.history_steps = held;
}

inline Outcome advance(Core& core, const tbptt_window& window) {
  prepare(core, window);
  look_up(core, window.tokens, window.steps, true);
  if (recur(core, core.state, window.steps) == Outcome::kCancelled) return Outcome::kCancelled;
  carry(core, window.steps, window.carry == TBPTT_CARRY_POST_DROPOUT);
  commit_state(core, window);
  return Outcome::kDone;
}

// Everything up to the gradients of the recurrence; those of the softmax follow panel by panel.
inline Outcome backward(Core& core, const tbptt_window& window, const Prepared& prepared, const tbptt_gradient_output* lags,
                        tbptt_stats& stats, Phases& phases) {
  look_up(core, window.tokens, window.steps, true);
  if (recur(core, core.state, window.steps) == Outcome::kCancelled) return Outcome::kCancelled;
  output_of(core, window.steps, true);
  carry(core, window.steps, window.carry == TBPTT_CARRY_POST_DROPOUT);
  phases.end(TBPTT_PHASE_FORWARD);

  if (softmax_forward<true>(core, window.targets, prepared.N, phases) == Outcome::kCancelled) return Outcome::kCancelled;
  const double loss_sum = sum_of_losses(core, window.targets, prepared.N, stats.counted);
  stats.loss = stats.counted > 0 ? loss_sum / static_cast<double>(stats.counted) : 0;
  sort_targets(core, window.targets, prepared.N);
  inject(core, window.targets, prepared.N, stats.counted, static_cast<float>(window.recurrent_scale));
  weigh_output_rows(core, prepared.N);
  begin_gradient(core, prepared.N);
  phases.end(TBPTT_PHASE_DH);

  LagNorms norms{lags, static_cast<double>(stats.counted) / window.recurrent_scale, window.targets};
  const bool measures = lags && lags->lags > 0;
  if ((core.config.precision == TBPTT_BF16 && !measures
           ? propagate_back<Bf16Errors>(core, window, prepared.history, prepared.linked, nullptr)
           : propagate_back<Fp32Errors>(core, window, prepared.history, prepared.linked, measures ? &norms : nullptr)) == Outcome::kCancelled)
    return Outcome::kCancelled;
  phases.end(TBPTT_PHASE_BACKWARD);
  recurrent_gradients(core, window.steps, prepared.history);
  phases.end(TBPTT_PHASE_RECURRENT);
  scatter_embedding_gradient(core, window.steps, prepared.history);
  phases.end(TBPTT_PHASE_EMBEDDING);
  return Outcome::kDone;
}

inline double squares_of_recurrent_gradients(const Core& core) {
  return sum_of_squares(core.emb_gradient, core.parameters[TBPTT_EMB].size) +
         sum_of_squares(core.w_gradient, core.parameters[TBPTT_W].size) + sum_of_squares(core.b_gradient, core.parameters[TBPTT_B].size);
}

// Those of Ws and bs, panel by panel in order: the same bits for every number of threads.
inline void add_squares_of_softmax_gradients(const Core& core, double& squares) {
  for (int panel = 0; panel < core.panels; ++panel) squares += core.sums[panel].squares;
  squares += sum_of_squares(core.bias_gradient, core.parameters[TBPTT_BS].size);
}

// The padding columns of the last panel must stay what they are: zero.
inline Outcome softmax_gradients_stored(Core& core, const Prepared& prepared, const tbptt_stats& stats) {
  const ptrdiff_t size = static_cast<ptrdiff_t>(core.H) * kPanel;
  Flag stopped;
  for_each_panel(core, [&](int panel, const Worker& worker) {
    if (cancelled(core)) return stopped.raise();
    float* gradient = core.softmax_gradient + panel * size;
    gradient_of_panel(core, worker, panel, prepared.N, stats.counted, gradient, core.bias_gradient + panel * kPanel);
    core.sums[panel].squares = sum_of_squares(gradient, size);
  });
  return stopped.raised() ? Outcome::kCancelled : Outcome::kDone;
}

// Whether the gradients of Ws and bs, which update_softmax forms while it applies them, turn out finite. They are means of y with weights
// of up to 1: only where y comes near the end of fp32, or some token has no finite Z, are they formed once more to find out.
inline bool softmax_gradients_finite(Core& core, const Prepared& prepared, const tbptt_stats& stats) {
  const ptrdiff_t size = static_cast<ptrdiff_t>(core.H) * kPanel, tokens = (prepared.N + kChunk - 1) / kChunk * kChunk;
  if (sum_of_squares(core.output_chunks, tokens * core.H) < 1e74 && is_finite(sum_of_squares(core.partition, prepared.N))) return true;
  Flag lost;
  for_each_panel(core, [&](int panel, const Worker& worker) {
    float* bias = core.bias_gradient + panel * kPanel;
    gradient_of_panel(core, worker, panel, prepared.N, stats.counted, worker.panel_gradient, bias);
    if (!is_finite(sum_of_squares(worker.panel_gradient, size) + sum_of_squares(bias, kPanel))) lost.raise();
  });
  return !lost.raised();
}

// Updates Ws and bs, and forms their gradients before unless they are stored; returns the sum of squares of the changes.
inline double update_softmax(Core& core, const UpdateRule& rule, const Prepared& prepared, const tbptt_stats& stats, bool stored) {
  const ptrdiff_t size = static_cast<ptrdiff_t>(core.H) * kPanel;
  for_each_panel(core, [&](int panel, const Worker& worker) {
    const float* gradient = stored ? core.softmax_gradient + panel * size : worker.panel_gradient;
    float* bias = core.bias_gradient + panel * kPanel;
    tbptt::PanelSums& sums = core.sums[panel];
    if (!stored) {
      gradient_of_panel(core, worker, panel, prepared.N, stats.counted, worker.panel_gradient, bias);
      sums.squares = sum_of_squares(gradient, size);
    }
    sums.ws_changes = update(rule, core.parameters[TBPTT_WS], panel * size, size, gradient);
    sums.bs_changes = update(rule, core.parameters[TBPTT_BS], panel * kPanel, kPanel, bias);
  });
  double changes = 0;
  for (int panel = 0; panel < core.panels; ++panel) changes += core.sums[panel].ws_changes + core.sums[panel].bs_changes;
  return changes;
}

// Updates Emb, the rows of 32 words at a time; returns the sum of squares of the changes.
inline double update_embedding(Core& core, const UpdateRule& rule) {
  const ptrdiff_t size = static_cast<ptrdiff_t>(core.E) * kPanel;
  for_each_panel(core, [&](int panel, const Worker&) {
    core.sums[panel].ws_changes = update(rule, core.parameters[TBPTT_EMB], panel * size,
                                         static_cast<ptrdiff_t>(core.E) * columns_of_panel(core, panel), core.emb_gradient + panel * size);
  });
  double changes = 0;
  for (int panel = 0; panel < core.panels; ++panel) changes += core.sums[panel].ws_changes;
  return changes;
}

inline Outcome train(Core& core, const tbptt_window& window, double learning_rate, tbptt_stats& stats) {
  Phases phases(core.config.timings != 0, stats.phase_seconds);
  const Prepared prepared = prepare(core, window);
  Outcome outcome = backward(core, window, prepared, nullptr, stats, phases);
  // backward leaves emb_gradient untouched unless it ran to its end
  if (outcome == Outcome::kCancelled) return outcome;

  double squares = squares_of_recurrent_gradients(core), factor = 1;
  const bool clips = core.config.clip_norm > 0;
  bool applies = is_finite(stats.loss) && is_finite(squares);
  if (clips && applies) {
    outcome = softmax_gradients_stored(core, prepared, stats);
    if (outcome == Outcome::kCancelled) {  // some panels' squares are another window's
      clear_embedding_gradient(core, window.steps, prepared.history);
      return outcome;
    }
    add_squares_of_softmax_gradients(core, squares);
    applies = is_finite(squares);
    const double norm = sqrt(squares);
    if (applies && norm > core.config.clip_norm) {
      stats.clipped = 1;
      factor = core.config.clip_norm / norm;
    }
  } else if (applies) {
    applies = softmax_gradients_finite(core, prepared, stats);
  }
  if (cancelled(core) || !applies) {
    clear_embedding_gradient(core, window.steps, prepared.history);
    if (!applies) stats.gradient_norm = static_cast<double>(NAN);
    return applies ? Outcome::kCancelled : Outcome::kDone;
  }

  // From here on nothing stops the update.
  const UpdateRule rule = update_rule(core.config, learning_rate, factor, core.optimizer_steps + 1);
  phases.end(TBPTT_PHASE_OTHER);
  double changes = update_softmax(core, rule, prepared, stats, clips);
  if (!clips) add_squares_of_softmax_gradients(core, squares);
  phases.end(TBPTT_PHASE_SOFTMAX_UPDATE);
  changes += update_embedding(core, rule);
  clear_embedding_gradient(core, window.steps, prepared.history);
  phases.end(TBPTT_PHASE_EMBEDDING);
  changes += update(rule, core.parameters[TBPTT_W], 0, core.parameters[TBPTT_W].size, core.w_gradient);
  changes += update(rule, core.parameters[TBPTT_B], 0, core.parameters[TBPTT_B].size, core.b_gradient);
  ++core.optimizer_steps;
  stats.gradient_norm = sqrt(squares);
  stats.update_norm = sqrt(changes);
  stats.applied = 1;
  commit_state(core, window);
  phases.end(TBPTT_PHASE_OTHER);
  return Outcome::kDone;
}

inline void copy_rows(const float* from, ptrdiff_t from_row, float* to, ptrdiff_t rows, ptrdiff_t columns) {
  for (ptrdiff_t row = 0; to && row < rows; ++row)
    memcpy(to + row * columns, from + row * from_row, static_cast<size_t>(columns) * sizeof(float));
}

inline Outcome gradients(Core& core, const tbptt_window& window, const tbptt_gradient_output& output, tbptt_stats& stats) {
  Phases phases(core.config.timings != 0, stats.phase_seconds);
  const Prepared prepared = prepare(core, window);
  for (int lag = 0; lag < output.lags; ++lag) {
    if (output.lag_phi) output.lag_phi[lag] = 0;
    if (output.lag_w_l1) output.lag_w_l1[lag] = 0;
    if (output.lag_w_l2) output.lag_w_l2[lag] = 0;
  }
  if (backward(core, window, prepared, &output, stats, phases) == Outcome::kCancelled) return Outcome::kCancelled;
  double squares = squares_of_recurrent_gradients(core);
  if (output.emb) memcpy(output.emb, core.emb_gradient, static_cast<size_t>(core.parameters[TBPTT_EMB].size) * sizeof(float));
  clear_embedding_gradient(core, window.steps, prepared.history);
  copy_rows(core.w_gradient, core.hidden_row, output.w, core.E + core.H, core.H);
  copy_rows(core.b_gradient, core.hidden_row, output.b, 1, core.H);
  phases.end(TBPTT_PHASE_EMBEDDING);
  Flag stopped;
  for_each_panel(core, [&](int panel, const Worker& worker) {
    if (cancelled(core)) return stopped.raise();
    float* bias = core.bias_gradient + panel * kPanel;
    gradient_of_panel(core, worker, panel, prepared.N, stats.counted, worker.panel_gradient, bias);
    core.sums[panel].squares = sum_of_squares(worker.panel_gradient, static_cast<ptrdiff_t>(core.H) * kPanel);
    const size_t bytes = static_cast<size_t>(columns_of_panel(core, panel)) * sizeof(float);
    for (ptrdiff_t h = 0; output.ws && h < core.H; ++h)
      memcpy(output.ws + h * core.V + panel * kPanel, worker.panel_gradient + h * kPanel, bytes);
    if (output.bs) memcpy(output.bs + panel * kPanel, bias, bytes);
  });
  if (stopped.raised()) return Outcome::kCancelled;
  add_squares_of_softmax_gradients(core, squares);
  phases.end(TBPTT_PHASE_SOFTMAX_UPDATE);
  stats.gradient_norm = sqrt(squares);
  stats.clipped = core.config.clip_norm > 0 && stats.gradient_norm > core.config.clip_norm && is_finite(squares);
  return Outcome::kDone;
}

inline Outcome evaluate(Core& core, const int32_t* tokens, const int32_t* targets, int32_t steps, double& loss_sum, int64_t& counted) {
  double unused[TBPTT_PHASE_COUNT];
  Phases phases(false, unused);
  look_up(core, tokens, steps, false);
  if (recur(core, core.evaluation_state, steps) == Outcome::kCancelled) return Outcome::kCancelled;
  output_of(core, steps, false);
  carry(core, steps, false);
  const ptrdiff_t N = static_cast<ptrdiff_t>(steps) * core.B;
  if (softmax_forward<false>(core, targets, N, phases) == Outcome::kCancelled) return Outcome::kCancelled;
  loss_sum = sum_of_losses(core, targets, N, counted);
  memcpy(core.evaluation_state, core.next_state, static_cast<size_t>(core.B) * static_cast<size_t>(core.hidden_row) * sizeof(float));
  return Outcome::kDone;
}

}  // namespace
