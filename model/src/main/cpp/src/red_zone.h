// Under AddressSanitizer the gaps between the arena's sections are forbidden ground; otherwise there are none.
#pragma once

#include <stddef.h>
#include <stdint.h>

#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/asan_interface.h>
#endif

namespace tbptt {

#if defined(__SANITIZE_ADDRESS__)
constexpr uint64_t kRedZone = 64;
inline void forbid(const void* at, size_t bytes) { __asan_poison_memory_region(at, bytes); }
inline void allow(const void* at, size_t bytes) { __asan_unpoison_memory_region(at, bytes); }
#else
constexpr uint64_t kRedZone = 0;
inline void forbid(const void*, size_t) {}
inline void allow(const void*, size_t) {}
#endif

}  // namespace tbptt
