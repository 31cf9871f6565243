// One training configuration that can be run again and again, and what it costs.
#pragma once

#include <tbptt.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

struct Workload {
  std::string name;
  int V, E, H, B, T, inject_every, reach;
  double keep;
  int precision;
  bool gradients_only;
  int cell = TBPTT_CELL_TANH, layers = 1;
};

class Runner {
 public:
  Runner(const Workload& workload, int isa, bool timings, int threads = 1);
  ~Runner() { tbptt_destroy(core_); }
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  // Seconds of one window.
  double once();
  // Floating-point operations of one window, as the model needs them: padding not counted.
  double operations() const;
  double megabytes() const { return static_cast<double>(arena_floats_) * 4e-6; }
  const Workload& workload() const { return workload_; }
  // Seconds of each phase in the fastest window.
  const double* phases() const { return phases_; }

 private:
  Workload workload_;
  size_t arena_floats_ = 0;
  std::unique_ptr<float[]> arena_;  // not touched before the core asks for huge pages, as in a trial
  std::vector<std::vector<float>> gradients_;
  std::vector<int32_t> tokens_, targets_;
  tbptt_core* core_ = nullptr;
  double phases_[TBPTT_PHASE_COUNT] = {};
  double fastest_ = 1e9;
  int runs_ = 0;
};

double median(std::vector<double> values);
double now();
