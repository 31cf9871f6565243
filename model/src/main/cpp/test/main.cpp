#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdio>
#include <cstring>

#include "native_core.h"

// Before doctest's own options: --golden DIR names the folder of the golden files, --isa NAME the one instruction set to test.
int main(int count, char** arguments) {
  for (int i = 1; i + 1 < count; ++i) {
    if (std::strcmp(arguments[i], "--golden") == 0) golden_folder() = arguments[i + 1];
    if (std::strcmp(arguments[i], "--isa") == 0) isa_to_test() = arguments[i + 1];
  }
  if (available_isas().empty()) {
    std::fprintf(stderr, "--isa %s: not one that this CPU has\n", isa_to_test().c_str());
    return 2;
  }
  doctest::Context context(count, arguments);
  return context.run();
}
