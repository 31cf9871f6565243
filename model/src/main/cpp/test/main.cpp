#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include <cstdlib>
#include <cstring>

#include "native_core.h"

// --golden DIR before doctest's own options names the folder of the golden files.
int main(int count, char** arguments) {
  for (int i = 1; i + 1 < count; ++i)
    if (std::strcmp(arguments[i], "--golden") == 0) golden_folder() = arguments[i + 1];
  doctest::Context context(count, arguments);
  return context.run();
}
