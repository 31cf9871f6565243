// How work is shared out among the threads of a core.
#pragma once

#include "../core.h"
#include "../team.h"

namespace {
using namespace tbptt;

// body(part, worker) for part = 0 .. parts-1, in order where there is one thread. Parts must not depend on one another.
template <typename Body>
inline void in_parallel(const Core& core, int parts, Body body) {
  if (!core.team || parts == 1) {
    for (int part = 0; part < parts; ++part) body(part, core.workers[0]);
    return;
  }
  struct Call {
    const Core& core;
    Body& body;
  } call{core, body};
  share_out(
      *core.team, parts,
      [](void* argument, int part, int thread) {
        Call& shared = *static_cast<Call*>(argument);
        shared.body(part, shared.core.workers[thread]);
      },
      &call);
}

// body(first, end, worker) for ranges that together are 0 .. count-1, one for each thread; all but the last are multiples of `unit`.
template <typename Body>
inline void in_ranges(const Core& core, ptrdiff_t count, ptrdiff_t unit, Body body) {
  const ptrdiff_t units = (count + unit - 1) / unit, threads = core.threads;
  const ptrdiff_t parts = units < threads ? units : threads;
  in_parallel(core, static_cast<int>(parts), [&](int part, const Worker& worker) {
    const ptrdiff_t first = units * part / parts * unit, end = units * (part + 1) / parts * unit;
    body(first, end < count ? end : count, worker);
  });
}

// body(first, count, worker) for items 0 .. total-1 of about the size of a panel, at most `together` at once.
template <typename Body>
inline void for_each_group_of_panels(const Core& core, int total, int together, Body body) {
  constexpr int kPanelsPerPart = 4;
  static_assert(kPanelsPerPart % tbptt::kPanelsTogether == 0);
  in_parallel(core, (total + kPanelsPerPart - 1) / kPanelsPerPart, [&](int part, const Worker& worker) {
    const int end = (part + 1) * kPanelsPerPart < total ? (part + 1) * kPanelsPerPart : total;
    for (int first = part * kPanelsPerPart; first < end; first += together)
      body(first, end - first < together ? end - first : together, worker);
  });
}

// body(item, worker) for each.
template <typename Body>
inline void for_each_panel(const Core& core, int total, Body body) {
  for_each_group_of_panels(core, total, 1, [&](int item, int, const Worker& worker) { body(item, worker); });
}

// Raised by any part, looked at when all are done.
class Flag {
 public:
  void raise() { __atomic_store_n(&raised_, 1, __ATOMIC_RELAXED); }
  bool raised() const { return __atomic_load_n(&raised_, __ATOMIC_RELAXED) != 0; }

 private:
  int raised_ = 0;
};

}  // namespace
