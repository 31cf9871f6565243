// The softmax's three products on bf16 terms: Products for softmax_forward (softmax.h) and for gradient_of_panel (softmax_gradient.h).
//
// Layouts, each once per plane (one plane for bf16, three for bf16x3); D = H rounded up to 32, C chunks of 32 tokens:
//   ws_rows    (panels, 32 v, D)             bf16: Ws^T, the left operand of logits (v, token) = Ws^T y^T
//   ws_columns (panels, H, 32 v)             bf16: the left operand of dy^T (h, token) = Ws e
//   y_pairs    (C, D/2, 32 tokens)           pair words along h: the right operand of the logits
//   e_pairs    (panels, C, 16, 32 tokens)    pair words along v: the right operand of dy^T
//   y_rows     (H, 32 C tokens)              bf16: y/(Z count) transposed, the left operand of dWs (h, v) = y^T e
//   t_pairs    (32 chunks, 16, 32 v)         pair words along tokens: e transposed, the right operand of dWs
#pragma once

#include "softmax_gradient.h"
#include "tiles.h"

namespace {

inline int depth_of(const Core& core) { return (core.H + 31) / 32 * 32; }

class Bf16Products {
 public:
  Bf16Products(Core& core, ptrdiff_t N, bool training) : core_(core), chunks_((N + kChunk - 1) / kChunk), training_(training) {}

  // The outputs of all tokens as pair words.
  void begin() {
    const int pairs = depth_of(core_) / 2;
    for (ptrdiff_t chunk = 0; chunk < chunks_; ++chunk)
      for (int k = 0; k < pairs; ++k)
        for (int lane = 0; lane < kChunk; lane += kLanes) {
          const float* from = core_.output_chunks + (chunk * core_.H + 2 * k) * kChunk + lane;
          Vec first = 2 * k < core_.H ? load(from) : Vec{}, second = 2 * k + 1 < core_.H ? load(from + kChunk) : Vec{};
          store_pairs(first, second, core_.y_pairs + (chunk * pairs + k) * kChunk + lane, core_.y_pairs_plane);
        }
  }

  float* tile(int, int in_block, ptrdiff_t) const { return core_.logit_tiles + in_block * (kPanel * kChunk); }

  void logits(int panel, ptrdiff_t chunk, float* tile, float* largest) {
    const float* bias = core_.parameters[TBPTT_BS].values + panel * kPanel;
    const int rows = columns_of_panel(core_, panel), depth = depth_of(core_);
    for (int v = 0; v < rows; ++v)
      for (int lane = 0; lane < kChunk; lane += kLanes) store(tile + v * kChunk + lane, splat(bias[v]));
    if (training_)  // the words that will be kept are cold: own their lines by then
      for (int plane = 0; plane < core_.planes; ++plane)
        for (int at = 0; at < kPairsPerBlock * kChunk; at += 16)
          __builtin_prefetch(tile_words(panel, chunk) + plane * core_.e_pairs_plane + at, 1);
    multiply_planes({rows, depth / 32, (core_.H + 1) / 2 - (depth / 32 - 1) * kPairsPerBlock,
                     core_.ws_rows + static_cast<ptrdiff_t>(panel) * kPanel * depth, depth, 32,
                     core_.y_pairs + chunk * (depth / 2) * kChunk, kPairsPerBlock * kChunk, tile},
                    core_.ws_rows_plane, core_.y_pairs_plane, {});
    for (int lane = 0; lane < kChunk; lane += 2 * kLanes) {
      Vec top0 = load(largest + lane), top1 = load(largest + lane + kLanes);
      for (int v = 0; v < rows; ++v) {
        top0 = larger(top0, load(tile + v * kChunk + lane));
        top1 = larger(top1, load(tile + v * kChunk + lane + kLanes));
      }
      store(largest + lane, top0);
      store(largest + lane + kLanes, top1);
    }
  }

  template <bool kTraining>
  void keep(int panel, ptrdiff_t chunk, float* tile, const float* reference, float* partition) {
    const int rows = columns_of_panel(core_, panel);
    if constexpr (!kTraining) return exponentiate(tile, rows, reference, partition);
    int32_t* words = tile_words(panel, chunk);
    for (int lane = 0; lane < kChunk; lane += kLanes) {
      const Vec from = load(reference + lane);
      Vec sum{};
#pragma GCC unroll 2
      for (int v = 0; v < kPanel; v += 2) {
        const float* at = tile + v * kChunk + lane;
        Vec first = v < rows ? exponential_of_shifted(load(at) - from) : Vec{};
        Vec second = v + 1 < rows ? exponential_of_shifted(load(at + kChunk) - from) : Vec{};
        sum += first;
        sum += second;
        store_pairs(first, second, words + v / 2 * kChunk + lane, core_.e_pairs_plane);
      }
      store(partition + lane, load(partition + lane) + sum);
    }
  }

  void output_gradient(int first_panel, int end_panel, ptrdiff_t chunk, float* gradient) {
    const ptrdiff_t panel_size = static_cast<ptrdiff_t>(core_.H) * kPanel;
    multiply_planes({core_.H, end_panel - first_panel, kPairsPerBlock, core_.ws_columns + first_panel * panel_size, kPanel, panel_size,
                     tile_words(first_panel, chunk), chunks_ * (kPairsPerBlock * kChunk), gradient},
                    core_.ws_columns_plane, core_.e_pairs_plane, {});
  }

  void rescale(int panel, ptrdiff_t chunk, const float* factor) {
    int32_t* words = tile_words(panel, chunk);
    for (int row = 0; row < kPairsPerBlock; ++row)
      for (int lane = 0; lane < kChunk; lane += kLanes) {
        int32_t* at = words + row * kChunk + lane;
        Vec first{}, second{};
        for (int plane = core_.planes - 1; plane >= 0; --plane) {
          first += first_of_pair(load_int(at + plane * core_.e_pairs_plane));
          second += second_of_pair(load_int(at + plane * core_.e_pairs_plane));
        }
        first *= load(factor + lane);
        second *= load(factor + lane);
        store_pairs(first, second, at, core_.e_pairs_plane);
      }
  }

  void finish() {}

  // y_rows from output_rows (already weighed).
  void begin_gradient() {
    const ptrdiff_t width = chunks_ * kChunk;
    float rows[16 * kChunk];
    for (ptrdiff_t chunk = 0; chunk < chunks_; ++chunk)
      for (int h = 0; h < core_.H; h += 16) {
        const int count = core_.H - h < 16 ? core_.H - h : 16;
        transpose_matrix(kChunk, count, core_.output_rows + chunk * kChunk * core_.hidden_row + h, core_.hidden_row, rows, kChunk);
        for (int i = 0; i < count; ++i) store_terms(rows + i * kChunk, core_.y_rows + (h + i) * width + chunk * kChunk, core_.y_rows_plane);
      }
  }

  // gradient (H, 32) of a panel and, added to bias (32), that of its bias, without the targets' part.
  void gradient(int panel, float* gradient, float* bias) {
    memset(gradient, 0, static_cast<size_t>(core_.H * kPanel) * sizeof(float));
    const ptrdiff_t width = chunks_ * kChunk;
    constexpr ptrdiff_t kBlockChunks = kDepthBlock / kChunk;
    for (ptrdiff_t first = 0; first < chunks_; first += kBlockChunks) {
      const ptrdiff_t count = chunks_ - first < kBlockChunks ? chunks_ - first : kBlockChunks;
      for (int plane = 0; plane < core_.planes; ++plane)
        for (ptrdiff_t chunk = 0; chunk < count; ++chunk)
          transpose_pairs(tile_words(panel, first + chunk) + plane * core_.e_pairs_plane, core_.token_weight + (first + chunk) * kChunk,
                          core_.t_pairs + plane * core_.t_pairs_plane + chunk * (kPairsPerBlock * kPanel), bias);
      const int32_t* soon = tile_words(panel, first + count);
      const bool ends = first + count == chunks_ && panel + 1 == core_.panels;
      const ptrdiff_t steps = (core_.H + kTileRows - 1) / kTileRows * count, lines = count * kPairsPerBlock * 2;
      multiply_planes({core_.H, static_cast<int>(count), kPairsPerBlock, core_.y_rows + first * kChunk, width, kChunk, core_.t_pairs,
                       kPairsPerBlock * kPanel, gradient},
                      core_.y_rows_plane, core_.t_pairs_plane, {soon, soon + (ends ? 0 : lines * 16), (lines + steps - 1) / steps});
    }
  }

  // ws_rows and ws_columns of one panel from the master weights.
  static void refresh(Core& core, int panel) {
    const int depth = depth_of(core);
    const float* ws = core.parameters[TBPTT_WS].values + static_cast<ptrdiff_t>(panel) * core.H * kPanel;
    Bf16Products products(core, 0, true);
    float rows[kPanel * kPanel];
    for (int h = 0; h < core.H; h += kPanel) {
      const int count = core.H - h < kPanel ? core.H - h : kPanel;
      for (int i = 0; i < count; ++i)
        products.store_terms(ws + (h + i) * kPanel, core.ws_columns + (static_cast<ptrdiff_t>(panel) * core.H + h + i) * kPanel,
                             core.ws_columns_plane);
      if (count < kPanel) memset(rows, 0, sizeof(rows));
      transpose_matrix(count, kPanel, ws + h * kPanel, kPanel, rows, kPanel);
      for (int v = 0; v < kPanel; ++v)
        products.store_terms(rows + v * kPanel, core.ws_rows + (static_cast<ptrdiff_t>(panel) * kPanel + v) * depth + h,
                             core.ws_rows_plane);
    }
  }

 private:
  // product.c += the terms' products; a_plane and b_plane are the distances between the operands' planes.
  void multiply_planes(PairProduct product, ptrdiff_t a_plane, ptrdiff_t b_plane, Fetch fetch) {
    if (core_.planes == 1) return multiply_one(product, fetch);
    static const int8_t kTerms[6][2] = {{2, 0}, {1, 1}, {0, 2}, {1, 0}, {0, 1}, {0, 0}};
    const uint16_t* a = product.a;
    const int32_t* b = product.b;
    for (const auto& term : kTerms) {
      product.a = a + term[0] * a_plane;
      product.b = b + term[1] * b_plane;
      multiply_one(product, fetch);
    }
  }

  void multiply_one(const PairProduct& product, Fetch& fetch) {
#if defined(TBPTT_HAS_TILES)
    tiles_.multiply(product, fetch);
#else
    multiply_pairs_by_vectors(product, fetch);
#endif
  }

  int32_t* tile_words(int panel, ptrdiff_t chunk) const { return core_.e_pairs + (panel * chunks_ + chunk) * (kPairsPerBlock * kChunk); }

  // Both values' terms, plane by plane.
  TBPTT_INLINE void store_pairs(Vec first, Vec second, int32_t* to, ptrdiff_t plane_size) const {
    if (core_.planes == 1) return store_int(to, round_to_pair(first, second));
    for (int plane = 0; plane < core_.planes; ++plane) {
      const Vec a = next_term(first), b = next_term(second);
      store_int(to + plane * plane_size, pair(a, b));
    }
  }

  // 32 values as bf16 terms.
  void store_terms(const float* from, uint16_t* to, ptrdiff_t plane_size) const {
    for (int i = 0; i < 32; i += kLanes) {
      Vec rest = load(from + i);
      for (int plane = 0; plane < core_.planes; ++plane) {
        typedef uint16_t Halves __attribute__((vector_size(kLanes * 2)));
        typedef uint32_t Words __attribute__((vector_size(kLanes * 4)));
        const Words words = reinterpret_cast<Words>(shift_right(as_int(next_term(rest)), 16));
        const Halves halves = __builtin_convertvector(words, Halves);
        memcpy(to + plane * plane_size + i, &halves, sizeof(halves));
      }
    }
  }

  // (16, 32 tokens) pairs along v -> (16, 32 v) pairs along tokens; bias (32) += the sum over tokens of weight e.
  static void transpose_pairs(const int32_t* from, const float* weight, int32_t* to, float* bias) {
    for (int row = 0; row < kPairsPerBlock; row += kLanes) {
      Vec even = Vec{}, odd = Vec{};
      for (int token = 0; token < kChunk; token += kLanes) {
        Vec block[kLanes];
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; ++i) block[i] = as_float(load_int(from + (row + i) * kChunk + token));
        transpose(block);
#pragma GCC unroll 16
        for (int i = 0; i < kLanes; i += 2) {
          const IntVec now = as_int(block[i]), next = as_int(block[i + 1]);
          even = fma(first_of_pair(now), splat(weight[token + i]), even);
          odd = fma(second_of_pair(now), splat(weight[token + i]), odd);
          even = fma(first_of_pair(next), splat(weight[token + i + 1]), even);
          odd = fma(second_of_pair(next), splat(weight[token + i + 1]), odd);
          const Vec evens = as_float((now & 0xFFFF) | (next << 16)), odds = as_float(shift_right(now, 16) | (next & kUpperHalf));
          int32_t* at = to + (token + i) / 2 * kPanel + 2 * row;
          store_int(at, as_int(interleave_low(evens, odds)));
          store_int(at + kLanes, as_int(interleave_high(evens, odds)));
        }
      }
      float* sums = bias + 2 * row;
      store(sums, load(sums) + interleave_low(even, odd));
      store(sums + kLanes, load(sums + kLanes) + interleave_high(even, odd));
    }
  }

  Core& core_;
  ptrdiff_t chunks_;
  bool training_;
#if defined(TBPTT_HAS_TILES)
  Tiles tiles_;  // configured once, not at every product
#endif
};

}  // namespace
