// The softmax's three products in fp32 (softmax.h says what is asked of them).
#pragma once

#include "exponentials.h"
#include "fetch.h"
#include "softmax.h"

namespace {

class Fp32Products {
 public:
  Fp32Products(const Core& core, const Worker& worker, ptrdiff_t N)
      : softmax_(core.softmax), worker_(worker), N_(N), chunks_(chunks_of(N)), target_columns_(core.softmax, worker) {}

  void begin_block(int first, int) { target_columns_.begin_block(first); }
  void begin_chunk(ptrdiff_t) {}

  template <bool kTraining>
  void exponentials(const Block& block) {
    auto tile_of = [&](int panel) {
      return kTraining ? kept(panel, block.chunk) : worker_.exponentials + (panel - block.first) * (kPanel * kChunk);
    };
    for (int panel = block.first; panel < block.end; ++panel) logits(panel, block, tile_of(panel));
    for (int panel = block.first; panel < block.end; ++panel) {
      block.next_ws.some();
      if (block.has_targets) target_columns_.pick(block.targets, panel, tile_of(panel));
      exponentiate(tile_of(panel), softmax_.columns_of(panel), block.running);
    }
  }

  // dy^T (h, token) += Ws (h, v) e (v, token) over the block's panels
  void output_gradient(const Block& block, float* gradient) const {
    for_each_tile<kTileRows>(softmax_.H, kChunk, [&](auto shape, int h, int lane) {
      typename decltype(shape)::Tile tile;
      float* to = gradient + h * kChunk + lane;
      tile.load_from(to, kChunk);
      for (int panel = block.first; panel < block.end; ++panel)
        tile.add_product(softmax_.columns_of(panel), {ws_of(panel) + h * kPanel, kPanel, 1}, kept(panel, block.chunk) + lane, kChunk);
      tile.store_to(to, kChunk);
    });
  }

  void rescale(int end, ptrdiff_t chunk, const float* factor) const {
    for (int panel = 0; panel < end; ++panel) rescale_rows(kept(panel, chunk), kPanel, factor);
    rescale_rows(softmax_.output_gradient_of(chunk), softmax_.H, factor);
  }

  // Whole tiles are transposed later: the last panel's missing columns become zeros.
  void end_chunk(ptrdiff_t chunk) {
    const int last = softmax_.panels - 1, columns = softmax_.columns_of(last);
    if (columns < kPanel) memset(kept(last, chunk) + columns * kChunk, 0, static_cast<size_t>((kPanel - columns) * kChunk) * sizeof(float));
  }

  // output_groups, once for all panels. A tile of add_tokens takes few columns of every row: as they lie in `outputs`, each token would
  // cost it a cache line of its own.
  void begin_gradient() { group_columns(N_, softmax_.outputs, 0, softmax_.H, softmax_.output_groups); }

  // softmax.together is 1.
  void gradient(int panel, int, PanelGradient gradient) {
    for (ptrdiff_t first = 0; first < N_; first += kDepthBlock) {
      const ptrdiff_t tokens = N_ - first < kDepthBlock ? N_ - first : kDepthBlock, chunk = first / kChunk;
      transpose_exponentials(kept(panel, chunk), softmax_.token_weight + first, tokens, gradient.bias);
      // What is transposed next: the rest of this panel, or the beginning of the next one, which lies right behind it.
      Fetch soon;
      const bool ends = first + kDepthBlock >= N_ && panel + 1 == softmax_.panels;
      if (!ends)
        soon.add(kept(panel, chunk + chunks_of(tokens)), chunks_of(tokens) * kPanel * kChunk * static_cast<ptrdiff_t>(sizeof(float)));
      if (first == 0)
        add_tokens<false>(first, tokens, soon, gradient.ws);
      else
        add_tokens<true>(first, tokens, soon, gradient.ws);
    }
  }

 private:
  const float* ws_of(int panel) const { return softmax_.ws->values() + panel * softmax_.ws->part; }
  float* kept(int panel, ptrdiff_t chunk) const { return softmax_.exponentials + (panel * chunks_ + chunk) * (kPanel * kChunk); }

  // tile (v, token) = bias + Ws^T y^T of one panel; the largest of each token goes into the block's.
  TBPTT_INLINE void logits(int panel, const Block& block, float* tile) const {
    const float *ws = ws_of(panel), *bias = softmax_.bs->values() + panel * kPanel;
    const float* output = softmax_.output_chunks + block.chunk * softmax_.H * kChunk;
    for_each_tile<kTileRows>(softmax_.columns_of(panel), kChunk, [&](auto shape, int first, int lane) {
      typename decltype(shape)::Tile products;
      float *to = tile + first * kChunk + lane, *largest = block.running.largest + lane;
      products.start_rows(bias + first);
      // The tile is cold: own its lines by the time the product is ready to be stored.
      for (int i = 0; i < products.rows; ++i)
        for (int at = 0; at < products.columns; at += 16) __builtin_prefetch(to + i * kChunk + at, 1);
      products.add_product(softmax_.H, {ws + first, 1, kPanel}, output + lane, kChunk);
      products.raise(largest);
      products.store_to(to, kChunk);
    });
  }

  // worker.transposed (token, 32 v) = exponentials of the first tokens of `tiles`; bias (32) += their weighted sum.
  TBPTT_INLINE void transpose_exponentials(const float* tiles, const float* weight, ptrdiff_t tokens, float* bias) const {
    float* to = worker_.transposed;
    for (int v = 0; v < kPanel; v += kLanes) {
      Vec sum = load(bias + v);
      for (ptrdiff_t token = 0; token < tokens; token += kLanes) {
        const float* from = tiles + (token / kChunk) * (kPanel * kChunk) + token % kChunk + v * kChunk;
        Vec block[kLanes];
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; ++i) block[i] = load(from + i * kChunk);
        transpose(block);
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; ++i) {
          store(to + (token + i) * kPanel + v, block[i]);
          sum = fma(splat(weight[token + i]), block[i], sum);
        }
      }
      store(bias + v, sum);
    }
  }

  // gradient (H, 32) = [gradient if kAccumulate] + outputs^T (H, tokens) transposed exponentials (tokens, 32)
  template <bool kAccumulate>
  __attribute__((noinline)) void add_tokens(ptrdiff_t first_token, ptrdiff_t tokens, Fetch& soon, float* gradient) const {
    constexpr int kColumns = 2;
    const float* transposed = worker_.transposed;
    soon.spread((softmax_.H + kTileRows - 1) / kTileRows * (kPanel / (kColumns * kLanes)));
    for_each_group<kTileRows>(softmax_.H, [&](auto group, int first) {
      constexpr int kRows = decltype(group)::value;
      const float* output = softmax_.output_groups + first * N_ + first_token * kRows;
      for (int column = 0; column < kPanel; column += kColumns * kLanes) {
        soon.some();
        RegisterTile<kRows, kColumns> tile;
        float* to = gradient + first * kPanel + column;
        kAccumulate ? tile.load_from(to, kPanel) : tile.clear();
        tile.add_product(tokens, {output, 1, kRows}, transposed + column, kPanel);
        tile.store_to(to, kPanel);
      }
    });
  }

  const Softmax& softmax_;
  const Worker& worker_;
  ptrdiff_t N_, chunks_;
  TargetColumns target_columns_;
};

}  // namespace
