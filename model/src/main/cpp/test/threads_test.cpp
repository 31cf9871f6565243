#include <doctest/doctest.h>
#include <pthread.h>
#include <signal.h>
#include <time.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "problem.h"

namespace {

struct Trained {
  std::vector<tbptt_stats> stats;
  Gradients gradients;
  double loss;
  std::vector<std::vector<float>> tensors;
};

// A few windows, the gradients of another and an evaluation.
Trained train(tbptt_config config, const tbptt_window& style, int threads) {
  config.threads = threads;
  NativeCore core(config);
  const int V = config.vocabulary, E = config.embedding, H = config.hidden, B = config.batch, T = config.steps_capacity;
  Problem(V, E, H, B, T, 1).load(core);
  Trained trained;
  for (unsigned step = 0; step <= 3; ++step) {
    const Problem problem(V, E, H, B, T, 10 + step, 0.8, 0.1);
    tbptt_window window = problem.window();
    window.inject_every = style.inject_every;
    window.reach = style.reach;
    window.history_steps = style.history_steps;
    window.link_keep = style.link_keep;
    window.window = step;
    if (step < 3) {
      trained.stats.push_back(core.train(window, 0.01));
    } else {
      trained.gradients = core.gradients(window);
      trained.loss = core.evaluate(problem.tokens, problem.targets, T);
    }
  }
  for (int tensor = 0; tensor < TBPTT_TENSOR_COUNT; ++tensor) trained.tensors.push_back(core.read(tensor));
  return trained;
}

tbptt_window style(int inject_every, int reach, int history_steps, double link_keep) {
  tbptt_window window{};
  window.inject_every = inject_every;
  window.reach = reach;
  window.history_steps = history_steps;
  window.link_keep = link_keep;
  return window;
}

#if defined(__linux__)
// The threads of this process; an emulator of another processor has some of its own.
std::set<std::string> threads() {
  std::set<std::string> ids;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) ids.insert(task.path().filename());
  return ids;
}
#endif

}  // namespace

TEST_CASE("every number of threads gives the same bits") {
  const tbptt_window styles[] = {style(12, 12, 0, 1), style(1, 5, 4, 1), style(4, 8, 4, 1), style(12, 12, 0, 0.7)};
  for (int32_t isa : available_isas())
    for (int precision : {TBPTT_FP32, TBPTT_BF16, TBPTT_BF16X2})
      for (const tbptt_window& each : styles)
        for (double clip_norm : {0.0, 0.2}) {
          if (kSlow && (clip_norm > 0) != (precision != TBPTT_BF16)) continue;
          tbptt_config config = make_config(201, 19, 37, 11, 12, 4);
          config.isa = isa;
          config.precision = precision;
          config.clip_norm = clip_norm;
          const Trained alone = train(config, each, 1);
          for (int threads : {2, 3, 7}) {
            if (kSlow && threads != 3) continue;
            INFO(tbptt_isa_name(isa), " precision ", precision, " k1 ", each.inject_every, " clip ", clip_norm, " threads ", threads);
            const Trained together = train(config, each, threads);
            for (size_t i = 0; i < alone.stats.size(); ++i) {
              CHECK(together.stats[i].applied == 1);
              CHECK(together.stats[i].loss == alone.stats[i].loss);
              CHECK(together.stats[i].gradient_norm == alone.stats[i].gradient_norm);
              CHECK(together.stats[i].update_norm == alone.stats[i].update_norm);
            }
            CHECK(together.gradients.w == alone.gradients.w);
            CHECK(together.gradients.ws == alone.gradients.ws);
            CHECK(together.gradients.emb == alone.gradients.emb);
            CHECK(together.gradients.stats.gradient_norm == alone.gradients.stats.gradient_norm);
            CHECK(together.loss == alone.loss);
            CHECK(together.tensors == alone.tensors);
          }
        }
}

TEST_CASE("threads that sleep between windows wake up, and end with their core") {
  tbptt_config config = make_config(100, 8, 16, 4, 3);
  config.threads = 4;
#if defined(__linux__)
  const std::set<std::string> before = threads();
#endif
  for (int turn = 0; turn < 50; ++turn) {
    NativeCore core(config);
    const Problem problem(100, 8, 16, 4, 3, 1);
    problem.load(core);
    for (int window = 0; window < 3; ++window) {
      CHECK(core.train(problem.window(), 0.01).applied == 1);
      if (turn % 10 == 0) {
        const timespec nap{0, 2'000'000};
        nanosleep(&nap, nullptr);
      }
    }
  }
#if defined(__linux__)
  CHECK(threads() == before);
#endif
}

TEST_CASE("a window of several threads is cancelled as one of one thread is") {
  volatile int32_t cancel = 0;
  tbptt_config config = make_config(201, 19, 37, 11, 12);
  config.threads = 3;
  config.cancel = &cancel;
  NativeCore core(config);
  const Problem problem(201, 19, 37, 11, 12, 1);
  problem.load(core);
  const std::vector<float> before = core.read(TBPTT_WS);
  cancel = 1;
  CHECK_THROWS_WITH(core.train(problem.window(), 0.1), "status 4: cancelled: the flag of config.cancel is not 0");
  CHECK(core.read(TBPTT_WS) == before);
  cancel = 0;
  CHECK(core.train(problem.window(), 0.1).applied == 1);
}

#if defined(__linux__)
namespace {

// The signals that each thread blocks which was not there before.
std::vector<uint64_t> blocked_by_helpers(const std::set<std::string>& before) {
  std::vector<uint64_t> masks;
  for (const std::string& id : threads()) {
    if (before.count(id) > 0) continue;
    std::ifstream status("/proc/self/task/" + id + "/status");
    for (std::string line; std::getline(status, line);)
      if (line.rfind("SigBlk:", 0) == 0) masks.push_back(std::stoull(line.substr(7), nullptr, 16));
  }
  return masks;
}

bool has(uint64_t mask, int signal) { return (mask >> (signal - 1) & 1) != 0; }

constexpr int kFaults[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGSYS};

bool has_a_fault(uint64_t mask) {
  return std::any_of(std::begin(kFaults), std::end(kFaults), [mask](int signal) { return has(mask, signal); });
}

}  // namespace

TEST_CASE("helpers leave signals to the program's own threads, but for those of their own faults") {
  tbptt_config config = make_config(100, 8, 16, 4, 3);
  config.threads = 3;
  const std::set<std::string> before = threads();
  const NativeCore core(config);
  std::vector<uint64_t> masks = blocked_by_helpers(before);
  for (int look = 0; look < 1000; ++look) {
    if (std::none_of(masks.begin(), masks.end(), has_a_fault)) break;
    const timespec nap{0, 1'000'000};  // a thread that has yet to start blocks everything
    nanosleep(&nap, nullptr);
    masks = blocked_by_helpers(before);
  }
  CHECK(masks.size() == 2);
  for (uint64_t mask : masks) {
    for (int signal : {SIGTERM, SIGINT, SIGHUP, SIGUSR1, SIGCHLD}) CHECK(has(mask, signal));
    for (int signal : kFaults) CHECK(!has(mask, signal));
  }
}
#endif

#if defined(__GLIBC__)
TEST_CASE("a core whose threads the system refuses leaves its arena to the owner") {
  tbptt_config config = make_config(100, 8, 16, 4, 3);
  config.threads = 3;
  uint64_t bytes = 0;
  char message[200];
  REQUIRE(tbptt_required_bytes(&config, &bytes, message, sizeof(message)) == TBPTT_OK);
  std::vector<float> arena(bytes / sizeof(float) + 1);
  pthread_attr_t usual, impossible;
  REQUIRE(pthread_getattr_default_np(&usual) == 0);
  REQUIRE(pthread_getattr_default_np(&impossible) == 0);
  REQUIRE(pthread_attr_setstacksize(&impossible, size_t{1} << 50) == 0);  // no address space has room for it
  REQUIRE(pthread_setattr_default_np(&impossible) == 0);
  tbptt_core* core = nullptr;
  const int32_t status = tbptt_create(&config, arena.data(), bytes, &core, message, sizeof(message));
  pthread_setattr_default_np(&usual);
  CHECK(status == TBPTT_INTERNAL);
  CHECK(std::string(message) == "config.threads 3: the system refuses so many threads");
  CHECK(core == nullptr);
  for (float& value : arena) value = 1;  // under AddressSanitizer: none of it is forbidden ground
  REQUIRE(tbptt_create(&config, arena.data(), bytes, &core, message, sizeof(message)) == TBPTT_OK);
  tbptt_destroy(core);
}
#endif
