#include "transfer.h"

#include <string.h>

namespace tbptt {
namespace {

// What a tensor index stands for: a matrix with padded rows, panels, or history.
struct Section {
  float* values;
  int64_t rows, columns, row_size;
  bool panels;
};

Section parameter_section(const Core& core, int which, float* values) {
  if (!values) return {nullptr, 0, 0, 0, false};
  switch (which) {
    case TBPTT_EMB:
      return {values, core.V, core.E, core.E, false};
    case TBPTT_W:
      return {values, core.E + core.H, core.H, core.hidden_row, false};
    case TBPTT_B:
      return {values, 1, core.H, core.hidden_row, false};
    case TBPTT_WS:
      return {values, core.H, core.V, 0, true};
    default:
      return {values, 1, core.V, core.V, false};
  }
}

Section section_of(const Core& core, int32_t tensor) {
  if (tensor < TBPTT_FIRST_MOMENT) return parameter_section(core, tensor, core.parameters[tensor].values);
  if (tensor < TBPTT_SECOND_MOMENT)
    return parameter_section(core, tensor - TBPTT_FIRST_MOMENT, core.parameters[tensor - TBPTT_FIRST_MOMENT].first);
  if (tensor < TBPTT_STATE)
    return parameter_section(core, tensor - TBPTT_SECOND_MOMENT, core.parameters[tensor - TBPTT_SECOND_MOMENT].second);
  return {tensor == TBPTT_STATE ? core.state : core.evaluation_state, core.B, core.H, core.hidden_row, false};
}

size_t floats(int64_t count) { return static_cast<size_t>(count) * sizeof(float); }

// Calls body(row in the timeline, row in the link section, history step's index, canonical row's offset) for each row of history.
template <typename Body>
void for_history(const Core& core, Body body) {
  const int64_t columns = history_columns(core);
  for (int64_t step = 0; step < core.history_steps; ++step)
    for (int64_t b = 0; b < core.B; ++b) {
      const ptrdiff_t index = core.history_capacity - core.history_steps + step, row = index * core.B + b;
      body(row, index, (step * core.B + b) * columns);
    }
}

}  // namespace

int64_t history_columns(const Core& core) { return 2 + 2 * static_cast<int64_t>(core.E) + 3 * static_cast<int64_t>(core.H); }

bool tensor_shape(const Core& core, int32_t tensor, int64_t& rows, int64_t& columns) {
  if (tensor < 0 || tensor >= TBPTT_TENSOR_COUNT) return false;
  if (tensor == TBPTT_HISTORY) {
    rows = core.history_steps * core.B;
    columns = history_columns(core);
    return true;
  }
  const Section section = section_of(core, tensor);
  rows = section.rows;
  columns = section.columns;
  return true;
}

void read_tensor(const Core& core, int32_t tensor, float* values) {
  const int E = core.E, H = core.H;
  if (tensor == TBPTT_HISTORY) {
    for_history(core, [&](ptrdiff_t row, ptrdiff_t step, int64_t offset) {
      float* to = values + offset;
      *to++ = static_cast<float>(core.tokens[row]);
      *to++ = static_cast<float>(core.edge[step]);
      const float* input = core.cell_input + row * core.cell_row;
      memcpy(to, input, floats(E));
      memcpy(to + E, core.input_mask + row * core.input_row, floats(E));
      memcpy(to + 2 * E, input + E, floats(H));
      memcpy(to + 2 * E + H, core.hidden + row * core.hidden_row, floats(H));
      to += 2 * E + 2 * H;
      for (int i = 0; i < H; ++i) to[i] = core.edge[step] ? core.link[row * core.hidden_row + i] : 1.0f;
    });
    return;
  }
  const Section section = section_of(core, tensor);
  for (int64_t r = 0; r < section.rows; ++r) {
    float* to = values + r * section.columns;
    if (!section.panels) {
      memcpy(to, section.values + r * section.row_size, floats(section.columns));
      continue;
    }
    for (int64_t v = 0; v < section.columns; ++v) to[v] = section.values[(v / kPanel * H + r) * kPanel + v % kPanel];
  }
}

void write_tensor(Core& core, int32_t tensor, const float* values) {
  const int E = core.E, H = core.H;
  if (tensor == TBPTT_HISTORY) {
    for_history(core, [&](ptrdiff_t row, ptrdiff_t step, int64_t offset) {
      const float* from = values + offset;
      core.tokens[row] = static_cast<int32_t>(*from++);
      core.edge[step] = static_cast<int32_t>(*from++);
      float* input = core.cell_input + row * core.cell_row;
      memcpy(input, from, floats(E));
      memcpy(core.input_mask + row * core.input_row, from + E, floats(E));
      memcpy(input + E, from + 2 * E, floats(H));
      memcpy(core.hidden + row * core.hidden_row, from + 2 * E + H, floats(H));
      memcpy(core.link + row * core.hidden_row, from + 2 * E + 2 * H, floats(H));
    });
    return;
  }
  const Section section = section_of(core, tensor);
  for (int64_t r = 0; r < section.rows; ++r) {
    const float* from = values + r * section.columns;
    if (!section.panels) {
      memcpy(section.values + r * section.row_size, from, floats(section.columns));
      continue;
    }
    for (int64_t v = 0; v < section.columns; ++v) section.values[(v / kPanel * H + r) * kPanel + v % kPanel] = from[v];
  }
}

}  // namespace tbptt
