// Cuts a block of memory into sections.
#pragma once

#include "core.h"
#include "red_zone.h"

namespace tbptt {

constexpr uint64_t kAlignment = 64;

class Arena {
 public:
  // `base` is aligned to kAlignment; 0 only measures.
  explicit Arena(uintptr_t base) : base_(base) {}
  template <typename Element>
  void place(Element*& section, uint64_t count) {
    section = reinterpret_cast<Element*>(base_ + static_cast<uintptr_t>(bytes_));
    const uint64_t used = count * sizeof(Element);
    bytes_ += (used + kAlignment - 1) / kAlignment * kAlignment + kRedZone;
    if (base_ != 0) forbid(reinterpret_cast<char*>(section) + used, base_ + bytes_ - (reinterpret_cast<uintptr_t>(section) + used));
  }
  void place(Rows& rows, uint64_t count, int row) {
    rows.row = row;
    place(rows.values, count * static_cast<uint64_t>(row));
  }
  void place(Strips& strips, int depth, int width) {
    strips = {nullptr, depth, 0};
    place(strips.values, static_cast<uint64_t>(depth) * static_cast<uint64_t>(width));
  }
  template <typename Element>
  void place(Planes<Element>& terms, uint64_t planes, uint64_t size) {
    terms.plane = static_cast<ptrdiff_t>(size);
    place(terms.values, planes * size);
  }
  bool measures() const { return base_ == 0; }
  uint64_t bytes() const { return bytes_; }

 private:
  uintptr_t base_;
  uint64_t bytes_ = 0;
};

}  // namespace tbptt
