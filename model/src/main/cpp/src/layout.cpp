#include "layout.h"

#include <initializer_list>

#include "arena.h"

namespace tbptt {
namespace {

constexpr int kCellGates = 1;  // of all cells there are

int round_up(int value, int unit) { return (value + unit - 1) / unit * unit; }

// The sizes that the sections are made of; include/tbptt.h and core.h have the letters.
struct Sizes {
  explicit Sizes(const tbptt_config& config)
      : training(config.evaluation_only == 0),
        fp32(config.precision == TBPTT_FP32),
        planes(config.precision == TBPTT_BF16X3 ? 3 : 1),
        V(static_cast<uint64_t>(config.vocabulary)),
        H(static_cast<uint64_t>(config.hidden)),
        B(static_cast<uint64_t>(config.batch)),
        P(training ? static_cast<uint64_t>(config.history_capacity) : 0),
        N(static_cast<uint64_t>(config.steps_capacity) * B),
        C((N + kChunk - 1) / kChunk),
        timeline(P * B + N),
        panels((V + kPanel - 1) / kPanel),
        input_row(round_up(config.embedding, 16)),
        cell_row(round_up(config.embedding + config.hidden, 16)),
        hidden_row(round_up(config.hidden, 16)),
        gate_row(round_up(kCellGates * config.hidden, 16)),
        depth(round_up(config.hidden + 3, 32)) {}

  bool training, fp32;
  uint64_t planes, V, H, B, P, N, C, timeline, panels;
  int input_row, cell_row, hidden_row, gate_row, depth;
};

void place(Arena& arena, const tbptt_config& config, const Sizes& sizes, Parameter (&parameters)[kParameters]) {
  const int64_t V = config.vocabulary, E = config.embedding, H = config.hidden, gates = kCellGates * H;
  parameters[TBPTT_EMB] = {"emb", {V, E, static_cast<ptrdiff_t>(E)}, {}, nullptr, 0};
  parameters[TBPTT_W] = {"w", {E + H, gates, sizes.gate_row}, {}, nullptr, 0};
  parameters[TBPTT_B] = {"b", {1, gates, sizes.gate_row}, {}, nullptr, 0};
  parameters[TBPTT_WS] = {"ws", {H, V, 0}, {}, nullptr, 0};
  parameters[TBPTT_BS] = {"bs", {1, V, 0}, {}, nullptr, 0};
  const bool has[Parameter::kSlots] = {true, sizes.training && (config.optimizer == TBPTT_ADAM || config.optimizer == TBPTT_MOMENTUM),
                                       sizes.training && (config.optimizer == TBPTT_ADAM || config.optimizer == TBPTT_RMSPROP)};
  for (Parameter& parameter : parameters) {
    const uint64_t size = static_cast<uint64_t>(parameter.layout.size()) + kPanel;  // slack: whole vectors may be read at the end
    for (int slot = 0; slot < Parameter::kSlots; ++slot)
      if (has[slot]) arena.place(parameter.slots[slot], size);
    parameter.part = parameter.layout.in_panels() ? static_cast<ptrdiff_t>(parameter.layout.rows) * kPanel : parameter.layout.size();
    // Clipping has to see every gradient before the first update.
    const bool keeps = &parameter != &parameters[TBPTT_WS] || config.clip_norm > 0;
    if (sizes.training && keeps) arena.place(parameter.gradient, size);
  }
  parameters[TBPTT_EMB].part = static_cast<ptrdiff_t>(E) * kPanel;
}

void place(Arena& arena, const tbptt_config& config, const Sizes& sizes, Timeline& timeline) {
  timeline.B = config.batch;
  timeline.T = config.steps_capacity;
  timeline.P = static_cast<int>(sizes.P);
  arena.place(timeline.tokens, sizes.timeline);
  if (sizes.training) arena.place(timeline.edge, sizes.P);
}

void place(Arena& arena, const tbptt_config& config, const Sizes& sizes, Embedding& embedding) {
  embedding.E = config.embedding;
  if (sizes.training) arena.place(embedding.mask, sizes.timeline, sizes.input_row);
}

void place(Arena& arena, const tbptt_config& config, const Sizes& sizes, RecurrentLayer& layer) {
  layer.cell = config.cell;
  layer.inputs = config.embedding;
  layer.H = config.hidden;
  layer.gates = kCellGates * config.hidden;
  layer.hidden_row = sizes.hidden_row;
  layer.gate_row = sizes.gate_row;
  const uint64_t inputs = static_cast<uint64_t>(layer.inputs), gates = static_cast<uint64_t>(layer.gates);
  for (Rows* state : {&layer.state, &layer.evaluation_state, &layer.next_state}) arena.place(*state, sizes.B, layer.hidden_row);
  arena.place(layer.input, sizes.timeline, sizes.cell_row);
  arena.place(layer.hidden, sizes.timeline, layer.hidden_row);
  if (!sizes.training) return;
  arena.place(layer.link, sizes.P * sizes.B, layer.hidden_row);
  arena.place(layer.link_mask, sizes.N);
  arena.place(layer.injected, sizes.C * kChunk, layer.hidden_row);
  arena.place(layer.total, sizes.timeline, layer.gate_row);
  arena.place(layer.input_gradient, sizes.timeline, sizes.input_row);
  arena.place(layer.lag_part, inputs + sizes.H, layer.gate_row);
  arena.place(layer.recurrent_transposed, gates, layer.hidden_row);
  arena.place(layer.input_transposed, gates, sizes.input_row);
  for (Rows& errors : layer.errors) arena.place(errors, sizes.N, layer.gate_row);
  if (config.precision != TBPTT_BF16) return;
  const uint64_t blocks = (gates + 31) / 32, block = (sizes.N + 15) * 32;  // tiles read whole groups of 16 rows
  layer.error_block = static_cast<ptrdiff_t>(block);
  for (uint16_t*& rows : layer.error_rows) arena.place(rows, blocks * block);
  arena.place(layer.recurrent_pairs, blocks * 16 * static_cast<uint64_t>(layer.hidden_row));
}

void place(Arena& arena, const tbptt_config& config, const Sizes& sizes, Softmax& softmax) {
  softmax.V = config.vocabulary;
  softmax.H = config.hidden;
  softmax.hidden_row = sizes.hidden_row;
  softmax.panels = static_cast<int>(sizes.panels);
  softmax.depth = sizes.depth;
  softmax.gradient_row = round_up(config.hidden + 1, 16);
  const uint64_t tokens = sizes.C * kChunk;
  arena.place(softmax.outputs, tokens, sizes.hidden_row);
  arena.place(softmax.output_chunks, tokens * sizes.H);
  arena.place(softmax.reference, tokens);
  arena.place(softmax.partition, tokens);
  arena.place(softmax.target_logit, tokens);
  if (!sizes.fp32) arena.place(softmax.y_pairs, sizes.planes, tokens * static_cast<uint64_t>(sizes.depth / 2));
  if (!sizes.training) return;
  arena.place(softmax.output_mask, sizes.N, sizes.hidden_row);
  arena.place(softmax.output_gradient, tokens * static_cast<uint64_t>(sizes.hidden_row));
  arena.place(softmax.token_weight, tokens);
  arena.place(softmax.targets.start, sizes.V + 1);
  arena.place(softmax.targets.tokens, sizes.N);
  arena.place(softmax.targets.columns, tokens, sizes.hidden_row);
  if (sizes.fp32) {
    arena.place(softmax.exponentials, sizes.panels * kPanel * tokens);
    arena.place(softmax.output_groups, tokens * sizes.H);
  } else {
    arena.place(softmax.e_rows, sizes.planes, sizes.panels * kPanel * tokens);
    arena.place(softmax.y_weighed, sizes.planes, tokens / 2 * static_cast<uint64_t>(softmax.gradient_row));
  }
}

void place(Arena& arena, const Sizes& sizes, const Softmax& softmax, Worker& worker) {
  const uint64_t hidden_row = static_cast<uint64_t>(sizes.hidden_row);
  if (sizes.fp32) {
    arena.place(worker.exponentials, static_cast<uint64_t>(kPanelsPerBlock) * kPanel * kChunk);
    if (sizes.training) arena.place(worker.transposed, static_cast<uint64_t>(kDepthBlock) * kPanel);
  } else {
    arena.place(worker.ws_rows, sizes.planes, static_cast<uint64_t>(kPanelsPerBlock * kPanel * sizes.depth));
    arena.place(worker.ws_columns, sizes.planes, kPanelsPerBlock * hidden_row * kPanel);
    arena.place(worker.e_pairs, sizes.planes, static_cast<uint64_t>(kPanelsPerBlock) * (kPanel / 2) * kChunk);
    arena.place(worker.logit_tile, kPanel * kChunk);
    if (sizes.training) arena.place(worker.gradient_rows, kPanel, softmax.gradient_row);
  }
  if (!sizes.training) return;
  arena.place(worker.panel_gradient, sizes.H * kPanel);
  arena.place(worker.target_column, hidden_row);
  arena.place(worker.product, kProductRows, sizes.hidden_row);
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
  place(arena, config, sizes, core.embedding);
  place(arena, config, sizes, core.layer);
  place(arena, config, sizes, core.softmax);
  core.embedding.emb = &core.parameters[TBPTT_EMB];
  core.layer.w = &core.parameters[TBPTT_W];
  core.layer.b = &core.parameters[TBPTT_B];
  core.softmax.ws = &core.parameters[TBPTT_WS];
  core.softmax.bs = &core.parameters[TBPTT_BS];
  if (sizes.training) arena.place(core.sums, sizes.panels);
  arena.place(core.workers, static_cast<uint64_t>(core.threads));
  for (int thread = 0; thread < core.threads; ++thread) {
    Worker worker{};
    worker.thread = thread;
    place(arena, sizes, core.softmax, worker);
    if (!arena.measures()) core.workers[thread] = worker;
  }
  return arena.bytes();
}

}  // namespace tbptt
