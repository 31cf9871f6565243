// A window before its arithmetic, and what it leaves to the next one.
#pragma once

#include "masks.h"
#include "parallel.h"

namespace {

// A window whose masks are filled in.
struct PreparedWindow {
  const tbptt_window& window;
  ptrdiff_t N;
  int history;  // steps of history that its errors may reach
  bool linked;  // whether errors are thinned by link_mask
};

inline PreparedWindow prepare(const Core& core, const tbptt_window& window) {
  const Timeline& timeline = core.timeline;
  const int held = static_cast<int>(timeline.history_steps);
  const PreparedWindow prepared{window, static_cast<ptrdiff_t>(window.steps) * timeline.B,
                                window.history_steps < held ? window.history_steps : held, window.link_mask || window.link_keep < 1};
  const Rows& input_mask = core.embedding.mask;
  fill_mask(timeline, window, {window.input_mask, window.input_keep, kInputMask, core.embedding.E},
            {input_mask.at(timeline.row(0)), input_mask.row});
  fill_mask(timeline, window, {window.output_mask, window.output_keep, kOutputMask, core.softmax.H}, core.softmax.output_mask);
  if (prepared.linked) fill_mask(timeline, window, {window.link_mask, window.link_keep, kLinkMask, 1}, {core.layer.link_mask, 1});
  return prepared;
}

// What gradients are divided by: the losses that the mean is over, or the columns where losses are summed over the steps.
inline int64_t divisor(const Core& core, const tbptt_window& window, int64_t counted) {
  return window.summed && counted > 0 ? core.timeline.B : counted;
}

// The last steps of history and window become the history of the next window; next_state becomes the state.
inline void commit_state(Core& core, const tbptt_window& window) {
  const RecurrentLayer& layer = core.layer;
  Timeline& timeline = core.timeline;
  const ptrdiff_t P = timeline.P, B = timeline.B, T = window.steps, state_size = B * layer.hidden_row;
  memcpy(layer.state.values, layer.next_state.values, static_cast<size_t>(state_size) * sizeof(float));
  if (P == 0) return;
  const ptrdiff_t held = timeline.history_steps + T < P ? timeline.history_steps + T : P, begin = P - held;
  // Of a section with `size` elements for each step: those of `steps` steps, from T steps later.
  auto shift = [&](auto* section, ptrdiff_t size, ptrdiff_t steps) {
    memmove(section + begin * size, section + (begin + T) * size, static_cast<size_t>(steps * size) * sizeof(*section));
  };
  shift(timeline.tokens, B, held);
  const Rows kept[] = {layer.input, core.embedding.mask, layer.hidden};
  for (const Rows& rows : kept) shift(rows.values, B * rows.row, held);
  // link and edge exist for history only: move what stays, then mark the window's steps.
  const ptrdiff_t stays = held - T > 0 ? held - T : 0;
  shift(timeline.edge, 1, stays);
  shift(layer.link.values, state_size, stays);
  for (ptrdiff_t step = begin + stays; step < P; ++step) timeline.edge[step] = 0;
  if (window.carry == TBPTT_CARRY_POST_DROPOUT) {
    timeline.edge[P - 1] = 1;
    memcpy(layer.link.at((P - 1) * B), core.softmax.output_mask.at((T - 1) * B), static_cast<size_t>(state_size) * sizeof(float));
  }
  timeline.history_steps = held;
}

}  // namespace
