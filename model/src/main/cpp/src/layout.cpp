#include "layout.h"

#include "red_zone.h"

namespace tbptt {
namespace {

constexpr uint64_t kAlignment = 64;
// A block of panels: its Ws, one chunk's exponentials and y should share the second-level cache with room to spare.
constexpr int kPanelsPerBlock = 6;

int round_up(int value, int unit) { return (value + unit - 1) / unit * unit; }

class Sections {
 public:
  explicit Sections(uintptr_t base) : base_(base) {}
  template <typename Element>
  void place(Element*& section, uint64_t count) {
    section = reinterpret_cast<Element*>(base_ + static_cast<uintptr_t>(bytes_));
    const uint64_t used = count * sizeof(Element);
    bytes_ += (used + kAlignment - 1) / kAlignment * kAlignment + kRedZone;
    if (base_ != 0) forbid(reinterpret_cast<char*>(section) + used, base_ + bytes_ - (reinterpret_cast<uintptr_t>(section) + used));
  }
  uint64_t bytes() const { return bytes_; }

 private:
  uintptr_t base_;
  uint64_t bytes_ = 0;
};

}  // namespace

uint64_t lay_out(Core& core, const tbptt_config& config, uintptr_t base) {
  core.config = config;
  core.V = config.vocabulary;
  core.E = config.embedding;
  core.H = config.hidden;
  core.B = config.batch;
  core.steps_capacity = config.steps_capacity;
  core.history_capacity = config.evaluation_only ? 0 : config.history_capacity;
  core.input_row = round_up(core.E, 16);
  core.hidden_row = round_up(core.H, 16);
  core.cell_row = round_up(core.E + core.H, 16);
  core.panels = (core.V + kPanel - 1) / kPanel;
  core.panels_per_block = kPanelsPerBlock;
  core.threads = config.threads > 1 ? config.threads : 1;

  const uint64_t V = static_cast<uint64_t>(core.V), E = static_cast<uint64_t>(core.E), H = static_cast<uint64_t>(core.H),
                 B = static_cast<uint64_t>(core.B), T = static_cast<uint64_t>(core.steps_capacity),
                 P = static_cast<uint64_t>(core.history_capacity), N = T * B, C = (N + kChunk - 1) / kChunk, timeline = (P + T) * B,
                 input_row = static_cast<uint64_t>(core.input_row), hidden_row = static_cast<uint64_t>(core.hidden_row),
                 cell_row = static_cast<uint64_t>(core.cell_row), panels = static_cast<uint64_t>(core.panels);
  const bool training = config.evaluation_only == 0;
  const bool has_first = training && (config.optimizer == TBPTT_ADAM || config.optimizer == TBPTT_MOMENTUM);
  const bool has_second = training && (config.optimizer == TBPTT_ADAM || config.optimizer == TBPTT_RMSPROP);

  Sections sections(base);
  Core* header;
  sections.place(header, 1);
  const uint64_t sizes[5] = {V * E, (E + H) * hidden_row, hidden_row, panels * H * kPanel, panels * kPanel};
  for (int i = 0; i < 5; ++i) {
    Parameter& parameter = core.parameters[i];
    parameter.size = static_cast<ptrdiff_t>(sizes[i]);
    parameter.first = parameter.second = nullptr;
    sections.place(parameter.values, sizes[i] + kPanel);  // slack: whole vectors may be read at the end
    if (has_first) sections.place(parameter.first, sizes[i] + kPanel);
    if (has_second) sections.place(parameter.second, sizes[i] + kPanel);
  }
  sections.place(core.state, B * hidden_row);
  sections.place(core.evaluation_state, B * hidden_row);
  sections.place(core.next_state, B * hidden_row);

  sections.place(core.tokens, timeline);
  sections.place(core.cell_input, timeline * cell_row);
  sections.place(core.hidden, timeline * hidden_row);
  sections.place(core.output_chunks, C * H * kChunk);
  sections.place(core.reference, C * kChunk);
  sections.place(core.partition, C * kChunk);
  sections.place(core.target_logit, C * kChunk);
  sections.place(core.output_rows, C * kChunk * hidden_row);
  const bool fp32 = config.precision == TBPTT_FP32;
  core.planes = config.precision == TBPTT_BF16X3 ? 3 : 1;
  const uint64_t planes = static_cast<uint64_t>(core.planes), D = (H + 3 + 31) / 32 * 32, G = (H + 1 + 15) / 16 * 16;
  auto place_planes = [&](auto*& section, ptrdiff_t& plane, uint64_t size) {
    plane = static_cast<ptrdiff_t>(size);
    sections.place(section, planes * size);
  };
  core.gradient_row = static_cast<int>(G);
  core.e_rows = nullptr;
  if (!fp32) {
    core.ws_rows_plane = static_cast<ptrdiff_t>(kPanelsPerBlock * kPanel * D);
    core.ws_columns_plane = static_cast<ptrdiff_t>(kPanelsPerBlock * hidden_row * kPanel);
    place_planes(core.y_pairs, core.y_pairs_plane, C * (D / 2) * kChunk);
    core.e_pairs_plane = static_cast<ptrdiff_t>(kPanelsPerBlock) * (kPanel / 2) * kChunk;
    if (training) {
      place_planes(core.e_rows, core.e_rows_plane, panels * C * kPanel * kChunk);
      place_planes(core.y_weighed, core.y_weighed_plane, C * (kChunk / 2) * G);
    }
  }

  sections.place(core.workers, static_cast<uint64_t>(core.threads));
  for (int thread = 0; thread < core.threads; ++thread) {
    Worker worker{};
    worker.thread = thread;
    if (fp32) {
      sections.place(worker.exponentials, static_cast<uint64_t>(kPanelsPerBlock) * kPanel * kChunk);
    } else {
      sections.place(worker.ws_rows, planes * static_cast<uint64_t>(core.ws_rows_plane));
      sections.place(worker.ws_columns, planes * static_cast<uint64_t>(core.ws_columns_plane));
      sections.place(worker.e_pairs, planes * static_cast<uint64_t>(core.e_pairs_plane));
      sections.place(worker.logit_tile, kPanel * kChunk);
    }
    if (training) {
      if (fp32)
        sections.place(worker.transposed, static_cast<uint64_t>(kDepthBlock) * kPanel);
      else
        sections.place(worker.gradient_rows, kPanel * G);
      sections.place(worker.panel_gradient, H * kPanel);
      sections.place(worker.target_column, hidden_row);
      sections.place(worker.product, static_cast<uint64_t>(kProductRows) * hidden_row);
    }
    if (base != 0) core.workers[thread] = worker;
  }
  core.exponentials = core.output_groups = nullptr;
  if (!training) return sections.bytes();

  if (fp32) {
    sections.place(core.exponentials, panels * C * kPanel * kChunk);
    sections.place(core.output_groups, C * kChunk * H);
  }
  sections.place(core.input_mask, timeline * input_row);
  sections.place(core.link, P * B * hidden_row);
  sections.place(core.edge, P);
  sections.place(core.output_mask, N * hidden_row);
  sections.place(core.link_mask, N);
  sections.place(core.output_gradient, C * hidden_row * kChunk);
  sections.place(core.token_weight, C * kChunk);
  core.softmax_gradient = nullptr;
  if (config.clip_norm > 0) sections.place(core.softmax_gradient, panels * H * kPanel);
  sections.place(core.bias_gradient, panels * kPanel);
  sections.place(core.sums, panels);
  sections.place(core.target_start, V + 1);
  sections.place(core.sorted_tokens, N);
  sections.place(core.target_rows, C * kChunk * hidden_row);
  sections.place(core.injected, C * kChunk * hidden_row);
  sections.place(core.errors[0], N * hidden_row);
  sections.place(core.errors[1], N * hidden_row);
  if (config.precision == TBPTT_BF16) {
    // Tiles read whole groups of 16 rows.
    core.error_block = static_cast<ptrdiff_t>((N + 15) * 32);
    for (auto& rows : core.error_rows) sections.place(rows, (H + 31) / 32 * static_cast<uint64_t>(core.error_block));
    sections.place(core.recurrent_pairs, (H + 31) / 32 * 16 * hidden_row);
  }
  sections.place(core.total, timeline * hidden_row);
  sections.place(core.input_gradient, timeline * input_row);
  sections.place(core.w_gradient, (E + H) * hidden_row);
  sections.place(core.b_gradient, hidden_row);
  sections.place(core.w_part, (E + H) * hidden_row);
  sections.place(core.recurrent_transposed, H * hidden_row);
  sections.place(core.input_transposed, H * input_row);
  sections.place(core.emb_gradient, V * E + kPanel);
  return sections.bytes();
}

}  // namespace tbptt
