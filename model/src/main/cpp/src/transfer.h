// Between the arena's layouts and canonical row-major matrices.
#pragma once

#include "core.h"

namespace tbptt {

// The matrices that a core has: their numbers are below it.
int32_t tensors_of(const Core& core);
bool is_history(const Core& core, int32_t tensor);
bool is_second_moment(const Core& core, int32_t tensor);
// rows = columns = 0 for a moment that the optimiser doesn't have. False for an unknown tensor.
bool tensor_shape(const Core& core, int32_t tensor, int64_t& rows, int64_t& columns);
void read_tensor(const Core& core, int32_t tensor, float* values);
void write_tensor(Core& core, int32_t tensor, const float* values);
// The columns of a row of history.
int64_t history_columns(const Core& core);

}  // namespace tbptt
