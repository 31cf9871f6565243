#include "layout.h"

#include <algorithm>
#include <initializer_list>

#include "arena.h"

namespace tbptt {
namespace {

int round_up(int value, int unit) { return (value + unit - 1) / unit * unit; }

// The sizes that the sections are made of; include/tbptt.h and core.h have the letters.
struct Sizes {
  explicit Sizes(const tbptt_config& config)
      : fp32(config.precision == TBPTT_FP32),
        planes(config.precision == TBPTT_BF16X2 ? 2 : 1),
        V(static_cast<uint64_t>(config.vocabulary)),
        H(static_cast<uint64_t>(config.hidden)),
        B(static_cast<uint64_t>(config.batch)),
        P(static_cast<uint64_t>(config.history_capacity)),
        N(static_cast<uint64_t>(config.steps_capacity) * B),
        C((N + kChunk - 1) / kChunk),
        timeline(P * B + N),
        panels((V + kPanel - 1) / kPanel),
        hidden_row(round_up(config.hidden, 16)),
        depth(round_up(config.hidden + 3, 32)) {}

  bool fp32;
  uint64_t planes, V, H, B, P, N, C, timeline, panels;
  int hidden_row, depth;
};

Table<Parameter, TBPTT_MOST_PARAMETERS> parameters_of(const tbptt_config& config, const Sizes& sizes) {
  static const char* const w_names[TBPTT_MOST_LAYERS] = {"w", "w2", "w3", "w4", "w5", "w6", "w7", "w8"};
  static const char* const b_names[TBPTT_MOST_LAYERS] = {"b", "b2", "b3", "b4", "b5", "b6", "b7", "b8"};
  const int64_t V = config.vocabulary, E = config.embedding, H = config.hidden;
  const CellShape shape = shape_of_cell(config.cell);
  Table<Parameter, TBPTT_MOST_PARAMETERS> parameters{};
  auto add = [&](const char* name, Layout layout) { parameters[parameters.count++] = {name, layout, {}, nullptr, 0}; };
  add("emb", Layout::by_row(V, 1, E, E));
  for (int layer = 0; layer < layers_of(config); ++layer) {
    add(w_names[layer], Layout::by_spread_row((layer == 0 ? E : H) + H, shape.gates, H, sizes.hidden_row));
    add(b_names[layer], Layout::by_row(1, shape.parts, H, sizes.hidden_row));
  }
  add("ws", Layout::by_panel(H, V));
  add("bs", Layout::by_panel(1, V));
  return parameters;
}

void place(Arena& arena, const tbptt_config& config, const Sizes& sizes, Table<Parameter, TBPTT_MOST_PARAMETERS>& parameters) {
  parameters = parameters_of(config, sizes);
  const bool has[Parameter::kSlots] = {true, config.optimizer == TBPTT_ADAM || config.optimizer == TBPTT_MOMENTUM,
                                       config.optimizer == TBPTT_ADAM || config.optimizer == TBPTT_RMSPROP};
  const Parameter& ws = parameters[parameters.count - 2];
  for (Parameter& parameter : parameters) {
    const Layout& layout = parameter.layout;
    const uint64_t size = static_cast<uint64_t>(layout.size()) + kPanel;  // slack: whole vectors may be read at the end
    for (int slot = 0; slot < Parameter::kSlots; ++slot)
      if (has[slot]) arena.place(parameter.slots[slot], size);
    parameter.part = layout.in_panels ? layout.group_row : layout.size();
    // Clipping has to see every gradient before the first update.
    const bool keeps = &parameter != &ws || config.clip_norm > 0;
    if (keeps) arena.place(parameter.gradient, size);
  }
  parameters[TBPTT_EMB].part = parameters[TBPTT_EMB].layout.row * kPanel;
  for (int layer = 0; shape_of_cell(config.cell).gated() && layer < layers_of(config); ++layer)
    parameters[TBPTT_W + 2 * layer].part = parameters[TBPTT_W + 2 * layer].layout.row * kPanel;
}

void place(Arena& arena, const tbptt_config& config, const Sizes& sizes, Timeline& timeline) {
  timeline.B = config.batch;
  timeline.T = config.steps_capacity;
  timeline.P = static_cast<int>(sizes.P);
  arena.place(timeline.tokens, sizes.timeline);
  arena.place(timeline.edge, sizes.P);
  if (is_one_gateless_layer(config)) arena.place(timeline.link, sizes.P * sizes.B, sizes.hidden_row);
  arena.place(timeline.link_mask, sizes.N);
}

void place(Arena& arena, const tbptt_config& config, const Sizes& sizes, bool first, RecurrentLayer& layer) {
  const CellShape shape = shape_of_cell(config.cell);
  layer.cell = config.cell;
  layer.shape = shape;
  layer.inputs = first ? config.embedding : config.hidden;
  layer.H = config.hidden;
  layer.hidden_row = sizes.hidden_row;
  layer.gate_row = shape.gates * sizes.hidden_row;
  layer.input_row = round_up(layer.inputs, 16);
  const int parts_row = shape.parts * sizes.hidden_row;
  for (State* state : {&layer.state, &layer.evaluation_state, &layer.next_state}) {
    arena.place(state->h, sizes.B, layer.hidden_row);
    if (shape.has_c) arena.place(state->c, sizes.B, layer.hidden_row);
  }
  arena.place(layer.input, sizes.timeline, round_up(layer.inputs + layer.hidden_row, 16));
  arena.place(layer.hidden, shape.gated() ? sizes.N : sizes.timeline, layer.hidden_row);
  layer.kept = layer.hidden;
  if (shape.gated()) arena.place(layer.kept, sizes.timeline, shape.kept * layer.hidden_row);
  // Pair words of bf16: half as many rows, but whole blocks of 16. Where lags are measured the same strips are fp32.
  auto depth = [&](int rows) { return config.precision == TBPTT_BF16 ? std::max(rows, round_up(rows, 32) / 2) : rows; };
  arena.place(layer.input_weights, depth(layer.inputs), layer.gate_row);
  arena.place(layer.recurrent_weights, depth(layer.H), layer.gate_row);
  const int gates = layer.width(shape.gates);
  arena.place(layer.mask, sizes.timeline, layer.input_row);
  arena.place(layer.total, sizes.timeline, parts_row);
  arena.place(layer.input_gradient, sizes.timeline, layer.input_row);
  arena.place(layer.lag_part, static_cast<uint64_t>(layer.inputs + layer.H), layer.gate_row);
  arena.place(layer.recurrent_transposed, depth(gates), layer.hidden_row);
  arena.place(layer.input_transposed, depth(gates), layer.input_row);
  for (Rows& errors : layer.errors) arena.place(errors, sizes.N, parts_row);
  if (shape.gated()) arena.place(layer.along, sizes.N, layer.hidden_row);
}

void place(Arena& arena, const tbptt_config& config, const Sizes& sizes, Softmax& softmax) {
  softmax.V = config.vocabulary;
  softmax.H = config.hidden;
  softmax.hidden_row = sizes.hidden_row;
  softmax.panels = static_cast<int>(sizes.panels);
  softmax.depth = sizes.depth;
  softmax.gradient_row = round_up(config.hidden + 1, 16);
  // With more columns what is saved in passing y is lost in passing the gradients.
  softmax.together = !sizes.fp32 && softmax.gradient_row <= 128 ? kPanelsTogether : 1;
  const uint64_t tokens = sizes.C * kChunk;
  arena.place(softmax.outputs, tokens, sizes.hidden_row);
  arena.place(softmax.output_chunks, tokens * sizes.H);
  arena.place(softmax.reference, tokens);
  arena.place(softmax.partition, tokens);
  arena.place(softmax.target_logit, tokens);
  if (!sizes.fp32) arena.place(softmax.y_pairs, sizes.planes, tokens * static_cast<uint64_t>(sizes.depth / 2));
  arena.place(softmax.output_mask, sizes.N, sizes.hidden_row);
  arena.place(softmax.injected, tokens, sizes.hidden_row);
  arena.place(softmax.output_gradient, tokens * static_cast<uint64_t>(sizes.hidden_row));
  arena.place(softmax.token_weight, tokens);
  arena.place(softmax.targets.start, sizes.V + 1);
  arena.place(softmax.targets.tokens, sizes.N);
  arena.place(softmax.targets.columns, tokens, sizes.hidden_row);
  if (sizes.fp32) {
    arena.place(softmax.exponentials, sizes.panels * kPanel * tokens);
    arena.place(softmax.output_groups, tokens * sizes.H);
  } else {
    const int panels = (softmax.panels + softmax.together - 1) / softmax.together * softmax.together;
    arena.place(softmax.e_rows, sizes.planes, static_cast<uint64_t>(panels) * kPanel * tokens);
    arena.place(softmax.y_weighed, sizes.planes, tokens / 2 * static_cast<uint64_t>(softmax.gradient_row));
  }
}

void place(Arena& arena, const tbptt_config& config, const Sizes& sizes, const Softmax& softmax, Worker& worker) {
  const int gates = shape_of_cell(config.cell).gates * sizes.hidden_row;
  if (config.precision == TBPTT_BF16)
    arena.place(worker.left_rows, static_cast<uint64_t>(kProductRows * round_up(std::max(config.embedding, gates), 32)));
  const uint64_t hidden_row = static_cast<uint64_t>(sizes.hidden_row);
  if (sizes.fp32) {
    arena.place(worker.exponentials, static_cast<uint64_t>(kPanelsPerBlock) * kPanel * kChunk);
    arena.place(worker.transposed, static_cast<uint64_t>(kDepthBlock) * kPanel);
  } else {
    arena.place(worker.ws_rows, sizes.planes, static_cast<uint64_t>(kPanelsPerBlock * kPanel * sizes.depth));
    arena.place(worker.ws_columns, sizes.planes, kPanelsPerBlock * hidden_row * kPanel);
    arena.place(worker.e_pairs, sizes.planes, static_cast<uint64_t>(kPanelsPerBlock) * (kPanel / 2) * kChunk);
    arena.place(worker.logit_tile, kPanel * kChunk);
    arena.place(worker.gradient_rows, static_cast<uint64_t>(softmax.together) * kPanel, softmax.gradient_row);
  }
  arena.place(worker.panel_gradient, static_cast<uint64_t>(softmax.together) * sizes.H * kPanel);
  arena.place(worker.target_column, hidden_row);
  arena.place(worker.target_panels, kPanelsPerBlock * kPanel * hidden_row);
  arena.place(worker.product, kProductRows, sizes.hidden_row);
  if (layers_of(config) > 1) arena.place(worker.from_above, kProductRows, sizes.hidden_row);
}

}  // namespace

uint64_t lay_out(Core& core, const tbptt_config& config, uintptr_t base) {
  const Sizes sizes(config);
  Arena arena(base);
  Core* header;
  arena.place(header, 1);
  core.config = config;
  core.threads = config.threads > 1 ? config.threads : 1;
  place(arena, config, sizes, core.parameters);
  place(arena, config, sizes, core.timeline);
  core.embedding = {config.embedding, &core.parameters[TBPTT_EMB]};
  core.layers.count = layers_of(config);
  uint64_t widest = 0;  // input of a layer, with its state
  for (int i = 0; i < core.layers.count; ++i) {
    RecurrentLayer& layer = core.layers[i];
    layer = {};
    place(arena, config, sizes, i == 0, layer);
    widest = std::max(widest, static_cast<uint64_t>(layer.inputs + layer.H));
    layer.w = &core.parameters[TBPTT_W + 2 * i];
    layer.b = &core.parameters[TBPTT_B + 2 * i];
  }
  // In bf16 whole blocks of 32 rows, and tiles read whole groups of 16 columns.
  const uint64_t grouped = has_bf16_layers(config) ? ((sizes.timeline + 31) / 32 * 32 * widest + 15 * 32) / 2 : 0;
  arena.place(core.input_groups, std::max(sizes.timeline * widest, grouped));
  place(arena, config, sizes, core.softmax);
  core.softmax.ws = &core.parameters[core.parameters.count - 2];
  core.softmax.bs = &core.parameters[core.parameters.count - 1];
  uint64_t parts = 0;
  for (const Parameter& parameter : core.parameters)
    parts = std::max(parts, static_cast<uint64_t>((parameter.layout.size() + parameter.part - 1) / parameter.part));
  arena.place(core.sums, parts);
  arena.place(core.workers, static_cast<uint64_t>(core.threads));
  for (int thread = 0; thread < core.threads; ++thread) {
    Worker worker{};
    worker.thread = thread;
    place(arena, config, sizes, core.softmax, worker);
    if (!arena.measures()) core.workers[thread] = worker;
  }
  return arena.bytes();
}

}  // namespace tbptt
