// Philox 4x32-10 (Salmon, Moraes, Dror, Shaw: Parallel Random Numbers: As Easy as 1, 2, 3; SC 2011).
#pragma once

#include <stdint.h>

namespace tbptt {

constexpr uint32_t kPhiloxMultiplier0 = 0xD2511F53u, kPhiloxMultiplier1 = 0xCD9E8D57u;
constexpr uint32_t kPhiloxWeyl0 = 0x9E3779B9u, kPhiloxWeyl1 = 0xBB67AE85u;
constexpr int kPhiloxRounds = 10;

// Which numbers are drawn: the fourth counter word. Those of layer l = 1, 2 ... have kLayerPurposes (l - 1) more.
enum Purpose : uint32_t { kInputMask = 1, kOutputMask = 2, kLinkMask = 3 };
constexpr uint32_t kLayerPurposes = 1u << 16;

}  // namespace tbptt
