#include "checks.h"

#include <math.h>

#include "transfer.h"

namespace tbptt {
namespace {

int32_t in_range(const char* name, int64_t value, int64_t low, int64_t high, const Message& message) {
  if (value >= low && value <= high) return TBPTT_OK;
  return message.fail(TBPTT_INVALID_ARGUMENT, "%s %lld: allowed %lld..%lld", name, static_cast<long long>(value),
                      static_cast<long long>(low), static_cast<long long>(high));
}

int32_t fraction(const char* name, double value, const Message& message) {
  if (value >= 0 && value < 1) return TBPTT_OK;
  return message.fail(TBPTT_INVALID_ARGUMENT, "%s %g: allowed [0, 1)", name, value);
}

int32_t keep(const char* name, double value, const Message& message) {
  if (value > 0 && value <= 1) return TBPTT_OK;
  return message.fail(TBPTT_INVALID_ARGUMENT, "%s %g: allowed (0, 1]", name, value);
}

bool misaligned(const void* address) { return reinterpret_cast<uintptr_t>(address) % 4 != 0; }

int32_t finite_mask(const char* name, const float* mask, int64_t count, const Message& message) {
  if (!mask) return TBPTT_OK;
  if (int32_t status = check_floats(name, mask, message)) return status;
  for (int64_t i = 0; i < count; ++i)
    if (!isfinite(mask[i]))
      return message.fail(TBPTT_INVALID_ARGUMENT, "%s[%lld] is %g: allowed finite numbers", name, static_cast<long long>(i),
                          static_cast<double>(mask[i]));
  return TBPTT_OK;
}

}  // namespace

int32_t check_config(const tbptt_config* config, const Message& message) {
  if (!config) return message.fail(TBPTT_INVALID_ARGUMENT, "config is null: allowed a tbptt_config");
  if (config->struct_bytes != static_cast<int32_t>(sizeof(tbptt_config)))
    return message.fail(TBPTT_INVALID_ARGUMENT, "config.struct_bytes %d: allowed %d", config->struct_bytes,
                        static_cast<int>(sizeof(tbptt_config)));
  TBPTT_CHECK(in_range("config.vocabulary", config->vocabulary, 1, 1 << 24, message));
  TBPTT_CHECK(in_range("config.embedding", config->embedding, 1, 65536, message));
  TBPTT_CHECK(in_range("config.hidden", config->hidden, 1, 65536, message));
  TBPTT_CHECK(in_range("config.batch", config->batch, 1, 65536, message));
  TBPTT_CHECK(in_range("config.steps_capacity", config->steps_capacity, 1, 65536, message));
  TBPTT_CHECK(in_range("config.history_capacity", config->history_capacity, 0, 65536, message));
  TBPTT_CHECK(in_range("config.steps_capacity * batch", static_cast<int64_t>(config->steps_capacity) * config->batch, 1, 1 << 24, message));
  TBPTT_CHECK(
      in_range("config.history_capacity * batch", static_cast<int64_t>(config->history_capacity) * config->batch, 0, 1 << 24, message));
  TBPTT_CHECK(in_range("config.batch * hidden", static_cast<int64_t>(config->batch) * config->hidden, 1, 1 << 28, message));
  TBPTT_CHECK(in_range("config.cell", config->cell, TBPTT_CELL_TANH, TBPTT_CELL_GRU, message));
  TBPTT_CHECK(in_range("config.precision", config->precision, TBPTT_FP32, TBPTT_BF16X2, message));
  TBPTT_CHECK(in_range("config.optimizer", config->optimizer, TBPTT_SGD, TBPTT_RMSPROP, message));
  TBPTT_CHECK(in_range("config.threads", config->threads, 0, 1024, message));
  TBPTT_CHECK(in_range("config.timings", config->timings, 0, 1, message));
  TBPTT_CHECK(in_range("config.layers", config->layers, 0, TBPTT_MOST_LAYERS, message));
  TBPTT_CHECK(fraction("config.beta1", config->beta1, message));
  TBPTT_CHECK(fraction("config.beta2", config->beta2, message));
  TBPTT_CHECK(fraction("config.momentum", config->momentum, message));
  TBPTT_CHECK(fraction("config.decay", config->decay, message));
  const bool divides = config->optimizer == TBPTT_ADAM || config->optimizer == TBPTT_RMSPROP;
  if (divides && !(static_cast<float>(config->epsilon) >= 1.17549435e-38f && isfinite(static_cast<float>(config->epsilon))))
    return message.fail(TBPTT_INVALID_ARGUMENT, "config.epsilon %g: allowed numbers from 1.2e-38 to 3.4e38", config->epsilon);
  if (!(config->clip_norm >= 0 && isfinite(config->clip_norm)))
    return message.fail(TBPTT_INVALID_ARGUMENT, "config.clip_norm %g: allowed finite numbers >= 0 (0 is off)", config->clip_norm);
  if (misaligned(const_cast<const int32_t*>(config->cancel)))
    return message.fail(TBPTT_INVALID_ARGUMENT, "config.cancel %p: allowed addresses that are multiples of 4",
                        static_cast<const void*>(const_cast<const int32_t*>(config->cancel)));
  return TBPTT_OK;
}

int32_t check_core(const Core* core, const Message& message) {
  if (!core) return message.fail(TBPTT_INVALID_ARGUMENT, "core is null: allowed a core of tbptt_create");
  if (reinterpret_cast<uintptr_t>(core) % 64 != 0 || core->magic != kAlive)
    return message.fail(TBPTT_INVALID_ARGUMENT, "core %p is not a living core: allowed a core of tbptt_create that is not destroyed",
                        static_cast<const void*>(core));
  return TBPTT_OK;
}

int32_t check_floats(const char* name, const float* values, const Message& message) {
  if (!values) return message.fail(TBPTT_INVALID_ARGUMENT, "%s is null: allowed an address", name);
  if (misaligned(values))
    return message.fail(TBPTT_INVALID_ARGUMENT, "%s is at %p: allowed addresses that are multiples of 4", name,
                        static_cast<const void*>(values));
  return TBPTT_OK;
}

int32_t check_tokens(const char* name, const int32_t* tokens, int64_t count, int32_t vocabulary, const Message& message) {
  if (!tokens) return message.fail(TBPTT_INVALID_ARGUMENT, "%s is null: allowed an address", name);
  if (misaligned(tokens))
    return message.fail(TBPTT_INVALID_ARGUMENT, "%s is at %p: allowed addresses that are multiples of 4", name,
                        static_cast<const void*>(tokens));
  for (int64_t i = 0; i < count; ++i)
    if (tokens[i] < -1 || tokens[i] >= vocabulary)
      return message.fail(TBPTT_INVALID_ARGUMENT, "%s[%lld] is %d: allowed -1..%d", name, static_cast<long long>(i), tokens[i],
                          vocabulary - 1);
  return TBPTT_OK;
}

int32_t check_values(const Core& core, int32_t tensor, const float* values, int64_t count, const Message& message) {
  auto refuse = [&](int64_t at, const char* allowed) {
    return message.fail(TBPTT_INVALID_ARGUMENT, "values[%lld] of tensor %d is %g: allowed %s", static_cast<long long>(at), tensor,
                        static_cast<double>(values[at]), allowed);
  };
  const bool second_moment = is_second_moment(core, tensor);
  for (int64_t i = 0; i < count; ++i) {
    // The square of a large gradient leaves an infinite second moment.
    if (second_moment && !(values[i] >= 0)) return refuse(i, "numbers from 0 on");
    if (!second_moment && !isfinite(values[i])) return refuse(i, "finite numbers");
  }
  const bool carries_masked = is_one_gateless_layer(core.config);
  for (int64_t at = 0; is_history(core, tensor) && at < count; at += history_columns(core)) {
    const float token = values[at], edge = values[at + 1];
    if (token < -1 || token >= static_cast<float>(core.softmax.V) || token != static_cast<float>(static_cast<int32_t>(token)))
      return message.fail(TBPTT_INVALID_ARGUMENT, "values[%lld] of the history is %g: allowed tokens -1..%d", static_cast<long long>(at),
                          static_cast<double>(token), core.softmax.V - 1);
    if (edge != 0 && !(edge == 1 && carries_masked))
      return message.fail(TBPTT_INVALID_ARGUMENT, "values[%lld] of the history is %g: allowed edges %s", static_cast<long long>(at + 1),
                          static_cast<double>(edge), carries_masked ? "0 or 1" : "0");
  }
  return TBPTT_OK;
}

int32_t check_learning_rate(double rate, const Message& message) {
  if (rate >= 0 && isfinite(static_cast<float>(rate))) return TBPTT_OK;
  return message.fail(TBPTT_INVALID_ARGUMENT, "learning_rate %g: allowed 0..%g", rate, 3.4e38);
}

int32_t check_window(const Core& core, const tbptt_window* window, bool wants_targets, const Message& message) {
  if (!window) return message.fail(TBPTT_INVALID_ARGUMENT, "window is null: allowed a tbptt_window");
  TBPTT_CHECK(in_range("window.steps", window->steps, 1, core.timeline.T, message));
  TBPTT_CHECK(in_range("window.inject_every", window->inject_every, 1, window->steps, message));
  if (window->steps % window->inject_every != 0)
    return message.fail(TBPTT_INVALID_ARGUMENT, "window.inject_every %d: allowed divisors of window.steps %d", window->inject_every,
                        window->steps);
  TBPTT_CHECK(in_range("window.reach", window->reach, window->inject_every, 1 << 30, message));
  TBPTT_CHECK(in_range("window.history_steps", window->history_steps, 0, core.timeline.P, message));
  TBPTT_CHECK(in_range("window.first_step", window->first_step, 0, 1 << 24, message));
  TBPTT_CHECK(in_range("window.carry", window->carry, TBPTT_CARRY_SOUND, TBPTT_CARRY_POST_DROPOUT, message));
  if (window->carry == TBPTT_CARRY_POST_DROPOUT && !is_one_gateless_layer(core.config))
    return message.fail(TBPTT_INVALID_ARGUMENT, "window.carry %d with config.cell %d and config.layers %d: allowed %d, for these",
                        window->carry, core.config.cell, core.layers.count, TBPTT_CARRY_SOUND);
  TBPTT_CHECK(in_range("window.summed", window->summed, 0, 1, message));
  TBPTT_CHECK(in_range("window.reserved", window->reserved, 0, 0, message));
  TBPTT_CHECK(keep("window.input_keep", window->input_keep, message));
  TBPTT_CHECK(keep("window.output_keep", window->output_keep, message));
  TBPTT_CHECK(keep("window.link_keep", window->link_keep, message));
  const int64_t widest = core.embedding.E > core.softmax.H ? core.embedding.E : core.softmax.H,
                last = static_cast<int64_t>(window->first_step) + window->steps;
  if (last * core.timeline.B * widest > int64_t{1} << 34)
    return message.fail(TBPTT_INVALID_ARGUMENT, "window.first_step %d: (first_step + steps) * B * max(E, H) is %lld, allowed up to %lld",
                        window->first_step, static_cast<long long>(last * core.timeline.B * widest), 1LL << 34);
  if (!(window->recurrent_scale > 0 && isfinite(static_cast<float>(window->recurrent_scale))))
    return message.fail(TBPTT_INVALID_ARGUMENT, "window.recurrent_scale %g: allowed finite numbers > 0", window->recurrent_scale);
  const int64_t tokens = static_cast<int64_t>(window->steps) * core.timeline.B;
  TBPTT_CHECK(check_tokens("window.tokens", window->tokens, tokens, core.softmax.V, message));
  if (wants_targets) TBPTT_CHECK(check_tokens("window.targets", window->targets, tokens, core.softmax.V, message));
  TBPTT_CHECK(finite_mask("window.input_mask", window->input_mask, tokens * core.embedding.E, message));
  TBPTT_CHECK(finite_mask("window.output_mask", window->output_mask, core.layers.count * tokens * core.softmax.H, message));
  return finite_mask("window.link_mask", window->link_mask, tokens, message);
}

int32_t check_gradient_output(const Core& core, const tbptt_gradient_output* output, const tbptt_window& window, const Message& message) {
  if (!output) return message.fail(TBPTT_INVALID_ARGUMENT, "output is null: allowed a tbptt_gradient_output");
  TBPTT_CHECK(in_range("output.lags", output->lags, 0, 1 << 20, message));
  for (int i = 0; i < core.parameters.count; ++i)
    if (misaligned(output->gradients[i]))
      return message.fail(TBPTT_INVALID_ARGUMENT, "output.%s is at %p: allowed addresses that are multiples of 4", core.parameters[i].name,
                          static_cast<const void*>(output->gradients[i]));
  const double* const arrays[3] = {output->lag_phi, output->lag_w_l1, output->lag_w_l2};
  for (const double* array : arrays)
    if (reinterpret_cast<uintptr_t>(array) % 8 != 0)
      return message.fail(TBPTT_INVALID_ARGUMENT, "output.lag_* is at %p: allowed addresses that are multiples of 8",
                          static_cast<const void*>(array));
  if (output->lags == 0) return TBPTT_OK;
  if (window.inject_every != 1)
    return message.fail(TBPTT_INVALID_ARGUMENT, "output.lags %d with window.inject_every %d: lags are allowed with inject_every 1",
                        output->lags, window.inject_every);
  if (window.link_mask || window.link_keep < 1)
    return message.fail(TBPTT_INVALID_ARGUMENT, "output.lags %d with window.link_keep %g: lags are allowed without a link mask",
                        output->lags, window.link_keep);
  return TBPTT_OK;
}

}  // namespace tbptt
