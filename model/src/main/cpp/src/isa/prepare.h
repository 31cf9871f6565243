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

  // Whether each step's errors are those of one pass, and no others add to them.
  bool single_pass() const { return window.inject_every == window.steps; }
};

inline PreparedWindow prepare(const Core& core, const tbptt_window& window) {
  const Timeline& timeline = core.timeline;
  const int held = static_cast<int>(timeline.history_steps);
  const PreparedWindow prepared{window, static_cast<ptrdiff_t>(window.steps) * timeline.B,
                                window.history_steps < held ? window.history_steps : held, window.link_mask || window.link_keep < 1};
  for (int i = 0; i <= core.layers.count; ++i) {
    const bool is_input = i == 0, is_last = i == core.layers.count;
    const int width = is_input ? core.embedding.E : core.softmax.H;
    const Rows& mask = is_last ? core.softmax.output_mask : core.layers[i].mask;
    const float* given = is_input ? window.input_mask : window.output_mask ? window.output_mask + (i - 1) * prepared.N * width : nullptr;
    const uint32_t purpose = is_input ? kInputMask : kOutputMask + kLayerPurposes * static_cast<uint32_t>(i - 1);
    fill_mask(timeline, window, {given, is_input ? window.input_keep : window.output_keep, purpose, width},
              {mask.at(is_last ? 0 : timeline.row(0)), mask.row});
  }
  if (prepared.linked) fill_mask(timeline, window, {window.link_mask, window.link_keep, kLinkMask, 1}, {timeline.link_mask, 1});
  return prepared;
}

// What gradients are divided by: the losses that the mean is over, or the columns where losses are summed over the steps.
inline int64_t divisor(const Core& core, const tbptt_window& window, int64_t counted) {
  return window.summed && counted > 0 ? core.timeline.B : counted;
}

// The last steps of history and window become the history of the next window.
inline void commit_history(Core& core, const tbptt_window& window) {
  Timeline& timeline = core.timeline;
  const ptrdiff_t P = timeline.P, B = timeline.B, T = window.steps;
  if (P == 0) return;
  const ptrdiff_t held = timeline.history_steps + T < P ? timeline.history_steps + T : P, begin = P - held;
  // Of a section with `size` elements for each step: those of `steps` steps, from T steps later.
  auto shift = [&](auto* section, ptrdiff_t size, ptrdiff_t steps) {
    memmove(section + begin * size, section + (begin + T) * size, static_cast<size_t>(steps * size) * sizeof(*section));
  };
  shift(timeline.tokens, B, held);
  for (const RecurrentLayer& layer : core.layers) {
    const Rows kept[] = {layer.input, layer.mask, layer.kept};
    for (const Rows& rows : kept) shift(rows.values, B * rows.row, held);
  }
  // link and edge exist for history only: move what stays, then mark the window's steps.
  const ptrdiff_t stays = held - T > 0 ? held - T : 0, link_size = B * timeline.link.row;
  shift(timeline.edge, 1, stays);
  if (timeline.link.values) shift(timeline.link.values, link_size, stays);
  for (ptrdiff_t step = begin + stays; step < P; ++step) timeline.edge[step] = 0;
  if (window.carry == TBPTT_CARRY_POST_DROPOUT) {
    timeline.edge[P - 1] = 1;
    memcpy(timeline.link.at((P - 1) * B), core.softmax.output_mask.at((T - 1) * B), static_cast<size_t>(link_size) * sizeof(float));
  }
  timeline.history_steps = held;
}

}  // namespace
