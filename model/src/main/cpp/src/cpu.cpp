#include "cpu.h"

#include "../include/tbptt.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <xmmintrin.h>
#endif
#if defined(__linux__)
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace tbptt {

#if defined(__x86_64__)
namespace {

struct Registers {
  uint32_t eax, ebx, ecx, edx;
};

Registers cpuid(uint32_t leaf, uint32_t subleaf) {
  Registers r{};
  if (!__get_cpuid_count(leaf, subleaf, &r.eax, &r.ebx, &r.ecx, &r.edx)) r = Registers{};
  return r;
}

bool bit(uint32_t word, int index) { return (word >> index & 1u) != 0; }

// The register state that the operating system saves (XCR0).
uint64_t saved_state() {
  if (!bit(cpuid(1, 0).ecx, 27)) return 0;  // OSXSAVE
  uint32_t low, high;
  __asm__ volatile("xgetbv" : "=a"(low), "=d"(high) : "c"(0));
  return static_cast<uint64_t>(high) << 32 | low;
}

bool has_avx2() {
  const Registers one = cpuid(1, 0), seven = cpuid(7, 0);
  return (saved_state() & 0x6) == 0x6 && bit(one.ecx, 28) && bit(one.ecx, 12) && bit(seven.ebx, 5);
}

bool has_avx512() {
  const uint32_t ebx = cpuid(7, 0).ebx;
  return has_avx2() && (saved_state() & 0xE6) == 0xE6 && bit(ebx, 16) && bit(ebx, 17) && bit(ebx, 30) && bit(ebx, 31);
}

bool has_avx512_bf16() { return has_avx512() && cpuid(7, 0).eax >= 1 && bit(cpuid(7, 1).eax, 5); }

bool has_amx() {
#if defined(TBPTT_EMULATE_TILES)
  return true;
#else
  const uint32_t edx = cpuid(7, 0).edx;
  return has_avx512_bf16() && (saved_state() & 0x60000) == 0x60000 && bit(edx, 22) && bit(edx, 24) && permit_amx();
#endif
}

}  // namespace

bool permit_amx() {
#if defined(__linux__)
  constexpr long kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILEDATA
  static const bool permitted = syscall(SYS_arch_prctl, kRequestPermission, kTileData) == 0;
  return permitted;
#else
  return false;
#endif
}

bool cpu_has(int32_t isa) {
  switch (isa) {
    case TBPTT_ISA_BASELINE:
      return true;
    case TBPTT_ISA_AVX2:
      return has_avx2();
    case TBPTT_ISA_AVX512:
      return has_avx512();
    case TBPTT_ISA_AVX512_BF16:
      return has_avx512_bf16();
    case TBPTT_ISA_AMX:
      return has_amx();
    default:
      return false;
  }
}

FlushToZero::FlushToZero() : before_(_mm_getcsr()) {
  _mm_setcsr(0x9FC0);  // flush to zero, denormals are zero, round to nearest, all exceptions masked
}
FlushToZero::~FlushToZero() { _mm_setcsr(static_cast<unsigned>(before_)); }

#else

bool permit_amx() { return false; }
bool cpu_has(int32_t isa) { return isa == TBPTT_ISA_BASELINE; }

#if defined(__aarch64__)
FlushToZero::FlushToZero() {
  __asm__ volatile("mrs %0, fpcr" : "=r"(before_));
  const uint64_t flush = uint64_t{1} << 24;  // FZ; round to nearest
  __asm__ volatile("msr fpcr, %0" ::"r"(flush));
}
FlushToZero::~FlushToZero() { __asm__ volatile("msr fpcr, %0" ::"r"(before_)); }
#else
FlushToZero::FlushToZero() : before_(0) {}
FlushToZero::~FlushToZero() {}
#endif

#endif

}  // namespace tbptt
