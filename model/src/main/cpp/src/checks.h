// Every argument is looked at before the arithmetic sees it. Each check returns TBPTT_OK or a status with its message written.
#pragma once

#include "core.h"
#include "message.h"

namespace tbptt {

int32_t check_config(const tbptt_config* config, const Message& message);
int32_t check_core(const Core* core, const Message& message);
int32_t check_window(const Core& core, const tbptt_window* window, bool wants_targets, const Message& message);
int32_t check_tokens(const char* name, const int32_t* tokens, int64_t count, int32_t vocabulary, const Message& message);
int32_t check_floats(const char* name, const float* values, const Message& message);
// What tbptt_write takes: values of a tensor whose shape fits.
int32_t check_values(const Core& core, int32_t tensor, const float* values, int64_t count, const Message& message);
int32_t check_learning_rate(double rate, const Message& message);
int32_t check_gradient_output(const Core& core, const tbptt_gradient_output* output, const tbptt_window& window, const Message& message);

// The first word of a living core.
constexpr uint64_t kAlive = 0x3170747470427452u;

}  // namespace tbptt
