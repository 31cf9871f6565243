// The softmax's three products on bf16 terms: Products for softmax_forward (softmax.h) and for gradient_of_panel (window.h).
//
// Layouts, each once per plane (one plane for bf16, three for bf16x3); D = H + 3 rounded up to 32, G = H + 1 rounded up to 16,
// C chunks of 32 tokens:
//   ws_rows     (a block's panels, D/32, 32 v, 32)  bf16: Ws^T, then bs in three terms: the left operand of logits (v, token)
//   y_pairs     (C, D/2, 32 tokens)          pair words along h, then three ones: the right operand of the logits
//   ws_columns  (a block's panels, hidden_row, 32 v)  bf16: the left operand of dy^T (h, token) = Ws e
//   e_pairs     (a block's panels, 16, 32)   pair words along v of one chunk: the right operand of dy^T
//   e_rows      (panels, C, 32 v, 32 tokens) bf16: kept, the left operand of dWs^T (v, h) = e y
//   y_weighed   (16 C, G)                    pair words along tokens: y/(Z count), then 1/(Z count), whose column gives the bias's gradient
// Products and exponentials take turns, a tile of 32 x 32 logits each: taken between one another's instructions they were slower.
#pragma once

#include "pair_multiplier.h"
#include "softmax_gradient.h"

namespace {

constexpr int kBiasTerms = 3;  // bf16 terms that hold all of an fp32 bias

inline int depth_of(const Core& core) { return (core.H + kBiasTerms + 31) / 32 * 32; }

// Takes the next of kTerms terms off `rest`. One term alone is the nearest bf16 number; of several, each has the upper 8 bits of what the
// ones before it left, so that three hold all 24.
template <int kTerms>
TBPTT_INLINE Vec next_term(Vec& rest) {
  if constexpr (kTerms == 1) return round_to_bf16(rest);
  const Vec term = as_float(as_int(rest) & kUpperHalf);
  rest -= term;
  return term;
}

template <int kPlanes>
class Bf16Products {
 public:
  Bf16Products(Core& core, const Worker& worker, ptrdiff_t N) : core_(core), worker_(worker), chunks_((N + kChunk - 1) / kChunk) {}

  // y_pairs from the outputs of some chunks.
  void begin(ptrdiff_t first_chunk, ptrdiff_t end_chunk) {
    const int H = core_.H, pairs = depth_of(core_) / 2;
    auto row = [&](const float* chunk, int h) {
      return [=](int lane) { return h < H ? load(chunk + h * kChunk + lane) : h < H + kBiasTerms ? splat(1.0f) : Vec{}; };
    };
    for (ptrdiff_t chunk = first_chunk; chunk < end_chunk; ++chunk) {
      const float* from = core_.output_chunks + chunk * H * kChunk;
      for (int k = 0; k < pairs; ++k)
        for (int lane = 0; lane < kChunk; lane += kLanes)
          store_pairs(row(from, 2 * k)(lane), row(from, 2 * k + 1)(lane), core_.y_pairs + (chunk * pairs + k) * kChunk + lane,
                      core_.y_pairs_plane);
    }
  }

  // ws_rows and ws_columns of some panels, from the master weights.
  void begin_block(int first, int end) {
    for (int panel = first; panel < end; ++panel) {
      const float* ws = core_.parameters[TBPTT_WS].values + static_cast<ptrdiff_t>(panel) * core_.H * kPanel;
      split_rows(ws, core_.parameters[TBPTT_BS].values + panel * kPanel, rows_of(panel - first));
      split_columns(ws, columns_of(panel - first));
    }
  }

  template <bool kTraining>
  void exponentials(const Block& block) {
    for (int panel = block.first; panel < block.end; ++panel) {
      logits(panel, panel - block.first, block.chunk);
      pick_targets(core_, block, panel, worker_.logit_tile);
      exponentiate<kTraining>(block, panel);
    }
  }

  void output_gradient(const Block& block, float* gradient) {
    multiply({core_.H, kChunk, block.end - block.first, kPairsPerBlock, columns_of(0), static_cast<ptrdiff_t>(core_.hidden_row) * kPanel,
              core_.ws_columns_plane, worker_.e_pairs, kChunk, kPairsPerBlock * kChunk, core_.e_pairs_plane, gradient, kChunk, true},
             [] {});
  }

  void rescale(int panel, ptrdiff_t chunk, const float* factor) {
    uint16_t* rows = kept(panel, chunk);
    for (int at = 0; at < kPanel * kChunk; at += kLanes) {
      Vec value{};
      for (int plane = kPlanes - 1; plane >= 0; --plane) {
        typedef uint16_t Halves __attribute__((vector_size(kLanes * 2)));
        typedef uint32_t Words __attribute__((vector_size(kLanes * 4)));
        Halves halves;
        memcpy(&halves, rows + plane * core_.e_rows_plane + at, sizeof(halves));
        value += as_float(reinterpret_cast<IntVec>(__builtin_convertvector(halves, Words) << 16));
      }
      store_row(value * load(factor + at % kChunk), rows + at, core_.e_rows_plane);
    }
  }

  void finish(ptrdiff_t, ptrdiff_t) {}

  // y_weighed from output_rows, which are weighed already.
  void begin_gradient() {
    const int H = core_.H, row_size = core_.hidden_row, width = core_.gradient_row;
    for (ptrdiff_t pair = 0; pair < chunks_ * (kChunk / 2); ++pair) {
      const float *first = core_.output_rows + 2 * pair * row_size, *second = first + row_size;
      int32_t* to = core_.y_weighed + pair * width;
      for (int h = 0; h < row_size; h += kLanes) store_pairs(load(first + h), load(second + h), to + h, core_.y_weighed_plane);
      int32_t words[kPlanes * kLanes];
      store_pairs(splat(core_.token_weight[2 * pair]), splat(core_.token_weight[2 * pair + 1]), words, kLanes);
      for (int plane = 0; plane < kPlanes; ++plane) to[plane * core_.y_weighed_plane + H] = words[plane * kLanes];
    }
  }

  // gradient (H, 32) of a panel and, added to bias (32), that of its bias, without the targets' part.
  void gradient(int panel, float* gradient, float* bias) {
    const int width = core_.gradient_row;
    const PairProduct product{kPanel,
                              width,
                              static_cast<int>(chunks_),
                              kPairsPerBlock,
                              kept(panel, 0),
                              kPanel * kChunk,
                              core_.e_rows_plane,
                              core_.y_weighed,
                              width,
                              static_cast<ptrdiff_t>(kPairsPerBlock) * width,
                              core_.y_weighed_plane,
                              worker_.gradient_rows,
                              width,
                              false};
    Fetch soon;  // the next panel's exponentials
    if (panel + 1 < core_.panels)
      for (int plane = 0; plane < kPlanes; ++plane)
        soon.add(kept(panel + 1, 0) + plane * core_.e_rows_plane, chunks_ * kPanel * kChunk * static_cast<ptrdiff_t>(sizeof(uint16_t)));
    soon.spread(PairMultiplier::steps<kPlanes>(product));
    multiply(product, [&] { soon.some(); });
    transpose_matrix(kPanel, core_.H, worker_.gradient_rows, width, gradient, kPanel);
    for (int v = 0; v < kPanel; ++v) bias[v] += worker_.gradient_rows[v * width + core_.H];
  }

 private:
  // From logit_tile: largest, partition, e_pairs and, in training, e_rows of one panel of one chunk.
  template <bool kTraining>
  TBPTT_INLINE void exponentiate(const Block& block, int panel) const {
    constexpr int kParts = kChunk / kLanes;
    const int count = columns_of_panel(core_, panel);
    int32_t* pairs = worker_.e_pairs + (panel - block.first) * (kPairsPerBlock * kChunk);
    uint16_t* rows = kTraining ? kept(panel, block.chunk) : nullptr;
    Vec from[kParts], largest[kParts], sum[kParts];
#pragma GCC unroll 16
    for (int part = 0; part < kParts; ++part) {
      from[part] = load(block.reference + part * kLanes) * splat(kPlanes == 1 ? -kLog2E : 1.0f);
      largest[part] = load(block.largest + part * kLanes);
      sum[part] = Vec{};
    }
    auto exponential_of = [&](int v, int part) {
      const Vec logit = load(worker_.logit_tile + v * kChunk + part * kLanes);
      largest[part] = larger(largest[part], logit);
      const Vec e = kPlanes == 1 ? power_of_two(fma(logit, splat(kLog2E), from[part])) : exponential_of_shifted(logit - from[part]);
      sum[part] += e;
      return e;
    };
    int v = 0;
    for (; v + 2 <= count; v += 2) {
      Vec first[kParts], second[kParts];
#pragma GCC unroll 16
      for (int part = 0; part < kParts; ++part) first[part] = exponential_of(v, part), second[part] = exponential_of(v + 1, part);
      if constexpr (kTraining) store_two_rows(first, second, pairs + v / 2 * kChunk, rows + v * kChunk);
    }
    for (; v < kPanel; v += 2) {  // the last panel's missing columns
      Vec first[kParts] = {}, second[kParts] = {};
      for (int part = 0; part < kParts && v < count; ++part) first[part] = exponential_of(v, part);
      if constexpr (kTraining) store_two_rows(first, second, pairs + v / 2 * kChunk, rows + v * kChunk);
    }
#pragma GCC unroll 16
    for (int part = 0; part < kParts; ++part) {
      store(block.largest + part * kLanes, largest[part]);
      store(block.partition + part * kLanes, load(block.partition + part * kLanes) + sum[part]);
    }
  }

  // logit_tile (32 v, 32 tokens) of a panel, the at-th of its block, and a chunk.
  void logits(int panel, int at, ptrdiff_t chunk) {
    const int depth = depth_of(core_);
    multiply({columns_of_panel(core_, panel), kChunk, depth / 32, (core_.H + kBiasTerms + 1) / 2 - (depth / 32 - 1) * kPairsPerBlock,
              rows_of(at), kPanel * kBlockDepth, core_.ws_rows_plane, core_.y_pairs + chunk * (depth / 2) * kChunk, kChunk,
              kPairsPerBlock * kChunk, core_.y_pairs_plane, worker_.logit_tile, kChunk, false},
             [] {});
  }

  uint16_t* rows_of(int at) const { return worker_.ws_rows + static_cast<ptrdiff_t>(at) * kPanel * depth_of(core_); }
  uint16_t* columns_of(int at) const { return worker_.ws_columns + static_cast<ptrdiff_t>(at) * core_.hidden_row * kPanel; }

  // to (D/32, 32 v, 32) from ws (H, 32 v) and bias (32 v): pair words along h, transposed.
  void split_rows(const float* ws, const float* bias, uint16_t* to) const {
    const int H = core_.H, depth = depth_of(core_);
    float bias_terms[kBiasTerms][kPanel];
    for (int v = 0; v < kPanel; v += kLanes) {
      Vec rest = load(bias + v);
      for (auto& term : bias_terms) store(term + v, next_term<kBiasTerms>(rest));
    }
    auto row = [&](int h, int v) { return h < H ? load(ws + h * kPanel + v) : h < H + kBiasTerms ? load(bias_terms[h - H] + v) : Vec{}; };
    int32_t words[kPlanes][kPairsPerBlock * kPanel];
    for (int first = 0; first < depth; first += 2 * kPairsPerBlock) {
      for (int pair = 0; pair < kPairsPerBlock; ++pair)
        for (int v = 0; v < kPanel; v += kLanes)
          store_pairs(row(first + 2 * pair, v), row(first + 2 * pair + 1, v), words[0] + pair * kPanel + v, kPairsPerBlock * kPanel);
      for (int plane = 0; plane < kPlanes; ++plane)
        transpose_matrix(kPairsPerBlock, kPanel, reinterpret_cast<const float*>(words[plane]), kPanel,
                         reinterpret_cast<float*>(to + plane * core_.ws_rows_plane + first * kPanel), kPairsPerBlock);
    }
  }

  // to (H, 32 v) from ws (H, 32 v)
  void split_columns(const float* ws, uint16_t* to) const {
#if defined(__AVX512BF16__)
    if constexpr (kPlanes == 1) {
      for (int i = 0; i < core_.H * kPanel; i += 2 * kLanes)
        _mm512_storeu_si512(to + i, reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(load(ws + i + kLanes), load(ws + i))));
      return;
    }
#endif
    for (int i = 0; i < core_.H * kPanel; i += kLanes) store_row(load(ws + i), to + i, core_.ws_columns_plane);
  }

  template <typename Between>
  TBPTT_INLINE void multiply(const PairProduct& product, Between between) {
    multiplier_.multiply<kPlanes>(product, between);
  }

  uint16_t* kept(int panel, ptrdiff_t chunk) const { return core_.e_rows + (panel * chunks_ + chunk) * (kPanel * kChunk); }

  // Both values' terms, plane by plane, as pair words.
  TBPTT_INLINE void store_pairs(Vec first, Vec second, int32_t* to, ptrdiff_t plane_size) const {
    if constexpr (kPlanes == 1) return store_int(to, round_to_pair(first, second));
    for (int plane = 0; plane < kPlanes; ++plane) {
      const Vec a = next_term<kPlanes>(first), b = next_term<kPlanes>(second);
      store_int(to + plane * plane_size, pair(a, b));
    }
  }

  TBPTT_INLINE void store_row(Vec values, uint16_t* to, ptrdiff_t plane_size) const {
    for (int plane = 0; plane < kPlanes; ++plane) store_upper_halves(next_term<kPlanes>(values), to + plane * plane_size);
  }

  // Two rows of 32 exponentials: their pair words, and the rows themselves to keep.
  template <int kParts>
  TBPTT_INLINE void store_two_rows(Vec (&first)[kParts], Vec (&second)[kParts], int32_t* pairs, uint16_t* rows) const {
    // The lines where the next chunk's rows will be kept are cold: own them by then.
    for (int plane = 0; plane < kPlanes; ++plane) {
      __builtin_prefetch(rows + plane * core_.e_rows_plane + kPanel * kChunk, 1);
      __builtin_prefetch(rows + plane * core_.e_rows_plane + (kPanel + 1) * kChunk, 1);
    }
#if defined(__AVX512BF16__)
    if constexpr (kPlanes == 1) {
      const __m512i one = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(first[1], first[0]));
      const __m512i two = reinterpret_cast<__m512i>(_mm512_cvtne2ps_pbh(second[1], second[0]));
      _mm512_storeu_si512(rows, one);
      _mm512_storeu_si512(rows + kChunk, two);
      _mm512_storeu_si512(pairs, _mm512_permutex2var_epi16(one, _mm512_load_si512(kPairWords[0]), two));
      _mm512_storeu_si512(pairs + kLanes, _mm512_permutex2var_epi16(one, _mm512_load_si512(kPairWords[1]), two));
      return;
    }
#endif
    for (int plane = 0; plane < kPlanes; ++plane)
#pragma GCC unroll 16
      for (int part = 0; part < kParts; ++part) {
        const Vec a = next_term<kPlanes>(first[part]), b = next_term<kPlanes>(second[part]);
        store_int(pairs + plane * core_.e_pairs_plane + part * kLanes, pair(a, b));
        store_upper_halves(a, rows + plane * core_.e_rows_plane + part * kLanes);
        store_upper_halves(b, rows + plane * core_.e_rows_plane + kChunk + part * kLanes);
      }
  }

  Core& core_;
  const Worker& worker_;
  ptrdiff_t chunks_;
  PairMultiplier multiplier_;
};

}  // namespace
