// The update rules, element by element (include/tbptt.h states them).
#pragma once

#include "parallel.h"
#include "vector.h"

namespace {

struct UpdateRule {
  int kind;
  Vec factor;  // of clipping
  Vec rate;    // learning rate; for Adam lr sqrt(1-beta2^t)/(1-beta1^t)
  Vec keep_first, add_first, keep_second, add_second, epsilon;
  bool forgets_second;  // keep_second is 0, and a second moment may be infinite
};

inline bool is_finite(double x) { return x - x == 0; }

inline double power(double base, int64_t exponent) {
  double result = 1;
  for (; exponent > 0; exponent >>= 1, base *= base)
    if (exponent & 1) result *= base;
  return result;
}

// `step` is the number of this update, from 1.
inline UpdateRule update_rule(const tbptt_config& config, double learning_rate, double factor, int64_t step) {
  UpdateRule rule{};
  rule.kind = config.optimizer;
  rule.factor = splat(static_cast<float>(factor));
  rule.epsilon = splat(static_cast<float>(config.epsilon));
  double rate = learning_rate;
  if (config.optimizer == TBPTT_ADAM) {
    rate *= sqrt(1 - power(config.beta2, step)) / (1 - power(config.beta1, step));
    rule.keep_first = splat(static_cast<float>(config.beta1));
    rule.add_first = splat(static_cast<float>(1 - config.beta1));
    rule.keep_second = splat(static_cast<float>(config.beta2));
    rule.add_second = splat(static_cast<float>(1 - config.beta2));
  } else if (config.optimizer == TBPTT_MOMENTUM) {
    rule.keep_first = splat(static_cast<float>(config.momentum));
  } else if (config.optimizer == TBPTT_RMSPROP) {
    rule.keep_second = splat(static_cast<float>(config.decay));
    rule.add_second = splat(static_cast<float>(1 - config.decay));
  }
  rule.rate = splat(static_cast<float>(rate));
  rule.forgets_second = rule.keep_second[0] == 0;
  return rule;
}

TBPTT_INLINE Vec next_second(const UpdateRule& rule, Vec gradient, const float* second) {
  return fma(rule.keep_second, rule.forgets_second ? Vec{} : load(second), rule.add_second * (gradient * gradient));
}

template <int kKind>
TBPTT_INLINE Vec update_vector(const UpdateRule& rule, Vec gradient, float* first, float* second) {
  gradient *= rule.factor;
  if constexpr (kKind == TBPTT_SGD) return rule.rate * gradient;
  if constexpr (kKind == TBPTT_MOMENTUM) {
    Vec u = fma(rule.keep_first, load(first), gradient);
    store(first, u);
    return rule.rate * u;
  }
  if constexpr (kKind == TBPTT_ADAM) {
    Vec m = fma(rule.keep_first, load(first), rule.add_first * gradient);
    Vec v = next_second(rule, gradient, second);
    store(first, m);
    store(second, v);
    return rule.rate * m / (root(v) + rule.epsilon);
  }
  if constexpr (kKind == TBPTT_RMSPROP) {
    Vec v = next_second(rule, gradient, second);
    store(second, v);
    return rule.rate * gradient / (root(v) + rule.epsilon);
  }
}

template <int kKind>
inline double update_range(const UpdateRule& rule, const Parameter& parameter, ptrdiff_t begin, ptrdiff_t count, const float* gradient,
                           ptrdiff_t ahead) {
  constexpr bool kHasFirst = kKind == TBPTT_ADAM || kKind == TBPTT_MOMENTUM, kHasSecond = kKind == TBPTT_ADAM || kKind == TBPTT_RMSPROP;
  float *const values = parameter.values(), *const firsts = parameter.slots[Parameter::kFirstMoment],
               *const seconds = parameter.slots[Parameter::kSecondMoment];
  Vec squares{};
  double total = 0;
  ptrdiff_t since = 0;
  for (ptrdiff_t i = 0; i < count; i += kLanes) {
    // What is updated after the next products, which leave the memory idle.
    const ptrdiff_t at = begin + i, soon = at + ahead;
    __builtin_prefetch(values + soon, 0, 2);
    if constexpr (kHasFirst) __builtin_prefetch(firsts + soon, 0, 2);
    if constexpr (kHasSecond) __builtin_prefetch(seconds + soon, 0, 2);
    Vec change = update_vector<kKind>(rule, load(gradient + i), kHasFirst ? firsts + at : nullptr, kHasSecond ? seconds + at : nullptr);
    store(values + at, load(values + at) - change);
    squares = fma(change, change, squares);
    if (++since == 64) {  // short fp32 sums, then double
      total += sum_lanes(squares);
      squares = Vec{};
      since = 0;
    }
  }
  return total + sum_lanes(squares);
}

// Updates `count` values (rounded up to whole vectors: padding has zero gradients) from `begin`, and fetches those `ahead` of them; returns
// the sum of squares of the changes.
inline __attribute__((noinline)) double update(const UpdateRule& rule, const Parameter& parameter, ptrdiff_t begin, ptrdiff_t count,
                                               const float* gradient, ptrdiff_t ahead) {
  switch (rule.kind) {
    case TBPTT_SGD:
      return update_range<TBPTT_SGD>(rule, parameter, begin, count, gradient, ahead);
    case TBPTT_MOMENTUM:
      return update_range<TBPTT_MOMENTUM>(rule, parameter, begin, count, gradient, ahead);
    case TBPTT_ADAM:
      return update_range<TBPTT_ADAM>(rule, parameter, begin, count, gradient, ahead);
    default:
      return update_range<TBPTT_RMSPROP>(rule, parameter, begin, count, gradient, ahead);
  }
}

inline double sum_of_squares(const float* values, ptrdiff_t count) {
  double total = 0;
  ptrdiff_t i = 0;
  while (i + kLanes <= count) {
    Vec squares{};
    for (int turn = 0; turn < 64 && i + kLanes <= count; ++turn, i += kLanes) squares = fma(load(values + i), load(values + i), squares);
    total += sum_lanes(squares);
  }
  const ptrdiff_t vectors = i;
  if (!is_finite(total))  // squares of values above 1e19 are not finite in fp32: all again in double
    for (total = 0, i = 0; i < vectors; ++i) total += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  for (; i < count; ++i) total += static_cast<double>(values[i]) * static_cast<double>(values[i]);
  return total;
}

// Of the gradients that are whole, which those in panels are not yet.
inline double sum_of_whole_squares(const Core& core) {
  double squares = 0;
  for (const Parameter& parameter : core.parameters)
    if (!parameter.layout.in_panels) squares += sum_of_squares(parameter.gradient, parameter.layout.size());
  return squares;
}

// Updates a parameter whose gradient is whole, its parts shared out; returns the sum of squares of the changes, taken in order: the same
// bits for every number of threads.
inline double update_whole(const Core& core, const UpdateRule& rule, const Parameter& parameter) {
  const ptrdiff_t size = parameter.layout.size(), part_size = parameter.part;
  const int parts = static_cast<int>((size + part_size - 1) / part_size);
  for_each_panel(core, parts, [&](int part, const Worker&) {
    const ptrdiff_t begin = part * part_size, rest = size - begin;
    core.sums[part].changes = update(rule, parameter, begin, rest < part_size ? rest : part_size, parameter.gradient + begin, part_size);
  });
  double changes = 0;
  for (int part = 0; part < parts; ++part) changes += core.sums[part].changes;
  return changes;
}

}  // namespace
