// The softmax's three products on bf16 terms (softmax.h says what is asked of them).
//
// Layouts, each once per plane (one plane for bf16, two for bf16x2); D = H + 3 rounded up to 32, G = H + 1 rounded up to 16,
// C chunks of 32 tokens:
//   ws_rows     (a block's panels, D/32, 32 v, 32)  bf16: Ws^T, then bs in three terms: the left operand of logits (v, token)
//   y_pairs     (C, D/2, 32 tokens)          pair words along h, then three ones: the right operand of the logits
//   ws_columns  (a block's panels, hidden_row, 32 v)  bf16: the left operand of dy^T (h, token) = Ws e
//   e_pairs     (a block's panels, 16, 32)   pair words along v of one chunk, its tokens shuffled (packing.h): the right operand of dy^T
//   e_rows      (panels / t, rounded up, C, 32 t v, 32 tokens)  bf16: kept, the left operand of dWs^T (v, h) = e y; t = softmax.together
//   y_weighed   (16 C, G)                    pair words along tokens: y/(Z count), then 1/(Z count), whose column gives the bias's gradient
// Products and exponentials take turns, a tile of 32 x 32 logits each: taken between one another's instructions they were slower.
#pragma once

#include "exponentials.h"
#include "pair_multiplier.h"
#include "softmax.h"

namespace {

constexpr int kBiasTerms = 3;  // bf16 terms that hold all of an fp32 bias

template <int kPlanes>
class Bf16Products {
 public:
  Bf16Products(const Core& core, const Worker& worker, ptrdiff_t N)
      : softmax_(core.softmax), worker_(worker), chunks_(chunks_of(N)), target_columns_(core.softmax, worker) {}

  // ws_rows and ws_columns of some panels, from the master weights
  void begin_block(int first, int end) {
    target_columns_.begin_block(first);
    for (int panel = first; panel < end; ++panel) {
      const float* ws = softmax_.ws->values() + panel * softmax_.ws->part;
      split_rows(ws, softmax_.bs->values() + panel * kPanel, ws_rows(panel - first));
      store_all_terms<kPlanes>(ws, softmax_.H * kPanel, worker_.ws_columns.from(static_cast<ptrdiff_t>(panel - first) * columns_size()));
    }
  }

  // y_pairs
  void begin_chunk(ptrdiff_t chunk) {
    const int H = softmax_.H;
    const float* from = softmax_.output_chunks + chunk * H * kChunk;
    auto row = [&](int h, int lane) { return h < H ? load(from + h * kChunk + lane) : h < H + kBiasTerms ? splat(1.0f) : Vec{}; };
    const Planes<int32_t> to = y_pairs(chunk);
    for (int k = 0; k < softmax_.depth / 2; ++k)
      for (int lane = 0; lane < kChunk; lane += kLanes)
        store_pairs<kPlanes>(row(2 * k, lane), row(2 * k + 1, lane), to.from(k * kChunk + lane));
  }

  template <bool kTraining>
  void exponentials(const Block& block) {
    for (int panel = block.first; panel < block.end; ++panel) {
      const int at = panel - block.first, columns = softmax_.columns_of(panel);
      multiplier_.template multiply<kPlanes>({columns,
                                              kChunk,
                                              (softmax_.H + kBiasTerms + 1) / 2,
                                              {ws_rows(at), kPanel * kBlockDepth},
                                              {y_pairs(block.chunk), kChunk},
                                              {worker_.logit_tile, kChunk},
                                              {}},
                                             NoFetch());
      block.next_ws.some();
      if (block.has_targets) target_columns_.pick(block.targets, panel, worker_.logit_tile);
      exponentiate<kPlanes, kTraining>(worker_.logit_tile, columns, block.running, worker_.e_pairs.from(at * (kPairsPerBlock * kChunk)),
                                       kTraining ? kept(panel, block.chunk) : Planes<uint16_t>{}, softmax_.together * kTile);
    }
  }

  void output_gradient(const Block& block, float* gradient) {
    multiplier_.template multiply<kPlanes>({softmax_.H,
                                            kChunk,
                                            (block.end - block.first) * kPairsPerBlock,
                                            {worker_.ws_columns, columns_size()},
                                            {worker_.e_pairs, kChunk},
                                            {gradient, kChunk},
                                            {gradient, kChunk}},
                                           NoFetch());
  }

  void rescale(int end, ptrdiff_t chunk, const float* factor) const {
    for (int panel = 0; panel < end; ++panel) {
      const Planes<uint16_t> rows = kept(panel, chunk);
      for (int at = 0; at < kTile; at += kLanes)
        store_terms<kPlanes>(load_terms<kPlanes>(rows.from(at)) * load(factor + at % kChunk), rows.from(at));
    }
    float shuffled[kChunk];
    memcpy(shuffled, factor, sizeof(shuffled));
    shuffle_tokens(shuffled);
    rescale_rows(softmax_.output_gradient_of(chunk), softmax_.H, shuffled);
  }

  void end_chunk(ptrdiff_t chunk) const {
    for (int h = 0; h < softmax_.H; ++h) unshuffle_tokens(softmax_.output_gradient_of(chunk) + h * kChunk);
  }

  // y_weighed, from `outputs`
  void begin_gradient() {
    const int H = softmax_.H, row_size = softmax_.hidden_row;
    const Planes<int32_t> weighed = softmax_.y_weighed;
    for (ptrdiff_t pair = 0; pair < chunks_ * (kChunk / 2); ++pair) {
      const float *first = softmax_.outputs.at(2 * pair), *second = first + row_size;
      const Planes<int32_t> to = weighed.from(pair * softmax_.gradient_row);
      for (int h = 0; h < row_size; h += kLanes) store_pairs<kPlanes>(load(first + h), load(second + h), to.from(h));
      int32_t words[kPlanes * kLanes];
      store_pairs<kPlanes>(splat(softmax_.token_weight[2 * pair]), splat(softmax_.token_weight[2 * pair + 1]), {words, kLanes});
      for (int plane = 0; plane < kPlanes; ++plane) to.values[plane * to.plane + H] = words[plane * kLanes];
    }
  }

  void gradient(int first, int count, PanelGradient gradient) {
    const Rows rows = worker_.gradient_rows;
    Fetch soon;  // the next panels' exponentials
    if (first + count < softmax_.panels)
      for (int plane = 0; plane < kPlanes; ++plane)
        soon.add(kept(first + count, 0).values + plane * softmax_.e_rows.plane,
                 chunks_ * count * kTile * static_cast<ptrdiff_t>(sizeof(uint16_t)));
    const PairProduct product{count * kPanel,
                              softmax_.gradient_row,
                              static_cast<int>(chunks_) * kPairsPerBlock,
                              {kept(first, 0), softmax_.together * kTile},
                              {softmax_.y_weighed, softmax_.gradient_row},
                              rows,
                              {}};
    static_assert(kPanelsTogether * kPanel == 64);
    if (count == kPanelsTogether)
      multiplier_.template multiply_tall<kPlanes>(product, soon);
    else
      multiplier_.template multiply<kPlanes>(product, soon);
    for (int v = 0; v < count * kPanel; ++v) gradient.bias[v] += rows.at(v)[softmax_.H];
    for (int i = 0; i < count; ++i)
      transpose_matrix(kPanel, softmax_.H, rows.at(i * kPanel), rows.row, gradient.of(softmax_, i).ws, kPanel);
  }

 private:
  static constexpr ptrdiff_t kTile = kPanel * kChunk;

  Planes<uint16_t> ws_rows(int at) const { return worker_.ws_rows.from(static_cast<ptrdiff_t>(at) * kPanel * softmax_.depth); }
  ptrdiff_t columns_size() const { return static_cast<ptrdiff_t>(softmax_.hidden_row) * kPanel; }
  Planes<int32_t> y_pairs(ptrdiff_t chunk) const { return softmax_.y_pairs.from(chunk * (softmax_.depth / 2) * kChunk); }
  Planes<uint16_t> kept(int panel, ptrdiff_t chunk) const {
    const int together = softmax_.together;
    return softmax_.e_rows.from(((panel / together * chunks_ + chunk) * together + panel % together) * kTile);
  }

  // to (D/32, 32 v, 32) from ws (H, 32 v) and bias (32 v): pair words along h, transposed.
  void split_rows(const float* ws, const float* bias, Planes<uint16_t> to) const {
    const int H = softmax_.H;
    float bias_terms[kBiasTerms][kPanel];
    for (int v = 0; v < kPanel; v += kLanes) {
      Vec rest = load(bias + v);
      for (auto& term : bias_terms) {
        const Vec upper = as_float(as_int(rest) & kUpperHalf);  // 8 bits a term
        store(term + v, upper);
        rest -= upper;
      }
    }
    auto row = [&](int h, int v) { return h < H ? load(ws + h * kPanel + v) : h < H + kBiasTerms ? load(bias_terms[h - H] + v) : Vec{}; };
    constexpr int kWords = kPairsPerBlock * kPanel;
    int32_t words[kPlanes][kWords];
    for (int first = 0; first < softmax_.depth; first += kBlockDepth) {
      for (int pair = 0; pair < kPairsPerBlock; ++pair)
        for (int v = 0; v < kPanel; v += kLanes)
          store_pairs<kPlanes>(row(first + 2 * pair, v), row(first + 2 * pair + 1, v), {words[0] + pair * kPanel + v, kWords});
      for (int plane = 0; plane < kPlanes; ++plane)
        transpose_matrix(kPairsPerBlock, kPanel, reinterpret_cast<const float*>(words[plane]), kPanel,
                         reinterpret_cast<float*>(to.values + plane * to.plane + first * kPanel), kPairsPerBlock);
    }
  }

  const Softmax& softmax_;
  const Worker& worker_;
  ptrdiff_t chunks_;
  TargetColumns target_columns_;
  PairMultiplier multiplier_;
};

}  // namespace
