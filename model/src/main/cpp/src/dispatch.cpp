#include "dispatch.h"

#include <stdlib.h>
#include <string.h>

#include "cpu.h"

namespace tbptt {

#define TBPTT_TABLE(name) extern const Kernels name;
#if defined(TBPTT_X86)
TBPTT_TABLE(kernels_avx2)
TBPTT_TABLE(kernels_avx512)
TBPTT_TABLE(kernels_avx512bf16)
TBPTT_TABLE(kernels_amx)
#endif
TBPTT_TABLE(kernels_baseline)

const Kernels* kernels_of(int32_t isa) {
  switch (isa) {
    case TBPTT_ISA_BASELINE:
      return &kernels_baseline;
#if defined(TBPTT_X86)
    case TBPTT_ISA_AVX2:
      return &kernels_avx2;
    case TBPTT_ISA_AVX512:
      return &kernels_avx512;
    case TBPTT_ISA_AVX512_BF16:
      return &kernels_avx512bf16;
    case TBPTT_ISA_AMX:
      return &kernels_amx;
#endif
    default:
      return nullptr;
  }
}

const char* isa_name(int32_t isa) {
#if defined(__aarch64__)
  static const char* const names[TBPTT_ISA_COUNT] = {"automatic", "neon", "avx2", "avx512", "avx512bf16", "amx"};
#else
  static const char* const names[TBPTT_ISA_COUNT] = {"automatic", "baseline", "avx2", "avx512", "avx512bf16", "amx"};
#endif
  return isa >= 0 && isa < TBPTT_ISA_COUNT ? names[isa] : nullptr;
}

bool isa_available(int32_t isa) { return kernels_of(isa) != nullptr && cpu_has(isa); }

namespace {

struct Available {
  char text[128];
  Available() {
    text[0] = 0;
    for (int32_t isa = 1; isa < TBPTT_ISA_COUNT; ++isa) {
      if (!isa_available(isa)) continue;
      if (text[0]) strcat(text, ", ");
      strcat(text, isa_name(isa));
    }
  }
};

}  // namespace

int32_t choose_isa(int32_t& isa, const Message& message) {
  const char* wanted = getenv("TBPTT_ISA");
  if (wanted && *wanted) {
    for (int32_t candidate = 1; candidate < TBPTT_ISA_COUNT; ++candidate) {
      if (strcmp(wanted, isa_name(candidate)) != 0) continue;
      if (!isa_available(candidate))
        return message.fail(TBPTT_UNSUPPORTED, "TBPTT_ISA=%s: this CPU or build doesn't have it; available: %s", wanted, Available().text);
      isa = candidate;
      return TBPTT_OK;
    }
    return message.fail(TBPTT_UNSUPPORTED, "TBPTT_ISA=%s: unknown; available: %s", wanted, Available().text);
  }
  for (isa = TBPTT_ISA_COUNT - 1; isa > TBPTT_ISA_BASELINE && !isa_available(isa); --isa) {
  }
  return TBPTT_OK;
}

int32_t resolve_isa(int32_t wanted, int32_t& isa, const Message& message) {
  if (wanted == TBPTT_ISA_AUTOMATIC) return choose_isa(isa, message);
  if (!isa_name(wanted)) return message.fail(TBPTT_INVALID_ARGUMENT, "isa %d: allowed 0..%d", wanted, TBPTT_ISA_COUNT - 1);
  if (!isa_available(wanted))
    return message.fail(TBPTT_UNSUPPORTED, "isa %s: this CPU or build doesn't have it; available: %s", isa_name(wanted), Available().text);
  isa = wanted;
  return TBPTT_OK;
}

}  // namespace tbptt
