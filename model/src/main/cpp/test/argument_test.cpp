#include <doctest/doctest.h>

#include <cmath>
#include <cstdlib>
#include <functional>
#include <string>

#include "problem.h"

namespace {

constexpr int kV = 9, kE = 3, kH = 4, kB = 2, kT = 4;

// Runs `call`, which must be refused, and gives the message.
std::string refusal(const std::function<int32_t(char*, int32_t)>& call, int32_t status = TBPTT_INVALID_ARGUMENT) {
  char message[256] = "";
  CHECK(call(message, sizeof(message)) == status);
  CHECK(std::string(message).size() > 5);
  return message;
}

std::string config_refusal(const std::function<void(tbptt_config&)>& change) {
  tbptt_config config = make_config(kV, kE, kH, kB, kT);
  change(config);
  uint64_t bytes;
  return refusal([&](char* message, int32_t size) { return tbptt_required_bytes(&config, &bytes, message, size); });
}

bool has(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

}  // namespace

TEST_CASE("bad configurations are refused with the value and what is allowed") {
  CHECK(config_refusal([](tbptt_config& c) { c.vocabulary = 0; }) == "config.vocabulary 0: allowed 1..16777216");
  CHECK(config_refusal([](tbptt_config& c) { c.threads = 1025; }) == "config.threads 1025: allowed 0..1024");
  CHECK(has(config_refusal([](tbptt_config& c) { c.struct_bytes = 8; }), "config.struct_bytes 8: allowed 112"));
  CHECK(has(config_refusal([](tbptt_config& c) { c.hidden = -1; }), "-1"));
  CHECK(has(config_refusal([](tbptt_config& c) { c.cell = 5; }), "allowed 0..4"));
  CHECK(has(config_refusal([](tbptt_config& c) { c.beta1 = 1; }), "allowed [0, 1)"));
  CHECK(has(config_refusal([](tbptt_config& c) { c.beta2 = NAN; }), "nan"));
  CHECK(has(config_refusal([](tbptt_config& c) { c.epsilon = 0; }), "epsilon 0"));
  CHECK(has(config_refusal([](tbptt_config& c) { c.clip_norm = -1; }), "clip_norm -1"));
  CHECK(has(config_refusal([](tbptt_config& c) { c.layers = 9; }), "layers"));
  CHECK(has(config_refusal([](tbptt_config& c) {
              c.steps_capacity = 65536;
              c.batch = 65536;
            }),
            "4294967296"));
}

TEST_CASE("bad windows are refused with the value and what is allowed") {
  NativeCore core(make_config(kV, kE, kH, kB, kT, 2));
  Problem problem(kV, kE, kH, kB, kT, 1);
  problem.load(core);
  auto refused = [&](const std::function<void(tbptt_window&)>& change) {
    tbptt_window window = problem.window();
    change(window);
    return refusal([&](char* message, int32_t size) { return tbptt_train(core.get(), &window, 0.1, nullptr, message, size); });
  };
  std::vector<int32_t> tokens = problem.tokens;
  tokens[5] = kV;
  CHECK(refused([&](tbptt_window& w) { w.tokens = tokens.data(); }) == "window.tokens[5] is 9: allowed -1..8");
  tokens[5] = -2;
  CHECK(refused([&](tbptt_window& w) { w.targets = tokens.data(); }) == "window.targets[5] is -2: allowed -1..8");
  CHECK(refused([](tbptt_window& w) { w.steps = 5; }) == "window.steps 5: allowed 1..4");
  CHECK(refused([](tbptt_window& w) { w.inject_every = 3; }) == "window.inject_every 3: allowed divisors of window.steps 4");
  CHECK(refused([](tbptt_window& w) { w.reach = 3; }) == "window.reach 3: allowed 4..1073741824");
  CHECK(refused([](tbptt_window& w) { w.history_steps = 3; }) == "window.history_steps 3: allowed 0..2");
  CHECK(refused([](tbptt_window& w) { w.input_keep = 0; }) == "window.input_keep 0: allowed (0, 1]");
  CHECK(has(refused([](tbptt_window& w) { w.link_keep = 1.5; }), "link_keep 1.5"));
  CHECK(has(refused([](tbptt_window& w) { w.recurrent_scale = INFINITY; }), "recurrent_scale inf"));
  CHECK(has(refused([](tbptt_window& w) { w.targets = nullptr; }), "null"));
  CHECK(has(refused([](tbptt_window& w) { w.tokens = reinterpret_cast<const int32_t*>(reinterpret_cast<uintptr_t>(w.tokens) + 1); }),
            "multiples of 4"));
  std::vector<float> mask = problem.mask_in;
  mask[2] = NAN;
  CHECK(has(refused([&](tbptt_window& w) { w.input_mask = mask.data(); }), "input_mask[2]"));
  const tbptt_window good = problem.window();
  for (double rate : {-1.0, static_cast<double>(NAN), static_cast<double>(INFINITY), 1e60})
    CHECK(has(refusal([&](char* m, int32_t s) { return tbptt_train(core.get(), &good, rate, nullptr, m, s); }), "learning_rate"));
  CHECK(has(refusal([&](char* m, int32_t s) { return tbptt_train(core.get(), nullptr, 0.1, nullptr, m, s); }), "null"));
  tbptt_gradient_output output{};
  output.lags = 2;
  CHECK(has(refusal([&](char* m, int32_t s) { return tbptt_gradients(core.get(), &good, &output, nullptr, m, s); }), "inject_every 4"));
}

TEST_CASE("bad cores, arenas, tensors and counters are refused") {
  const tbptt_config config = make_config(kV, kE, kH, kB, kT);
  std::vector<float> arena(1000);
  tbptt_core* made = nullptr;
  CHECK(has(refusal([&](char* m, int32_t s) { return tbptt_create(&config, arena.data(), 4000, &made, m, s); }, TBPTT_OUT_OF_ARENA),
            "arena of 4000 bytes"));
  CHECK(made == nullptr);
  refusal([&](char* m, int32_t s) { return tbptt_create(&config, nullptr, 1 << 30, &made, m, s); });
  refusal([&](char* m, int32_t s) { return tbptt_reset_state(nullptr, m, s); });
  alignas(64) static char garbage[4096] = {};
  refusal([&](char* m, int32_t s) { return tbptt_reset_state(reinterpret_cast<tbptt_core*>(garbage), m, s); });
  NativeCore core(config);
  CHECK_THROWS_WITH(core.write(TBPTT_W, std::vector<float>(3)), "status 1: count 3 of tensor 1: allowed 28 (7 x 4)");
  CHECK_THROWS(core.write(18, std::vector<float>(3)));
  CHECK_THROWS(core.set_counter(TBPTT_HISTORY_STEPS, 1));
  CHECK_THROWS(core.set_counter(7, 1));
  CHECK_THROWS_WITH(core.set_counter(TBPTT_OPTIMIZER_STEPS, INT64_MAX - 1),
                    "status 1: counter 0 set to 9223372036854775806: allowed 0..9007199254740992");
  core.set_counter(TBPTT_OPTIMIZER_STEPS, int64_t{1} << 53);
  CHECK(core.counter(TBPTT_OPTIMIZER_STEPS) == int64_t{1} << 53);
  tbptt_destroy(core.get());
  refusal([&](char* m, int32_t s) { return tbptt_reset_state(core.get(), m, s); });
  // No message wanted: no harm.
  CHECK(tbptt_reset_state(nullptr, nullptr, 0) == TBPTT_INVALID_ARGUMENT);
  char tiny[4];
  CHECK(tbptt_reset_state(nullptr, tiny, sizeof(tiny)) == TBPTT_INVALID_ARGUMENT);
  CHECK(tiny[3] == 0);
}

TEST_CASE("values that are not finite are refused and leave the matrix as it was") {
  NativeCore core(make_config(kV, kE, kH, kB, kT, 2));
  const Problem problem(kV, kE, kH, kB, kT, 1);
  problem.load(core);
  core.train(problem.window(), 0.1);
  for (int tensor = 0; tensor < TBPTT_TENSOR_COUNT; ++tensor) {
    const std::vector<float> before = core.read(tensor);
    for (float bad : {NAN, -INFINITY, INFINITY}) {
      const bool second_moment = tensor >= TBPTT_SECOND_MOMENT && tensor < TBPTT_STATE;
      if (second_moment && bad == INFINITY) continue;  // what the square of a large gradient leaves
      std::vector<float> values = before;
      values[3] = bad;
      const std::string found = std::isnan(bad) ? "nan" : bad < 0 ? "-inf" : "inf";
      const std::string wanted = "status 1: values[3] of tensor " + std::to_string(tensor) + " is " + found + ": allowed " +
                                 (second_moment ? "numbers from 0 on" : "finite numbers");
      CHECK_THROWS_WITH(core.write(tensor, values), wanted.c_str());
    }
    CHECK(core.read(tensor) == before);
  }
  std::vector<float> second = core.read(TBPTT_SECOND_MOMENT);
  second[1] = -1;
  CHECK_THROWS_WITH(core.write(TBPTT_SECOND_MOMENT, second), "status 1: values[1] of tensor 10 is -1: allowed numbers from 0 on");
  second[1] = INFINITY;
  core.write(TBPTT_SECOND_MOMENT, second);
  CHECK(core.read(TBPTT_SECOND_MOMENT) == second);
}

TEST_CASE("a history whose tokens or edges cannot be is refused") {
  NativeCore core(make_config(kV, kE, kH, kB, kT, 2));
  const Problem problem(kV, kE, kH, kB, kT, 1);
  problem.load(core);
  core.train(problem.window(), 0.1);
  const size_t columns = 2 + 2 * kE + 3 * kH;
  for (float bad : {-2.0f, 1.5f, static_cast<float>(kV), 1e20f}) {
    std::vector<float> history = core.read(TBPTT_HISTORY);
    history[columns] = bad;
    CHECK_THROWS_WITH(core.write(TBPTT_HISTORY, history), doctest::Contains(": allowed tokens -1..8"));
    history = core.read(TBPTT_HISTORY);
    history[columns + 1] = bad;
    CHECK_THROWS_WITH(core.write(TBPTT_HISTORY, history), doctest::Contains(": allowed edges 0 or 1"));
  }
}

TEST_CASE("peaks are probed on every instruction set that there is, and are 0 on others") {
  for (int32_t isa : available_isas()) {
    CHECK(tbptt_probe_fp32_gflops(isa, 0.001) > 0);
    CHECK(tbptt_probe_cache_gbps(isa, 0.001) > 0);
  }
  CHECK(tbptt_probe_fp32_gflops(TBPTT_ISA_COUNT, 0.001) == 0);
  CHECK(tbptt_probe_cache_gbps(TBPTT_ISA_COUNT, 0.001) == 0);
}

TEST_CASE("TBPTT_ISA forces an instruction set, and an impossible one is an error that names what there is") {
  const char* kept = std::getenv("TBPTT_ISA");
  const std::string before = kept ? kept : "";
  int32_t isa = 0;
  char message[256];
  setenv("TBPTT_ISA", tbptt_isa_name(TBPTT_ISA_BASELINE), 1);
  CHECK(tbptt_isa_choose(&isa, message, sizeof(message)) == TBPTT_OK);
  CHECK(isa == TBPTT_ISA_BASELINE);
  setenv("TBPTT_ISA", "altivec", 1);
  CHECK(has(refusal([&](char* m, int32_t s) { return tbptt_isa_choose(&isa, m, s); }, TBPTT_UNSUPPORTED), "available: "));
  for (int32_t other = 1; other < TBPTT_ISA_COUNT; ++other) {
    if (tbptt_isa_available(other)) continue;
    setenv("TBPTT_ISA", tbptt_isa_name(other), 1);
    CHECK(has(refusal([&](char* m, int32_t s) { return tbptt_isa_choose(&isa, m, s); }, TBPTT_UNSUPPORTED), tbptt_isa_name(other)));
  }
  if (kept)
    setenv("TBPTT_ISA", before.c_str(), 1);
  else
    unsetenv("TBPTT_ISA");
}
