// Throughput of the core against the peak probed in the same run. Every round runs every workload once, so that a busy moment of the
// machine hits all of them; best and median over the rounds are printed.
//   bench_core [--rounds N] [--isa NAME] [--threads N] [--timings] [--only TEXT]
#include <tbptt.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "measurement.h"

namespace {

Workload language_model(const char* name, int T, int inject_every, int reach, int precision) {
  return {name, 10000, 50, 100, 32, T, inject_every, reach, 0.8, precision, false};
}

std::vector<Workload> workloads() {
  std::vector<Workload> all;
  static const char* const suffix[3] = {"fp32", "bf16", "bf16x2"};
  for (int precision : {TBPTT_FP32, TBPTT_BF16, TBPTT_BF16X2}) {
    auto name = [&](const char* text) { return std::string(text) + " " + suffix[precision]; };
    all.push_back(language_model(name("tf 5").c_str(), 5, 5, 5, precision));
    all.push_back(language_model(name("tf 20").c_str(), 20, 20, 20, precision));
    all.push_back(language_model(name("true 5 of 20").c_str(), 20, 1, 5, precision));
    all.push_back(language_model(name("tf 40").c_str(), 40, 40, 40, precision));
    all.push_back(language_model(name("true 20 of 40").c_str(), 40, 1, 20, precision));
  }
  // r2rt's timing test, gradients only: true 20 of 40 against one pass of 40; its toy vocabulary and the one of Penn Treebank.
  all.push_back({"r2rt V=2 tf 40", 2, 4, 4, 200, 40, 40, 40, 1.0, TBPTT_FP32, true});
  all.push_back({"r2rt V=2 true 20", 2, 4, 4, 200, 40, 1, 20, 1.0, TBPTT_FP32, true});
  all.push_back({"r2rt V=10000 tf 40", 10000, 50, 4, 200, 40, 40, 40, 1.0, TBPTT_FP32, true});
  all.push_back({"r2rt V=10000 true 20", 10000, 50, 4, 200, 40, 1, 20, 1.0, TBPTT_FP32, true});
  // Two layers with gates, after Zaremba et al.: their small model's width and the one of their medium model.
  for (int cell : {TBPTT_CELL_LSTM, TBPTT_CELL_GRU}) {
    const std::string name = cell == TBPTT_CELL_LSTM ? "lstm 2x" : "gru 2x";
    all.push_back({name + "200 tf 20", 10000, 200, 200, 20, 20, 20, 20, 1.0, TBPTT_FP32, false, cell, 2});
    all.push_back({name + "200 true 10 of 20", 10000, 200, 200, 20, 20, 1, 10, 1.0, TBPTT_FP32, false, cell, 2});
  }
  all.push_back({"lstm 2x650 tf 35", 10000, 650, 650, 20, 35, 35, 35, 0.5, TBPTT_FP32, false, TBPTT_CELL_LSTM, 2});
  // Small vocabulary: the recurrence dominates.
  for (int precision : {TBPTT_FP32, TBPTT_BF16}) {
    const std::string name = std::string("char lstm tf 100 ") + suffix[precision];
    all.push_back({name, 96, 64, 256, 32, 100, 100, 100, 1.0, precision, false, TBPTT_CELL_LSTM, 1});
  }
  all.push_back({"small true 1 of 100", 50, 50, 256, 32, 100, 1, 1, 1.0, TBPTT_FP32, false});
  all.push_back({"small true 10 of 100", 50, 50, 256, 32, 100, 1, 10, 1.0, TBPTT_FP32, false});
  all.push_back({"small true 50 of 100", 50, 50, 256, 32, 100, 1, 50, 1.0, TBPTT_FP32, false});
  all.push_back({"small tf 100", 50, 50, 256, 32, 100, 100, 100, 1.0, TBPTT_FP32, false});
  return all;
}

// The instruction set of this name; TBPTT_ISA_COUNT if there is none.
int isa_of(const char* name) {
  int isa = 0;
  while (isa < TBPTT_ISA_COUNT && std::strcmp(name, tbptt_isa_name(isa)) != 0) ++isa;
  return isa;
}

}  // namespace

int main(int count, char** arguments) {
  int rounds = 7, isa = TBPTT_ISA_AUTOMATIC, threads = 1;
  bool timings = false;
  const char* only = "";
  for (int i = 1; i < count; ++i) {
    const std::string option = arguments[i];
    if (option == "--timings") {
      timings = true;
      continue;
    }
    const char* value = i + 1 < count ? arguments[++i] : "";
    if (option == "--rounds" && std::atoi(value) > 0)
      rounds = std::atoi(value);
    else if (option == "--threads" && std::atoi(value) > 0)
      threads = std::atoi(value);
    else if (option == "--only" && *value)
      only = value;
    else if (option == "--isa" && isa_of(value) != TBPTT_ISA_COUNT)
      isa = isa_of(value);
    else {
      std::fprintf(stderr, "%s %s: usage: bench_core [--rounds N] [--isa NAME] [--threads N] [--timings] [--only TEXT]\n", option.c_str(), value);
      return 2;
    }
  }
  char message[256];
  if (isa == TBPTT_ISA_AUTOMATIC && tbptt_isa_choose(&isa, message, sizeof(message)) != TBPTT_OK) {
    std::fprintf(stderr, "%s\n", message);
    return 2;
  }
  std::vector<std::unique_ptr<Runner>> runners;
  for (const Workload& workload : workloads())
    if (workload.name.find(only) != std::string::npos) runners.push_back(std::make_unique<Runner>(workload, isa, timings, threads));
  for (auto& runner : runners) runner->once();
  std::vector<std::vector<double>> seconds(runners.size()), share(runners.size());
  double fp32_peak = 0, bf16_peak = 0;
  for (int round = 0; round < rounds; ++round)
    for (size_t i = 0; i < runners.size(); ++i) {
      const double before = tbptt_probe_fp32_gflops(isa, 0.01);
      const int repeats = runners[i]->workload().V < 100 ? 3 : 2;
      double best = 1e9;
      for (int repeat = 0; repeat < repeats; ++repeat) best = std::min(best, runners[i]->once());
      const double peak = std::max(before, tbptt_probe_fp32_gflops(isa, 0.01));
      fp32_peak = std::max(fp32_peak, peak);
      bf16_peak = std::max(bf16_peak, tbptt_probe_bf16_gflops(isa, 0.005));
      seconds[i].push_back(best);
      share[i].push_back(runners[i]->operations() / best * 1e-9 / peak);
    }
  std::printf("isa %s, threads %d, probed peak of one: fp32 %.1f GFLOP/s, bf16 %.1f GFLOP/s, %d rounds\n", tbptt_isa_name(isa), threads,
              fp32_peak, bf16_peak, rounds);
  std::printf("%-24s %9s %9s %10s %9s %8s %8s %8s\n", "workload", "best ms", "median ms", "tokens/s", "GFLOP/s", "of peak", "median", "MB");
  for (size_t i = 0; i < runners.size(); ++i) {
    const Workload& w = runners[i]->workload();
    const double best = *std::min_element(seconds[i].begin(), seconds[i].end());
    std::printf("%-24s %9.3f %9.3f %10.0f %9.1f %7.1f%% %7.1f%% %8.1f\n", w.name.c_str(), best * 1e3, median(seconds[i]) * 1e3,
                w.T * w.B / best, runners[i]->operations() / best * 1e-9, 100 * runners[i]->operations() / best * 1e-9 / fp32_peak,
                100 * median(share[i]), runners[i]->megabytes());
  }
  auto best_of = [&](const std::string& name) {
    for (size_t i = 0; i < runners.size(); ++i)
      if (runners[i]->workload().name == name) return *std::min_element(seconds[i].begin(), seconds[i].end());
    return 0.0;
  };
  auto ratio = [&](const char* label, const std::string& over, const std::string& under) {
    if (best_of(over) > 0 && best_of(under) > 0) std::printf("%-60s %.3f\n", label, best_of(over) / best_of(under));
  };
  ratio("throughput true 5 of 20 / tf 20, fp32", "tf 20 fp32", "true 5 of 20 fp32");
  ratio("throughput true 20 of 40 / tf 40, fp32", "tf 40 fp32", "true 20 of 40 fp32");
  ratio("throughput true 5 of 20 / tf 20, bf16", "tf 20 bf16", "true 5 of 20 bf16");
  ratio("throughput true 20 of 40 / tf 40, bf16", "tf 40 bf16", "true 20 of 40 bf16");
  ratio("tf 20: bf16 speed / fp32 speed", "tf 20 fp32", "tf 20 bf16");
  ratio("r2rt's test, V=10000: true time / tf time", "r2rt V=10000 true 20", "r2rt V=10000 tf 40");
  ratio("r2rt's test, V=2: true time / tf time", "r2rt V=2 true 20", "r2rt V=2 tf 40");
  const double none = best_of("small true 1 of 100"), ten = best_of("small true 10 of 100"), fifty = best_of("small true 50 of 100");
  if (none > 0 && ten > 0 && fifty > 0) {
    double rows_ten = 0, rows_fifty = 0;
    for (int lag = 1; lag < 50; ++lag) (lag < 10 ? rows_ten : rows_fifty) += 32 * (100 - lag);
    rows_fifty += rows_ten;
    std::printf("GFLOP/s per lag product, V=50 H=256 T=100: n=10 %.1f (%.0f%% of peak), n=50 %.1f (%.0f%%)\n",
                2 * rows_ten * 256 * 256 / (ten - none) * 1e-9, 200 * rows_ten * 256 * 256 / (ten - none) * 1e-9 / fp32_peak,
                2 * rows_fifty * 256 * 256 / (fifty - none) * 1e-9, 200 * rows_fifty * 256 * 256 / (fifty - none) * 1e-9 / fp32_peak);
  }
  if (timings) {
    static const char* const names[TBPTT_PHASE_COUNT] = {"forward", "logits+exp", "dH",        "backward",
                                                         "dW",      "dWs+update", "embedding", "other"};
    for (const auto& runner : runners) {
      std::printf("%s, fastest, ms:", runner->workload().name.c_str());
      for (int phase = 0; phase < TBPTT_PHASE_COUNT; ++phase) std::printf(" %s %.3f", names[phase], runner->phases()[phase] * 1e3);
      std::printf("\n");
    }
  }
  return 0;
}
