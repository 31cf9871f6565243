// Where the time goes: a stopwatch that costs nothing when it is off.
#pragma once

#include <time.h>

#include "../kernels.h"

namespace {
using namespace tbptt;

class Phases {
 public:
  Phases(bool on, double (&seconds)[TBPTT_PHASE_COUNT]) : on_(on), seconds_(seconds), last_(on ? now() : 0) {}
  // The time since the last call belongs to `phase`.
  TBPTT_INLINE void end(int phase) {
    if (!on_) return;
    double at = now();
    seconds_[phase] += at - last_;
    last_ = at;
  }

 private:
  static double now() {
    timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    return static_cast<double>(at.tv_sec) + 1e-9 * static_cast<double>(at.tv_nsec);
  }
  bool on_;
  double (&seconds_)[TBPTT_PHASE_COUNT];
  double last_;
};

inline bool cancelled(const Core& core) { return core.config.cancel && *core.config.cancel != 0; }

}  // namespace
