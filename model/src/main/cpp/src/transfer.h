// Between the arena's layouts and canonical row-major matrices.
#pragma once

#include "core.h"

namespace tbptt {

// rows = columns = 0 for a moment that the optimiser doesn't have. False for an unknown tensor.
bool tensor_shape(const Core& core, int32_t tensor, int64_t& rows, int64_t& columns);
void read_tensor(const Core& core, int32_t tensor, float* values);
void write_tensor(Core& core, int32_t tensor, const float* values);
// The columns of a row of history: token, edge, x, input mask, r, h, link.
int64_t history_columns(const Core& core);

}  // namespace tbptt
