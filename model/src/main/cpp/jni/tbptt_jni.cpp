/*
 * JNI for org.tbptt.model.nativecore.NativeBinding: marshals to the C interface and turns its messages into exceptions.
 * No arithmetic and no checks of its own but for what only it can see: whether a buffer is direct and how much it holds.
 */
#include <jni.h>

#include <cstdint>
#include <cstdio>
#include <cstring>

#include "tbptt.h"

namespace {

struct Message {
  char text[512] = "";
};

/* Throws what the status means, with the core's message; false when there is nothing to throw. */
bool failed(JNIEnv *env, int32_t status, const Message &message) {
  if (status == TBPTT_OK) {
    return false;
  }
  const char *type = status == TBPTT_UNSUPPORTED ? "java/lang/UnsupportedOperationException"
                     : status == TBPTT_CANCELLED ? "java/util/concurrent/CancellationException"
                     : status == TBPTT_INTERNAL  ? "java/lang/IllegalStateException"
                                                 : "java/lang/IllegalArgumentException";
  env->ThrowNew(env->FindClass(type), message.text);
  return true;
}

/* The address of a direct buffer with room for rows * columns elements; throws and gives nullptr otherwise. */
void *direct(JNIEnv *env, const char *name, jobject buffer, int64_t rows, int64_t columns = 1) {
  void *address = buffer == nullptr ? nullptr : env->GetDirectBufferAddress(buffer);
  const int64_t capacity = address == nullptr ? 0 : env->GetDirectBufferCapacity(buffer);
  // Divided: the product of a size that the core has yet to refuse may not fit.
  if (address == nullptr || capacity / columns < rows) {
    char text[200];
    std::snprintf(text, sizeof text, "%s has room for %lld elements: allowed direct buffers with room for %lld x %lld or more", name,
                  static_cast<long long>(capacity), static_cast<long long>(rows), static_cast<long long>(columns));
    env->ThrowNew(env->FindClass("java/lang/IllegalArgumentException"), text);
    return nullptr;
  }
  return address;
}

/* The same of bytes that hold a T. */
template <typename T>
T *struct_in(JNIEnv *env, const char *name, jobject buffer) {
  return static_cast<T *>(direct(env, name, buffer, sizeof(T)));
}

tbptt_core *core_of(jlong handle) { return reinterpret_cast<tbptt_core *>(handle); }

template <typename T>
T *at(jlong address) {
  return reinterpret_cast<T *>(address);
}

/* What a core's window consists of; throws and gives nullptr for a core that is not alive. */
const tbptt_config *config_of(JNIEnv *env, jlong core) {
  const tbptt_config *config = tbptt_core_config(core_of(core));
  if (config == nullptr) {
    Message message;
    failed(env, tbptt_reset_state(core_of(core), message.text, sizeof message.text), message); /* says why */
  }
  return config;
}

/* The window struct with the buffers' addresses in it; false once something was thrown. Masks may be null. */
bool window_of(JNIEnv *env, jlong core, jobject struct_buffer, jobject tokens, jobject targets, jobject input_mask, jobject output_mask,
               jobject link_mask, tbptt_window *window) {
  const tbptt_config *config = config_of(env, core);
  const void *fields = config == nullptr ? nullptr : direct(env, "window", struct_buffer, sizeof(tbptt_window));
  if (fields == nullptr) {
    return false;
  }
  std::memcpy(window, fields, sizeof *window);
  const int64_t layers = config->layers > 0 ? config->layers : 1, count = static_cast<int64_t>(window->steps) * config->batch;
  struct {
    const char *name;
    jobject buffer;
    int64_t columns;
    bool optional;
    void *address;
  } arrays[5] = {{"tokens", tokens, 1, false, nullptr},
                 {"targets", targets, 1, true, nullptr},  // the core wants them where there are losses
                 {"the input mask", input_mask, config->embedding, true, nullptr},
                 {"the output mask", output_mask, layers * config->hidden, true, nullptr},
                 {"the link mask", link_mask, 1, true, nullptr}};
  for (auto &array : arrays) {
    if (array.buffer == nullptr && array.optional) {
      continue;
    }
    array.address = direct(env, array.name, array.buffer, count, array.columns);
    if (array.address == nullptr) {
      return false;
    }
  }
  window->tokens = static_cast<const int32_t *>(arrays[0].address);
  window->targets = static_cast<const int32_t *>(arrays[1].address);
  window->input_mask = static_cast<const float *>(arrays[2].address);
  window->output_mask = static_cast<const float *>(arrays[3].address);
  window->link_mask = static_cast<const float *>(arrays[4].address);
  return true;
}

}  // namespace

#define NATIVE(type, name) extern "C" JNIEXPORT type JNICALL Java_org_tbptt_model_nativecore_NativeBinding_##name

NATIVE(jint, abiVersion)(JNIEnv *, jclass) { return tbptt_abi_version(); }

NATIVE(jstring, version)(JNIEnv *env, jclass) { return env->NewStringUTF(tbptt_version()); }

NATIVE(jstring, isaName)(JNIEnv *env, jclass, jint isa) {
  const char *name = tbptt_isa_name(isa);
  return name == nullptr ? nullptr : env->NewStringUTF(name);
}

NATIVE(jboolean, isaAvailable)(JNIEnv *, jclass, jint isa) { return tbptt_isa_available(isa) != 0; }

NATIVE(jint, chooseIsa)(JNIEnv *env, jclass) {
  Message message;
  int32_t isa = 0;
  failed(env, tbptt_isa_choose(&isa, message.text, sizeof message.text), message);
  return isa;
}

NATIVE(jlong, requiredBytes)(JNIEnv *env, jclass, jobject config) {
  const auto *fields = struct_in<const tbptt_config>(env, "config", config);
  if (fields == nullptr) {
    return 0;
  }
  Message message;
  uint64_t bytes = 0;
  failed(env, tbptt_required_bytes(fields, &bytes, message.text, sizeof message.text), message);
  return static_cast<jlong>(bytes);
}

NATIVE(jlong, create)(JNIEnv *env, jclass, jobject config, jlong arena, jlong arena_bytes) {
  const auto *fields = struct_in<const tbptt_config>(env, "config", config);
  if (fields == nullptr) {
    return 0;
  }
  Message message;
  tbptt_core *core = nullptr;
  failed(env, tbptt_create(fields, at<void>(arena), static_cast<uint64_t>(arena_bytes), &core, message.text, sizeof message.text), message);
  return reinterpret_cast<jlong>(core);
}

NATIVE(void, destroy)(JNIEnv *, jclass, jlong core) { tbptt_destroy(core_of(core)); }

NATIVE(jint, coreIsa)(JNIEnv *, jclass, jlong core) { return tbptt_core_isa(core_of(core)); }

NATIVE(void, write)(JNIEnv *env, jclass, jlong core, jint tensor, jlong values, jlong count) {
  Message message;
  failed(env, tbptt_write(core_of(core), tensor, at<const float>(values), count, message.text, sizeof message.text), message);
}

NATIVE(void, read)(JNIEnv *env, jclass, jlong core, jint tensor, jlong values, jlong count) {
  Message message;
  failed(env, tbptt_read(core_of(core), tensor, at<float>(values), count, message.text, sizeof message.text), message);
}

NATIVE(jlong, counter)(JNIEnv *env, jclass, jlong core, jint counter) {
  Message message;
  int64_t value = 0;
  failed(env, tbptt_get_counter(core_of(core), counter, &value, message.text, sizeof message.text), message);
  return value;
}

NATIVE(void, setCounter)(JNIEnv *env, jclass, jlong core, jint counter, jlong value) {
  Message message;
  failed(env, tbptt_set_counter(core_of(core), counter, value, message.text, sizeof message.text), message);
}

NATIVE(void, reset)(JNIEnv *env, jclass, jlong core) {
  Message message;
  if (!failed(env, tbptt_reset_state(core_of(core), message.text, sizeof message.text), message)) {
    failed(env, tbptt_reset_evaluation(core_of(core), message.text, sizeof message.text), message);
  }
}

NATIVE(void, train)
(JNIEnv *env, jclass, jlong core, jobject struct_buffer, jobject tokens, jobject targets, jobject input_mask, jobject output_mask,
 jobject link_mask, jdouble learning_rate, jobject stats) {
  tbptt_window window;
  auto *result = struct_in<tbptt_stats>(env, "stats", stats);
  if (result == nullptr || !window_of(env, core, struct_buffer, tokens, targets, input_mask, output_mask, link_mask, &window)) {
    return;
  }
  Message message;
  failed(env, tbptt_train(core_of(core), &window, learning_rate, result, message.text, sizeof message.text), message);
}

NATIVE(void, advance)
(JNIEnv *env, jclass, jlong core, jobject struct_buffer, jobject tokens, jobject input_mask, jobject output_mask, jobject link_mask) {
  tbptt_window window;
  if (!window_of(env, core, struct_buffer, tokens, nullptr, input_mask, output_mask, link_mask, &window)) {
    return;
  }
  Message message;
  failed(env, tbptt_advance(core_of(core), &window, message.text, sizeof message.text), message);
}

NATIVE(void, gradients)
(JNIEnv *env, jclass, jlong core, jobject struct_buffer, jobject tokens, jobject targets, jobject input_mask, jobject output_mask,
 jobject link_mask, jlongArray gradients, jobject stats) {
  tbptt_window window;
  auto *result = struct_in<tbptt_stats>(env, "stats", stats);
  if (result == nullptr || !window_of(env, core, struct_buffer, tokens, targets, input_mask, output_mask, link_mask, &window)) {
    return;
  }
  const int32_t layers = tbptt_core_config(core_of(core))->layers, parameters = 2 * (layers > 0 ? layers : 1) + 3;
  jlong addresses[TBPTT_MOST_PARAMETERS];
  env->GetLongArrayRegion(gradients, 0, parameters, addresses);
  if (env->ExceptionCheck()) {
    return;
  }
  tbptt_gradient_output output = {};
  for (int parameter = 0; parameter < parameters; ++parameter) {
    output.gradients[parameter] = at<float>(addresses[parameter]);
  }
  Message message;
  failed(env, tbptt_gradients(core_of(core), &window, &output, result, message.text, sizeof message.text), message);
}

NATIVE(void, lags)
(JNIEnv *env, jclass, jlong core, jobject struct_buffer, jobject tokens, jobject targets, jobject input_mask, jobject output_mask,
 jobject norms) {
  tbptt_window window;
  auto *values = static_cast<double *>(direct(env, "norms", norms, 3));
  if (values == nullptr || !window_of(env, core, struct_buffer, tokens, targets, input_mask, output_mask, nullptr, &window)) {
    return;
  }
  const jlong lags = env->GetDirectBufferCapacity(norms) / 3;
  tbptt_gradient_output output = {};
  output.lag_phi = values;
  output.lag_w_l1 = values + lags;
  output.lag_w_l2 = values + 2 * lags;
  output.lags = static_cast<int32_t>(lags);
  Message message;
  failed(env, tbptt_gradients(core_of(core), &window, &output, nullptr, message.text, sizeof message.text), message);
}

NATIVE(void, evaluate)(JNIEnv *env, jclass, jlong core, jobject tokens, jobject targets, jint steps, jobject result) {
  const tbptt_config *config = config_of(env, core);
  auto *bytes = static_cast<unsigned char *>(config == nullptr ? nullptr : direct(env, "result", result, 16));
  if (bytes == nullptr) {
    return;
  }
  const int64_t count = static_cast<int64_t>(steps) * config->batch;
  const auto *inputs = static_cast<const int32_t *>(direct(env, "tokens", tokens, count));
  const auto *outputs = static_cast<const int32_t *>(inputs == nullptr ? nullptr : direct(env, "targets", targets, count));
  if (outputs == nullptr) {
    return;
  }
  Message message;
  double loss_sum = 0;
  int64_t counted = 0;
  failed(env, tbptt_evaluate(core_of(core), inputs, outputs, steps, &loss_sum, &counted, message.text, sizeof message.text), message);
  std::memcpy(bytes, &loss_sum, sizeof loss_sum);
  std::memcpy(bytes + sizeof loss_sum, &counted, sizeof counted);
}

NATIVE(jdouble, probeFp32)(JNIEnv *, jclass, jint isa, jdouble seconds) { return tbptt_probe_fp32_gflops(isa, seconds); }

NATIVE(jdouble, probeBf16)(JNIEnv *, jclass, jint isa, jdouble seconds) { return tbptt_probe_bf16_gflops(isa, seconds); }

NATIVE(jdouble, probeCache)(JNIEnv *, jclass, jint isa, jdouble seconds) { return tbptt_probe_cache_gbps(isa, seconds); }
