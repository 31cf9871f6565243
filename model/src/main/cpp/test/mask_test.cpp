#include <doctest/doctest.h>

#include <cmath>

#include "problem.h"

TEST_CASE("Philox gives the published numbers") {
  uint32_t words[4];
  // Random123's known answers: all zeros, all ones, digits of pi.
  tbptt_philox(0, 0, 0, 0, 0, words);
  CHECK(words[0] == 0x6627e8d5u);
  CHECK(words[1] == 0xe169c58du);
  CHECK(words[2] == 0xbc57ac4cu);
  CHECK(words[3] == 0x9b00dbd8u);
  tbptt_philox(~0ull, ~0u, ~0u, ~0u, ~0ull >> 30, words);
  CHECK(words[0] == 0x408f276du);
  CHECK(words[1] == 0x41c83b0eu);
  CHECK(words[2] == 0xa20bc7c6u);
  CHECK(words[3] == 0x6d5451fdu);
  tbptt_philox(0x299f31d0a4093822ull, 0x13198a2eu, 0x85a308d3u, 0x03707344u, 0x243f6a88ull * 4, words);
  CHECK(words[0] == 0xd16cfe09u);
  CHECK(words[1] == 0x94fdccebu);
  CHECK(words[2] == 0x5001e420u);
  CHECK(words[3] == 0x24126ea1u);
}

TEST_CASE("masks made inside are those of the documented layout") {
  const int V = 20, E = 7, H = 10, B = 3, T = 5, first_step = 4;
  Problem problem(V, E, H, B, T, 21);
  for (int32_t isa : available_isas()) {
    tbptt_config config = make_config(V, E, H, B, T);
    config.isa = isa;
    NativeCore core(config);
    problem.load(core);
    tbptt_window window = make_window(T, problem.tokens.data(), problem.targets.data());
    window.input_keep = 0.8;
    window.output_keep = 0.35;
    window.link_keep = 0.5;
    window.seed = 0xFEDCBA9876543210ull;
    window.epoch = 3;
    window.window = 1234567;
    window.first_step = first_step;
    const Gradients inside = core.gradients(window);
    auto draw = [&](uint32_t purpose, int width, double keep) {
      std::vector<float> mask(static_cast<size_t>(T * B * width));
      for (size_t i = 0; i < mask.size(); ++i) {
        const uint64_t position = static_cast<uint64_t>(first_step * B * width) + i;
        uint32_t words[4];
        tbptt_philox(window.seed, window.epoch, window.window, purpose, position, words);
        mask[i] = words[position % 4] < static_cast<uint64_t>(std::floor(keep * 4294967296.0)) ? static_cast<float>(1 / keep) : 0.0f;
      }
      return mask;
    };
    const std::vector<float> in = draw(1, E, 0.8), out = draw(2, H, 0.35), links = draw(3, 1, 0.5);
    window.input_mask = in.data();
    window.output_mask = out.data();
    window.link_mask = links.data();
    CHECK(distance(inside, core.gradients(window)) == 0);
  }
}
