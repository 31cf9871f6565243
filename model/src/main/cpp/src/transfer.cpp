#include "transfer.h"

#include <string.h>

namespace tbptt {
namespace {

struct Matrix {
  Layout layout;
  float* values;
};

// All but the history. A moment that the optimiser doesn't have is empty.
Matrix matrix_of(const Core& core, int32_t tensor) {
  const RecurrentLayer& layer = core.layer;
  if (tensor == TBPTT_STATE || tensor == TBPTT_EVALUATION_STATE) {
    const Rows state = tensor == TBPTT_STATE ? layer.state : layer.evaluation_state;
    return {{core.timeline.B, layer.H, state.row}, state.values};
  }
  const Parameter& parameter = core.parameters[tensor % kParameters];
  float* values = parameter.slots[tensor / kParameters];
  return {values ? parameter.layout : Layout{}, values};
}

size_t floats(int64_t count) { return static_cast<size_t>(count) * sizeof(float); }

// What a row of history holds after its token and its edge.
struct HistoryField {
  Rows rows;
  int width;
};
constexpr int kHistoryFields = 5, kLinkField = 4;

struct HistoryFields {
  explicit HistoryFields(const Core& core)
      : fields{{core.layer.input, core.layer.inputs},
               {core.embedding.mask, core.embedding.E},
               {{core.layer.input.values + core.layer.inputs, core.layer.input.row}, core.layer.H},
               {core.layer.hidden, core.layer.H},
               {core.layer.link, core.layer.H}} {}
  HistoryField fields[kHistoryFields];
};

// body(row of the timeline, step in the history section, offset of the canonical row) for each row of history.
template <typename Body>
void for_history(const Core& core, Body body) {
  const Timeline& timeline = core.timeline;
  const int64_t columns = history_columns(core);
  for (int64_t step = 0; step < timeline.history_steps; ++step)
    for (int64_t b = 0; b < timeline.B; ++b) {
      const ptrdiff_t index = timeline.P - timeline.history_steps + step;
      body(index * timeline.B + b, index, (step * timeline.B + b) * columns);
    }
}

void read_history(const Core& core, float* values) {
  const HistoryFields history(core);
  for_history(core, [&](ptrdiff_t row, ptrdiff_t step, int64_t offset) {
    float* to = values + offset;
    const bool edge = core.timeline.edge[step] != 0;
    *to++ = static_cast<float>(core.timeline.tokens[row]);
    *to++ = static_cast<float>(core.timeline.edge[step]);
    for (const HistoryField& field : history.fields) {
      memcpy(to, field.rows.at(row), floats(field.width));
      to += field.width;
    }
    const int links = history.fields[kLinkField].width;
    for (int i = 0; !edge && i < links; ++i) to[i - links] = 1;
  });
}

void write_history(Core& core, const float* values) {
  const HistoryFields history(core);
  for_history(core, [&](ptrdiff_t row, ptrdiff_t step, int64_t offset) {
    const float* from = values + offset;
    core.timeline.tokens[row] = static_cast<int32_t>(*from++);
    core.timeline.edge[step] = static_cast<int32_t>(*from++);
    for (const HistoryField& field : history.fields) {
      memcpy(field.rows.at(row), from, floats(field.width));
      from += field.width;
    }
  });
}

}  // namespace

int64_t history_columns(const Core& core) {
  int64_t columns = 2;
  for (const HistoryField& field : HistoryFields(core).fields) columns += field.width;
  return columns;
}

bool tensor_shape(const Core& core, int32_t tensor, int64_t& rows, int64_t& columns) {
  if (tensor < 0 || tensor >= TBPTT_TENSOR_COUNT) return false;
  if (tensor == TBPTT_HISTORY) {
    rows = core.timeline.history_steps * core.timeline.B;
    columns = history_columns(core);
    return true;
  }
  const Layout layout = matrix_of(core, tensor).layout;
  rows = layout.rows;
  columns = layout.columns;
  return true;
}

void read_tensor(const Core& core, int32_t tensor, float* values) {
  if (tensor == TBPTT_HISTORY) return read_history(core, values);
  const auto [layout, from] = matrix_of(core, tensor);
  for (int64_t r = 0; r < layout.rows; ++r, values += layout.columns)
    if (layout.in_panels())
      for (int64_t c = 0; c < layout.columns; ++c) values[c] = from[(c / kPanel * layout.rows + r) * kPanel + c % kPanel];
    else
      memcpy(values, from + r * layout.row, floats(layout.columns));
}

void write_tensor(Core& core, int32_t tensor, const float* values) {
  if (tensor == TBPTT_HISTORY) return write_history(core, values);
  const auto [layout, to] = matrix_of(core, tensor);
  for (int64_t r = 0; r < layout.rows; ++r, values += layout.columns)
    if (layout.in_panels())
      for (int64_t c = 0; c < layout.columns; ++c) to[(c / kPanel * layout.rows + r) * kPanel + c % kPanel] = values[c];
    else
      memcpy(to + r * layout.row, values, floats(layout.columns));
}

}  // namespace tbptt
