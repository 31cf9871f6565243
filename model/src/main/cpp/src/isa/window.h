// One window, from tokens to the update: the pipeline that the rest of this directory serves.
#pragma once

#include "backward.h"
#include "forward.h"
#include "layer_gradients.h"
#include "optimizer.h"
#include "products.h"

namespace {

// next_state becomes the state, and the window its history.
inline void commit(Core& core, const tbptt_window& window) {
  commit(core, &RecurrentLayer::state);
  commit_history(core, window);
}

inline Outcome advance(Core& core, const tbptt_window& window) {
  prepare(core, window);
  if (recur(core, window.tokens, &RecurrentLayer::state, window.steps, true) == Outcome::kCancelled) return Outcome::kCancelled;
  carry(core, window.steps, window.carry == TBPTT_CARRY_POST_DROPOUT);
  commit(core, window);
  return Outcome::kDone;
}

// The gradients of the recurrence from the injected errors.
template <typename OfErrors, typename OfInputs>
inline Outcome recurrent_gradients(const Core& core, const PreparedWindow& prepared, LagNorms* norms, Phases& phases) {
  if (propagate_back<OfErrors, OfInputs>(core, prepared, norms) == Outcome::kCancelled) return Outcome::kCancelled;
  phases.end(TBPTT_PHASE_BACKWARD);
  for (const RecurrentLayer& layer : core.layers) weight_gradients<OfInputs>(core, layer, prepared);
  input_gradient<OfInputs>(core, core.layers[0], prepared);
  phases.end(TBPTT_PHASE_RECURRENT);
  return Outcome::kDone;
}

// Everything up to the gradients of the recurrence; those of the softmax follow panel by panel.
inline Outcome backward(Core& core, const PreparedWindow& prepared, const tbptt_gradient_output* lags, tbptt_stats& stats, Phases& phases) {
  const tbptt_window& window = prepared.window;
  const Softmax& softmax = core.softmax;
  if (recur(core, window.tokens, &RecurrentLayer::state, window.steps, true) == Outcome::kCancelled) return Outcome::kCancelled;
  output_of(core, window.steps, true);
  carry(core, window.steps, window.carry == TBPTT_CARRY_POST_DROPOUT);
  phases.end(TBPTT_PHASE_FORWARD);

  if (softmax_forward<true>(core, window.targets, prepared.N, phases) == Outcome::kCancelled) return Outcome::kCancelled;
  const double loss_sum = sum_of_losses(softmax, window.targets, prepared.N, stats.counted);
  stats.loss = stats.counted > 0 ? loss_sum / static_cast<double>(stats.counted) : 0;
  sort_targets(softmax, window.targets, prepared.N);
  const int64_t losses = divisor(core, window, stats.counted);
  inject(softmax, window.targets, prepared.N, losses, static_cast<float>(window.recurrent_scale));
  weigh_outputs(softmax, prepared.N);
  begin_gradient(core, prepared.N);
  phases.end(TBPTT_PHASE_DH);

  Outcome outcome;
  if (lags && lags->lags > 0) {
    LagNorms norms(core, *lags, window.targets, static_cast<double>(losses) / window.recurrent_scale);
    outcome = recurrent_gradients<Fp32LayerProducts, Fp32LayerProducts>(core, prepared, &norms, phases);
  } else if (has_bf16_layers(core.config)) {
    outcome = recurrent_gradients<Bf16LayerProducts, Bf16LayerProducts>(core, prepared, nullptr, phases);
  } else if (core.config.precision == TBPTT_BF16) {
    outcome = recurrent_gradients<Bf16LayerProducts, Fp32LayerProducts>(core, prepared, nullptr, phases);
  } else {
    outcome = recurrent_gradients<Fp32LayerProducts, Fp32LayerProducts>(core, prepared, nullptr, phases);
  }
  if (outcome == Outcome::kCancelled) return outcome;
  scatter_embedding_gradient(core, prepared);
  phases.end(TBPTT_PHASE_EMBEDDING);
  return Outcome::kDone;
}

// Of a panel, and of those formed with it: where gradients are kept, or else the thread's own place.
inline PanelGradient place_of_gradients(const Softmax& softmax, const Worker& worker, int panel) {
  float* kept = softmax.ws->gradient;
  return {kept ? kept + panel * softmax.ws->part : worker.panel_gradient, softmax.bs->gradient + panel * softmax.bs->part};
}

// Those of Ws and bs, panel by panel in order: the same bits for every number of threads.
inline void add_squares_of_softmax_gradients(const Core& core, double& squares) {
  const Softmax& softmax = core.softmax;
  for (int panel = 0; panel < softmax.panels; ++panel) squares += core.sums[panel].squares;
  squares += sum_of_squares(softmax.bs->gradient, softmax.bs->layout.size());
}

// Forms the gradient of every panel, and body(panel, gradient) looks at each.
template <typename Body>
inline Outcome softmax_gradients(const Core& core, const PreparedWindow& prepared, int64_t counted, Body body) {
  const Softmax& softmax = core.softmax;
  Flag stopped;
  for_each_group_of_panels(core, softmax.panels, softmax.together, [&](int first, int count, const Worker& worker) {
    if (cancelled(core)) return stopped.raise();
    const PanelGradient gradients = place_of_gradients(softmax, worker, first);
    gradient_of_panels(core, worker, first, count, prepared.N, counted, gradients);
    for (int i = 0; i < count; ++i) {
      const PanelGradient gradient = gradients.of(softmax, i);
      core.sums[first + i].squares = sum_of_squares(gradient.ws, softmax.ws->part);
      body(first + i, gradient);
    }
  });
  return stopped.raised() ? Outcome::kCancelled : Outcome::kDone;
}

// Whether the gradients of Ws and bs, which update_softmax forms while it applies them, turn out finite. They are means of y, or sums of
// that many steps' means, with weights of up to 1: only where y comes near the end of fp32, or some token has no finite Z, are they formed
// once more to find out.
inline bool softmax_gradients_finite(const Core& core, const PreparedWindow& prepared, int64_t counted) {
  const Softmax& softmax = core.softmax;
  const double steps = prepared.window.summed ? prepared.window.steps : 1;
  const ptrdiff_t tokens = chunks_of(prepared.N) * kChunk;
  if (sum_of_squares(softmax.output_chunks, tokens * softmax.H) < 1e74 / (steps * steps) &&
      is_finite(sum_of_squares(softmax.partition, prepared.N)))
    return true;
  Flag lost;
  for_each_group_of_panels(core, softmax.panels, softmax.together, [&](int first, int count, const Worker& worker) {
    const PanelGradient gradients = place_of_gradients(softmax, worker, first);
    gradient_of_panels(core, worker, first, count, prepared.N, counted, gradients);
    if (!is_finite(sum_of_squares(gradients.ws, count * softmax.ws->part) + sum_of_squares(gradients.bias, count * kPanel))) lost.raise();
  });
  return !lost.raised();
}

// Updates Ws and bs, and forms their gradients before unless they are stored; returns the sum of squares of the changes.
inline double update_softmax(const Core& core, const UpdateRule& rule, const PreparedWindow& prepared, int64_t counted) {
  const Softmax& softmax = core.softmax;
  const Parameter &ws = *softmax.ws, &bs = *softmax.bs;
  for_each_group_of_panels(core, softmax.panels, softmax.together, [&](int first, int count, const Worker& worker) {
    const PanelGradient gradients = place_of_gradients(softmax, worker, first);
    if (!ws.gradient) gradient_of_panels(core, worker, first, count, prepared.N, counted, gradients);
    for (int panel = first; panel < first + count; ++panel) {
      const PanelGradient gradient = gradients.of(softmax, panel - first);
      PartSums& sums = core.sums[panel];
      if (!ws.gradient) sums.squares = sum_of_squares(gradient.ws, ws.part);
      sums.changes = update(rule, ws, panel * ws.part, ws.part, gradient.ws, count * ws.part);
      sums.bias_changes = update(rule, bs, panel * bs.part, bs.part, gradient.bias, count * bs.part);
    }
  });
  double changes = 0;
  for (int panel = 0; panel < softmax.panels; ++panel) changes += core.sums[panel].changes + core.sums[panel].bias_changes;
  return changes;
}

inline Outcome train(Core& core, const tbptt_window& window, double learning_rate, tbptt_stats& stats) {
  Phases phases(core.config.timings != 0, stats.phase_seconds);
  const PreparedWindow prepared = prepare(core, window);
  // backward leaves Emb's gradient untouched unless it ran to its end
  if (backward(core, prepared, nullptr, stats, phases) == Outcome::kCancelled) return Outcome::kCancelled;

  const int64_t losses = divisor(core, window, stats.counted);
  double squares = sum_of_whole_squares(core), factor = 1;
  const bool clips = core.config.clip_norm > 0;
  bool applies = is_finite(stats.loss) && is_finite(squares);
  if (clips && applies) {
    if (softmax_gradients(core, prepared, losses, [](int, PanelGradient) {}) == Outcome::kCancelled) {
      clear_embedding_gradient(core, prepared);
      return Outcome::kCancelled;
    }
    add_squares_of_softmax_gradients(core, squares);
    applies = is_finite(squares);
    const double norm = sqrt(squares);
    if (applies && norm > core.config.clip_norm) {
      stats.clipped = 1;
      factor = core.config.clip_norm / norm;
    }
  } else if (applies) {
    applies = softmax_gradients_finite(core, prepared, losses);
  }
  if (cancelled(core) || !applies) {
    clear_embedding_gradient(core, prepared);
    if (!applies) stats.gradient_norm = static_cast<double>(NAN);
    return applies ? Outcome::kCancelled : Outcome::kDone;
  }

  // From here on nothing stops the update.
  const UpdateRule rule = update_rule(core.config, learning_rate, factor, core.optimizer_steps + 1);
  phases.end(TBPTT_PHASE_OTHER);
  double changes = update_softmax(core, rule, prepared, losses);
  if (!clips) add_squares_of_softmax_gradients(core, squares);
  phases.end(TBPTT_PHASE_SOFTMAX_UPDATE);
  for (const Parameter& parameter : core.parameters) {
    if (parameter.layout.in_panels) continue;
    changes += update_whole(core, rule, parameter);
    phases.end(&parameter == core.embedding.emb ? TBPTT_PHASE_EMBEDDING : TBPTT_PHASE_OTHER);
  }
  clear_embedding_gradient(core, prepared);
  phases.end(TBPTT_PHASE_EMBEDDING);
  ++core.optimizer_steps;
  stats.gradient_norm = sqrt(squares);
  stats.update_norm = sqrt(changes);
  stats.applied = 1;
  commit(core, window);
  phases.end(TBPTT_PHASE_OTHER);
  return Outcome::kDone;
}

// to (rows, columns): one group of columns of a parameter's gradient
inline void copy_group(const Layout& layout, ptrdiff_t group, const float* from, float* to) {
  for (int64_t row = 0; row < layout.rows; ++row)
    memcpy(to + row * layout.columns + group * layout.group, from + row * layout.row,
           static_cast<size_t>(layout.columns_of(group)) * sizeof(float));
}

// to (rows, columns): the whole of it
inline void copy_gradient(const Parameter& parameter, float* to) {
  const Layout& layout = parameter.layout;
  for (ptrdiff_t group = 0; group < layout.groups(); ++group) copy_group(layout, group, parameter.gradient + group * layout.group_row, to);
}

inline Outcome gradients(Core& core, const tbptt_window& window, const tbptt_gradient_output& output, tbptt_stats& stats) {
  Phases phases(core.config.timings != 0, stats.phase_seconds);
  const PreparedWindow prepared = prepare(core, window);
  double* const lags[] = {output.lag_phi, output.lag_w_l1, output.lag_w_l2};
  for (double* lag : lags)
    if (lag) memset(lag, 0, static_cast<size_t>(output.lags) * sizeof(double));
  if (backward(core, prepared, &output, stats, phases) == Outcome::kCancelled) return Outcome::kCancelled;
  const int64_t losses = divisor(core, window, stats.counted);
  double squares = sum_of_whole_squares(core);
  for (int i = 0; i < core.parameters.count; ++i)
    if (output.gradients[i] && !core.parameters[i].layout.in_panels) copy_gradient(core.parameters[i], output.gradients[i]);
  clear_embedding_gradient(core, prepared);
  phases.end(TBPTT_PHASE_EMBEDDING);
  const Softmax& softmax = core.softmax;
  float *const ws = output.gradients[softmax.ws - core.parameters.begin()], *const bs =
                                                                                output.gradients[softmax.bs - core.parameters.begin()];
  const Outcome outcome = softmax_gradients(core, prepared, losses, [&](int panel, PanelGradient gradient) {
    if (ws) copy_group(softmax.ws->layout, panel, gradient.ws, ws);
    if (bs) copy_group(softmax.bs->layout, panel, gradient.bias, bs);
  });
  if (outcome == Outcome::kCancelled) return outcome;
  add_squares_of_softmax_gradients(core, squares);
  phases.end(TBPTT_PHASE_SOFTMAX_UPDATE);
  stats.gradient_norm = sqrt(squares);
  stats.clipped = core.config.clip_norm > 0 && stats.gradient_norm > core.config.clip_norm && is_finite(squares);
  return Outcome::kDone;
}

inline Outcome evaluate(Core& core, const int32_t* tokens, const int32_t* targets, int32_t steps, double& loss_sum, int64_t& counted) {
  double unused[TBPTT_PHASE_COUNT];
  Phases phases(false, unused);
  if (recur(core, tokens, &RecurrentLayer::evaluation_state, steps, false) == Outcome::kCancelled) return Outcome::kCancelled;
  output_of(core, steps, false);
  carry(core, steps, false);
  const ptrdiff_t N = static_cast<ptrdiff_t>(steps) * core.timeline.B;
  if (softmax_forward<false>(core, targets, N, phases) == Outcome::kCancelled) return Outcome::kCancelled;
  loss_sum = sum_of_losses(core.softmax, targets, N, counted);
  commit(core, &RecurrentLayer::evaluation_state);
  return Outcome::kDone;
}

}  // namespace
