// The C interface: checks, the floating-point environment, dispatch. No arithmetic.
#include <string.h>

#include <initializer_list>
#include <new>

#include "arena.h"
#include "checks.h"
#include "cpu.h"
#include "dispatch.h"
#include "layout.h"
#include "philox.h"
#include "team.h"
#include "transfer.h"

#if defined(__linux__)
#include <sys/mman.h>
#endif

struct tbptt_core : tbptt::Core {};

using namespace tbptt;

namespace {

// Of a core that goes on from somewhere: so far from INT64_MAX that no training counts beyond it.
constexpr int64_t kMostUpdates = int64_t{1} << 53;

int32_t finish(Outcome outcome, const Message& message) {
  if (outcome == Outcome::kDone) return TBPTT_OK;
  return message.fail(TBPTT_CANCELLED, "cancelled: the flag of config.cancel is not 0");
}

int32_t check_tensor(const Core& core, int32_t tensor, const float* values, int64_t count, const Message& message) {
  int64_t rows, columns;
  if (!tensor_shape(core, tensor, rows, columns))
    return message.fail(TBPTT_INVALID_ARGUMENT, "tensor %d: allowed 0..%d", tensor, tensors_of(core) - 1);
  if (count != rows * columns)
    return message.fail(TBPTT_INVALID_ARGUMENT, "count %lld of tensor %d: allowed %lld (%lld x %lld)", static_cast<long long>(count),
                        tensor, static_cast<long long>(rows * columns), static_cast<long long>(rows), static_cast<long long>(columns));
  return count == 0 ? static_cast<int32_t>(TBPTT_OK) : check_floats("values", values, message);
}

void clear_state(const Core& core, State RecurrentLayer::*state) {
  for (const RecurrentLayer& layer : core.layers)
    for (const Rows& rows : {(layer.*state).h, (layer.*state).c})
      if (rows.values) memset(rows.values, 0, static_cast<size_t>(core.timeline.B * rows.row) * sizeof(float));
}

// Asks for huge pages under the arena's whole 2 MB pieces: the exponentials are walked through in strides of pages. Only advice.
void advise_huge_pages(uintptr_t base, uint64_t bytes) {
#if defined(__linux__) && defined(MADV_HUGEPAGE)
  constexpr uintptr_t kHuge = uintptr_t{2} << 20;
  const uintptr_t first = (base + kHuge - 1) / kHuge * kHuge, end = (base + static_cast<uintptr_t>(bytes)) / kHuge * kHuge;
  if (first < end) (void)madvise(reinterpret_cast<void*>(first), end - first, MADV_HUGEPAGE);
#else
  (void)base, (void)bytes;
#endif
}

template <typename Body>
int32_t over_array(int32_t isa, const float* input, float* output, int64_t count, char* text, int32_t bytes, Body body) {
  const Message message(text, bytes);
  TBPTT_CHECK(resolve_isa(isa, isa, message));
  if (count < 0) return message.fail(TBPTT_INVALID_ARGUMENT, "count %lld: allowed 0 or more", static_cast<long long>(count));
  if (count == 0) return TBPTT_OK;
  TBPTT_CHECK(check_floats("input", input, message));
  TBPTT_CHECK(check_floats("output", output, message));
  const FlushToZero flush;
  body(*kernels_of(isa));
  return TBPTT_OK;
}

}  // namespace

extern "C" {

int32_t tbptt_abi_version(void) { return TBPTT_ABI_VERSION; }
const char* tbptt_version(void) { return TBPTT_VERSION; }
const char* tbptt_isa_name(int32_t isa) { return isa_name(isa); }
int32_t tbptt_isa_available(int32_t isa) { return isa_available(isa) ? 1 : 0; }

int32_t tbptt_isa_choose(int32_t* isa, char* text, int32_t bytes) {
  const Message message(text, bytes);
  if (!isa) return message.fail(TBPTT_INVALID_ARGUMENT, "isa is null: allowed an address");
  return choose_isa(*isa, message);
}

int32_t tbptt_required_bytes(const tbptt_config* config, uint64_t* required, char* text, int32_t bytes) {
  const Message message(text, bytes);
  TBPTT_CHECK(check_config(config, message));
  if (!required) return message.fail(TBPTT_INVALID_ARGUMENT, "bytes is null: allowed an address");
  Core measured;
  *required = lay_out(measured, *config, 0) + kAlignment;
  return TBPTT_OK;
}

int32_t tbptt_create(const tbptt_config* config, void* arena, uint64_t arena_bytes, tbptt_core** core, char* text, int32_t bytes) {
  const Message message(text, bytes);
  uint64_t required;
  TBPTT_CHECK(tbptt_required_bytes(config, &required, text, bytes));
  if (!core) return message.fail(TBPTT_INVALID_ARGUMENT, "core is null: allowed an address");
  *core = nullptr;
  TBPTT_CHECK(check_floats("arena", static_cast<const float*>(arena), message));
  if (arena_bytes < required)
    return message.fail(TBPTT_OUT_OF_ARENA, "arena of %llu bytes: allowed %llu or more", static_cast<unsigned long long>(arena_bytes),
                        static_cast<unsigned long long>(required));
  int32_t isa = 0;
  TBPTT_CHECK(resolve_isa(config->isa, isa, message));

  const uintptr_t base = (reinterpret_cast<uintptr_t>(arena) + kAlignment - 1) / kAlignment * kAlignment;
  advise_huge_pages(base, required - kAlignment);
  allow(reinterpret_cast<void*>(base), static_cast<size_t>(required - kAlignment));
  memset(reinterpret_cast<void*>(base), 0, static_cast<size_t>(required - kAlignment));
  tbptt_core* made = new (reinterpret_cast<void*>(base)) tbptt_core();
  lay_out(*made, *config, base);
  made->kernels = kernels_of(isa);
  made->team = nullptr;
  if (made->threads > 1 && !(made->team = start_team(made->threads))) {
    allow(reinterpret_cast<void*>(base), static_cast<size_t>(required - kAlignment));
    return message.fail(TBPTT_INTERNAL, "config.threads %d: the system refuses so many threads", config->threads);
  }
  made->magic = kAlive;
  *core = made;
  return TBPTT_OK;
}

void tbptt_destroy(tbptt_core* core) {
  if (check_core(core, Message(nullptr, 0)) != TBPTT_OK) return;
  core->magic = 0;
  end_team(core->team);
  Core measured;
  allow(core, static_cast<size_t>(lay_out(measured, core->config, 0)));
}

const tbptt_config* tbptt_core_config(const tbptt_core* core) {
  return check_core(core, Message(nullptr, 0)) == TBPTT_OK ? &core->config : nullptr;
}

int32_t tbptt_core_isa(const tbptt_core* core) { return check_core(core, Message(nullptr, 0)) == TBPTT_OK ? core->kernels->isa : 0; }

int32_t tbptt_tensor_shape(const tbptt_core* core, int32_t tensor, int64_t* rows, int64_t* columns, char* text, int32_t bytes) {
  const Message message(text, bytes);
  TBPTT_CHECK(check_core(core, message));
  if (!rows || !columns) return message.fail(TBPTT_INVALID_ARGUMENT, "rows or columns is null: allowed two addresses");
  if (!tensor_shape(*core, tensor, *rows, *columns))
    return message.fail(TBPTT_INVALID_ARGUMENT, "tensor %d: allowed 0..%d", tensor, tensors_of(*core) - 1);
  return TBPTT_OK;
}

int32_t tbptt_write(tbptt_core* core, int32_t tensor, const float* values, int64_t count, char* text, int32_t bytes) {
  const Message message(text, bytes);
  TBPTT_CHECK(check_core(core, message));
  TBPTT_CHECK(check_tensor(*core, tensor, values, count, message));
  TBPTT_CHECK(check_values(*core, tensor, values, count, message));
  write_tensor(*core, tensor, values);
  return TBPTT_OK;
}

int32_t tbptt_read(const tbptt_core* core, int32_t tensor, float* values, int64_t count, char* text, int32_t bytes) {
  const Message message(text, bytes);
  TBPTT_CHECK(check_core(core, message));
  TBPTT_CHECK(check_tensor(*core, tensor, values, count, message));
  read_tensor(*core, tensor, values);
  return TBPTT_OK;
}

int32_t tbptt_get_counter(const tbptt_core* core, int32_t counter, int64_t* value, char* text, int32_t bytes) {
  const Message message(text, bytes);
  TBPTT_CHECK(check_core(core, message));
  if (!value) return message.fail(TBPTT_INVALID_ARGUMENT, "value is null: allowed an address");
  if (counter != TBPTT_OPTIMIZER_STEPS && counter != TBPTT_HISTORY_STEPS)
    return message.fail(TBPTT_INVALID_ARGUMENT, "counter %d: allowed 0..1", counter);
  *value = counter == TBPTT_OPTIMIZER_STEPS ? core->optimizer_steps : core->timeline.history_steps;
  return TBPTT_OK;
}

int32_t tbptt_set_counter(tbptt_core* core, int32_t counter, int64_t value, char* text, int32_t bytes) {
  const Message message(text, bytes);
  TBPTT_CHECK(check_core(core, message));
  if (counter != TBPTT_OPTIMIZER_STEPS && counter != TBPTT_HISTORY_STEPS)
    return message.fail(TBPTT_INVALID_ARGUMENT, "counter %d: allowed 0..1", counter);
  const int64_t most = counter == TBPTT_OPTIMIZER_STEPS ? kMostUpdates : core->timeline.P;
  if (value < 0 || value > most)
    return message.fail(TBPTT_INVALID_ARGUMENT, "counter %d set to %lld: allowed 0..%lld", counter, static_cast<long long>(value),
                        static_cast<long long>(most));
  (counter == TBPTT_OPTIMIZER_STEPS ? core->optimizer_steps : core->timeline.history_steps) = value;
  return TBPTT_OK;
}

int32_t tbptt_reset_state(tbptt_core* core, char* text, int32_t bytes) {
  const Message message(text, bytes);
  TBPTT_CHECK(check_core(core, message));
  clear_state(*core, &RecurrentLayer::state);
  core->timeline.history_steps = 0;
  return TBPTT_OK;
}

int32_t tbptt_reset_evaluation(tbptt_core* core, char* text, int32_t bytes) {
  const Message message(text, bytes);
  TBPTT_CHECK(check_core(core, message));
  clear_state(*core, &RecurrentLayer::evaluation_state);
  return TBPTT_OK;
}

int32_t tbptt_train(tbptt_core* core, const tbptt_window* window, double learning_rate, tbptt_stats* stats, char* text, int32_t bytes) {
  const Message message(text, bytes);
  TBPTT_CHECK(check_core(core, message));
  TBPTT_CHECK(check_window(*core, window, true, message));
  TBPTT_CHECK(check_learning_rate(learning_rate, message));
  tbptt_stats unwanted;
  tbptt_stats& result = stats ? *stats : unwanted;
  memset(&result, 0, sizeof(result));
  const FlushToZero flush;
  return finish(core->kernels->train(*core, *window, learning_rate, result), message);
}

int32_t tbptt_gradients(tbptt_core* core, const tbptt_window* window, const tbptt_gradient_output* output, tbptt_stats* stats, char* text,
                        int32_t bytes) {
  const Message message(text, bytes);
  TBPTT_CHECK(check_core(core, message));
  TBPTT_CHECK(check_window(*core, window, true, message));
  TBPTT_CHECK(check_gradient_output(*core, output, *window, message));
  tbptt_stats unwanted;
  tbptt_stats& result = stats ? *stats : unwanted;
  memset(&result, 0, sizeof(result));
  const FlushToZero flush;
  return finish(core->kernels->gradients(*core, *window, *output, result), message);
}

int32_t tbptt_advance(tbptt_core* core, const tbptt_window* window, char* text, int32_t bytes) {
  const Message message(text, bytes);
  TBPTT_CHECK(check_core(core, message));
  TBPTT_CHECK(check_window(*core, window, false, message));
  const FlushToZero flush;
  return finish(core->kernels->advance(*core, *window), message);
}

int32_t tbptt_evaluate(tbptt_core* core, const int32_t* tokens, const int32_t* targets, int32_t steps, double* loss_sum, int64_t* counted,
                       char* text, int32_t bytes) {
  const Message message(text, bytes);
  TBPTT_CHECK(check_core(core, message));
  if (!loss_sum || !counted) return message.fail(TBPTT_INVALID_ARGUMENT, "loss_sum or counted is null: allowed two addresses");
  if (steps < 1 || steps > core->timeline.T)
    return message.fail(TBPTT_INVALID_ARGUMENT, "steps %d: allowed 1..%d", steps, core->timeline.T);
  const int64_t count = static_cast<int64_t>(steps) * core->timeline.B;
  TBPTT_CHECK(check_tokens("tokens", tokens, count, core->softmax.V, message));
  TBPTT_CHECK(check_tokens("targets", targets, count, core->softmax.V, message));
  const FlushToZero flush;
  return finish(core->kernels->evaluate(*core, tokens, targets, steps, *loss_sum, *counted), message);
}

void tbptt_philox(uint64_t seed, uint32_t epoch, uint32_t window, uint32_t purpose, uint64_t position, uint32_t words[4]) {
  uint32_t counter[4] = {static_cast<uint32_t>(position / 4), window, epoch, purpose};
  uint32_t key0 = static_cast<uint32_t>(seed), key1 = static_cast<uint32_t>(seed >> 32);
  for (int round = 0; round < kPhiloxRounds; ++round) {
    const uint64_t p0 = static_cast<uint64_t>(kPhiloxMultiplier0) * counter[0], p1 = static_cast<uint64_t>(kPhiloxMultiplier1) * counter[2];
    counter[0] = static_cast<uint32_t>(p1 >> 32) ^ counter[1] ^ key0;
    counter[1] = static_cast<uint32_t>(p1);
    counter[2] = static_cast<uint32_t>(p0 >> 32) ^ counter[3] ^ key1;
    counter[3] = static_cast<uint32_t>(p0);
    key0 += kPhiloxWeyl0;
    key1 += kPhiloxWeyl1;
  }
  memcpy(words, counter, sizeof(counter));
}

int32_t tbptt_exp(int32_t isa, const float* input, float* output, int64_t count, char* text, int32_t bytes) {
  return over_array(isa, input, output, count, text, bytes, [&](const Kernels& kernels) { kernels.exp(input, output, count); });
}

int32_t tbptt_tanh(int32_t isa, const float* input, float* output, int64_t count, char* text, int32_t bytes) {
  return over_array(isa, input, output, count, text, bytes, [&](const Kernels& kernels) { kernels.tanh(input, output, count); });
}

int32_t tbptt_logistic(int32_t isa, const float* input, float* output, int64_t count, char* text, int32_t bytes) {
  return over_array(isa, input, output, count, text, bytes, [&](const Kernels& kernels) { kernels.logistic(input, output, count); });
}

double tbptt_probe_fp32_gflops(int32_t isa, double seconds) {
  const FlushToZero flush;
  return isa_available(isa) ? kernels_of(isa)->probe_fp32(seconds) : 0;
}

double tbptt_probe_bf16_gflops(int32_t isa, double seconds) {
  const FlushToZero flush;
  return isa_available(isa) && kernels_of(isa)->probe_bf16 ? kernels_of(isa)->probe_bf16(seconds) : 0;
}

double tbptt_probe_cache_gbps(int32_t isa, double seconds) { return isa_available(isa) ? kernels_of(isa)->probe_cache(seconds) : 0; }

}  // extern "C"
