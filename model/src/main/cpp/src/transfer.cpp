#include "transfer.h"

#include <string.h>

namespace tbptt {
namespace {

struct Matrix {
  Layout layout;
  float* values;
};

// Which matrix a tensor's number means; include/tbptt.h has their order.
struct Numbering {
  explicit Numbering(const Core& core)
      : parameters(core.parameters.count), per_layer(core.layers[0].shape.has_c ? 2 : 1), states(core.layers.count * per_layer) {}
  int first_state() const { return Parameter::kSlots * parameters; }
  int history() const { return first_state() + 2 * states; }

  int parameters, per_layer, states;
};

// All but the history. A moment that the optimiser doesn't have is empty.
Matrix matrix_of(const Core& core, int32_t tensor) {
  const Numbering numbering(core);
  if (tensor >= numbering.first_state()) {
    const int state = tensor - numbering.first_state(), at = state % numbering.states;
    const RecurrentLayer& layer = core.layers[at / numbering.per_layer];
    const State& of = state < numbering.states ? layer.state : layer.evaluation_state;
    return {Layout::by_row(core.timeline.B, 1, layer.H, layer.hidden_row), (at % numbering.per_layer == 0 ? of.h : of.c).values};
  }
  const Parameter& parameter = core.parameters[tensor % numbering.parameters];
  float* values = parameter.slots[tensor / numbering.parameters];
  return {values ? parameter.layout : Layout{}, values};
}

size_t floats(int64_t count) { return static_cast<size_t>(count) * sizeof(float); }

// body(address in the core, canonical offset, columns) for whatever lies together.
template <typename Body>
void for_each_group(const Matrix& matrix, Body body) {
  const Layout& layout = matrix.layout;
  for (int64_t row = 0; row < layout.rows; ++row)
    for (ptrdiff_t group = 0; group < layout.groups(); ++group)
      body(matrix.values + row * layout.row + group * layout.group_row, row * layout.columns + group * layout.group,
           layout.columns_of(group));
}

// What a row of history holds after its token and its edge.
struct HistoryField {
  Rows rows;
  int width;
};

struct HistoryFields {
  explicit HistoryFields(const Core& core) {
    fields.count = 0;
    auto add = [&](Rows rows, int width) { fields[fields.count++] = {rows, width}; };
    for (const RecurrentLayer& layer : core.layers) {
      add(layer.input, layer.inputs);
      add(layer.mask, layer.inputs);
      add({layer.input.values + layer.inputs, layer.input.row}, layer.H);
      for (int part = 0; part < layer.shape.kept; ++part) add(layer.from_part(layer.kept, part), layer.H);
    }
    links = is_one_gateless_layer(core.config) ? core.layers[0].H : 0;
    if (links > 0) add(core.timeline.link, links);
  }
  static constexpr int kMostFields = 9 * TBPTT_MOST_LAYERS + 1;
  Table<HistoryField, kMostFields> fields;
  int links;  // columns at the end
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
    for (int i = 0; !edge && i < history.links; ++i) to[i - history.links] = 1;
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

int32_t tensors_of(const Core& core) { return Numbering(core).history() + 1; }

bool is_history(const Core& core, int32_t tensor) { return tensor == Numbering(core).history(); }

bool is_second_moment(const Core& core, int32_t tensor) { return tensor / core.parameters.count == Parameter::kSecondMoment; }

bool tensor_shape(const Core& core, int32_t tensor, int64_t& rows, int64_t& columns) {
  if (tensor < 0 || tensor >= tensors_of(core)) return false;
  if (is_history(core, tensor)) {
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
  if (is_history(core, tensor)) return read_history(core, values);
  for_each_group(matrix_of(core, tensor),
                 [&](const float* from, int64_t offset, int64_t columns) { memcpy(values + offset, from, floats(columns)); });
}

void write_tensor(Core& core, int32_t tensor, const float* values) {
  if (is_history(core, tensor)) return write_history(core, values);
  for_each_group(matrix_of(core, tensor),
                 [&](float* to, int64_t offset, int64_t columns) { memcpy(to, values + offset, floats(columns)); });
}

}  // namespace tbptt
