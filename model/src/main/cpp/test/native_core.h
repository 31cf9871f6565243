// A core with its arena, for tests: failures of the library become exceptions with its message.
#pragma once

#include <tbptt.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

std::string& golden_folder();
std::string& isa_to_test();  // its name; empty: all that this CPU has
std::vector<int32_t> available_isas();

// Under sanitizers and emulators, tests of threads try one team and half of the combinations: the others read and write the same places.
#if defined(TBPTT_SLOW)
constexpr bool kSlow = true;
#else
constexpr bool kSlow = false;
#endif

tbptt_config make_config(int V, int E, int H, int B, int T, int P = 0);
// A full window without dropout.
tbptt_window make_window(int T, const int32_t* tokens, const int32_t* targets);

struct Gradients {
  std::vector<float> emb, w, b, ws, bs;
  std::vector<double> phi, w_l1, w_l2;
  tbptt_stats stats;
};

// The same for any network, by parameter.
struct CellGradients {
  std::vector<std::vector<float>> gradients;
  std::vector<double> phi, w_l1, w_l2;
  tbptt_stats stats;
};

class NativeCore {
 public:
  explicit NativeCore(const tbptt_config& config, int misalignment = 0);
  ~NativeCore() { tbptt_destroy(core_); }
  NativeCore(const NativeCore&) = delete;
  NativeCore& operator=(const NativeCore&) = delete;

  tbptt_core* get() const { return core_; }
  void write(int tensor, const std::vector<float>& values);
  std::vector<float> read(int tensor) const;
  tbptt_stats train(const tbptt_window& window, double learning_rate);
  Gradients gradients(const tbptt_window& window, int lags = 0);
  CellGradients cell_gradients(const tbptt_window& window, int lags = 0);
  // How many parameters and states there are; include/tbptt.h says how they and the rest are numbered.
  int parameters() const { return 2 * std::max(1, config_.layers) + 3; }
  int states() const { return std::max(1, config_.layers) * (config_.cell == TBPTT_CELL_LSTM ? 2 : 1); }
  int tensors() const { return 3 * parameters() + 2 * states() + 1; }
  void advance(const tbptt_window& window);
  double evaluate(const std::vector<int32_t>& tokens, const std::vector<int32_t>& targets, int T);
  int64_t counter(int which) const;
  void set_counter(int which, int64_t value);
  void reset();

 private:
  std::vector<float> arena_;
  tbptt_config config_;
  tbptt_core* core_ = nullptr;
};

// |a - b| / (|b| + floor), L2
template <typename A, typename B>
double relative_distance(const std::vector<A>& a, const std::vector<B>& b, double floor = 0);
