/*
 * JNI for org.tbptt.model.core.NativeBinding: marshals to the C interface and turns its messages into exceptions.
 * No arithmetic and no checks of its own but for what only it can see: whether a buffer is direct. Its callers size them.
 */
#include <jni.h>

#include <cstdint>
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

/* The address of a direct buffer of at least `bytes` bytes; throws and gives nullptr otherwise. */
void *direct(JNIEnv *env, jobject buffer, int64_t element_bytes, int64_t bytes) {
  void *address = env->GetDirectBufferAddress(buffer);
  if (address == nullptr || env->GetDirectBufferCapacity(buffer) * element_bytes < bytes) {
    env->ThrowNew(env->FindClass("java/lang/IllegalArgumentException"), "a direct buffer is missing or too small");
    return nullptr;
  }
  return address;
}

tbptt_core *core_of(jlong handle) { return reinterpret_cast<tbptt_core *>(handle); }

template <typename T>
T *at(jlong address) {
  return reinterpret_cast<T *>(address);
}

/* The window struct with the buffers' addresses in it. */
bool window_of(JNIEnv *env, jobject struct_buffer, jobject tokens, jobject targets, jobject input_mask, jobject output_mask,
               jobject link_mask, tbptt_window *window) {
  const void *fields = direct(env, struct_buffer, 1, sizeof(tbptt_window));
  if (fields == nullptr) {
    return false;
  }
  std::memcpy(window, fields, sizeof(tbptt_window));
  window->tokens = static_cast<const int32_t *>(direct(env, tokens, 4, 4));
  window->targets = static_cast<const int32_t *>(window->tokens == nullptr ? nullptr : direct(env, targets, 4, 4));
  if (window->tokens == nullptr || window->targets == nullptr) {
    return false;
  }
  window->input_mask = static_cast<const float *>(input_mask == nullptr ? nullptr : env->GetDirectBufferAddress(input_mask));
  window->output_mask = static_cast<const float *>(output_mask == nullptr ? nullptr : env->GetDirectBufferAddress(output_mask));
  window->link_mask = static_cast<const float *>(link_mask == nullptr ? nullptr : env->GetDirectBufferAddress(link_mask));
  return true;
}

}  // namespace

#define NATIVE(type, name) extern "C" JNIEXPORT type JNICALL Java_org_tbptt_model_core_NativeBinding_##name

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
  const auto *fields = static_cast<const tbptt_config *>(direct(env, config, 1, sizeof(tbptt_config)));
  if (fields == nullptr) {
    return 0;
  }
  Message message;
  uint64_t bytes = 0;
  failed(env, tbptt_required_bytes(fields, &bytes, message.text, sizeof message.text), message);
  return static_cast<jlong>(bytes);
}

NATIVE(jlong, create)(JNIEnv *env, jclass, jobject config, jlong arena, jlong arena_bytes) {
  const auto *fields = static_cast<const tbptt_config *>(direct(env, config, 1, sizeof(tbptt_config)));
  if (fields == nullptr) {
    return 0;
  }
  Message message;
  tbptt_core *core = nullptr;
  failed(env, tbptt_create(fields, at<void>(arena), static_cast<uint64_t>(arena_bytes), &core, message.text, sizeof message.text),
         message);
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

NATIVE(void, train)(JNIEnv *env, jclass, jlong core, jobject struct_buffer, jobject tokens, jobject targets, jobject input_mask,
                    jobject output_mask, jobject link_mask, jdouble learning_rate, jobject stats) {
  tbptt_window window;
  auto *result = static_cast<tbptt_stats *>(direct(env, stats, 1, sizeof(tbptt_stats)));
  if (result == nullptr || !window_of(env, struct_buffer, tokens, targets, input_mask, output_mask, link_mask, &window)) {
    return;
  }
  Message message;
  failed(env, tbptt_train(core_of(core), &window, learning_rate, result, message.text, sizeof message.text), message);
}

NATIVE(void, gradients)(JNIEnv *env, jclass, jlong core, jobject struct_buffer, jobject tokens, jobject targets, jobject input_mask,
                        jobject output_mask, jobject link_mask, jlongArray gradients, jobject stats) {
  tbptt_window window;
  auto *result = static_cast<tbptt_stats *>(direct(env, stats, 1, sizeof(tbptt_stats)));
  if (result == nullptr || !window_of(env, struct_buffer, tokens, targets, input_mask, output_mask, link_mask, &window)) {
    return;
  }
  jlong addresses[5];
  env->GetLongArrayRegion(gradients, 0, 5, addresses);
  if (env->ExceptionCheck()) {
    return;
  }
  tbptt_gradient_output output = {};
  output.emb = at<float>(addresses[0]);
  output.w = at<float>(addresses[1]);
  output.b = at<float>(addresses[2]);
  output.ws = at<float>(addresses[3]);
  output.bs = at<float>(addresses[4]);
  Message message;
  failed(env, tbptt_gradients(core_of(core), &window, &output, result, message.text, sizeof message.text), message);
}

NATIVE(void, lags)(JNIEnv *env, jclass, jlong core, jobject struct_buffer, jobject tokens, jobject targets, jobject input_mask,
                   jobject output_mask, jobject norms) {
  tbptt_window window;
  auto *values = static_cast<double *>(direct(env, norms, 8, 3 * 8));
  if (values == nullptr || !window_of(env, struct_buffer, tokens, targets, input_mask, output_mask, nullptr, &window)) {
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
  auto *bytes = static_cast<unsigned char *>(direct(env, result, 1, 16));
  const auto *inputs = static_cast<const int32_t *>(bytes == nullptr ? nullptr : direct(env, tokens, 4, 4));
  const auto *outputs = static_cast<const int32_t *>(inputs == nullptr ? nullptr : direct(env, targets, 4, 4));
  if (bytes == nullptr || inputs == nullptr || outputs == nullptr) {
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
