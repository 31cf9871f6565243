// Where the passes of a window stand in one move back, and what their rows are next to.
//
// Pass j starts at step end_j = j k1 + k1 - 1. In move p = 0, 1, ... k2-1 every pass stands at its step s = end_j - p; a row is (pass,
// column). A pass drops out below step -history; those are the first passes, so the rows that stay are contiguous.
#pragma once

#include "prepare.h"

namespace {

// Rows of one layer that lie behind one another everywhere. Where there is none, product, link, injected and mask are null.
struct Run {
  ptrdiff_t row;
  int rows;
  const float* product;   // (rows, H): the errors of the move before times W_h^T
  const float* link;      // (rows, H): what the product is multiplied by where a state was carried with dropout
  float xi;               // and what thins it
  const float* injected;  // (rows, H): dloss/dh from above
  const float* mask;      // (rows, H): on it
  Rows kept;              // (rows, kept)
  Rows before;            // (rows, H): h'
  float* along;           // (rows, H): read unless product is null
  float* total;           // (rows, parts)
  bool adds;              // whether other passes stand at these steps, too: total +=, else =
};

// What a layer's rows get from above: of one move's passes, or of the timeline's steps.
struct Injected {
  Rows rows;
  Rows mask;  // of the timeline; no values where there is none
  enum Place { kOfWindow, kOfTimeline, kOfBlock } place;
};

class Move {
 public:
  Move(const Core& core, const PreparedWindow& prepared, int p)
      : core_(core), prepared_(prepared), k1_(prepared.window.inject_every), p_(p) {
    // Passes at or above -history: (j+1) k1 - 1 - p >= -history.
    const int passes = prepared.window.steps / k1_, above = p - prepared.history + 1;
    const int first = above <= 0 ? 0 : (above + k1_ - 1) / k1_ - 1;
    begin_ = static_cast<ptrdiff_t>(first < passes ? first : passes) * core.timeline.B;
    end_ = static_cast<ptrdiff_t>(passes) * core.timeline.B;
  }
  int lag() const { return p_; }
  // The rows of the passes that go on.
  ptrdiff_t begin() const { return begin_; }
  ptrdiff_t end() const { return end_; }
  // The timeline's row of a row.
  ptrdiff_t timeline_row(ptrdiff_t row) const {
    const int B = core_.timeline.B;
    return core_.timeline.row(step_of(row / B)) + row % B;
  }

  // The run that row number `at` of a block begins, which begins with row `first`; of at most `most` rows.
  Run run(const RecurrentLayer& layer, const Injected& above, ptrdiff_t first, int at, int most, Rows product) const {
    const Timeline& timeline = core_.timeline;
    const ptrdiff_t row = first + at, column = row % timeline.B, step = step_of(row / timeline.B), place = timeline.row(step) + column;
    const bool moved = p_ > 0, thinned = prepared_.linked && moved;
    const ptrdiff_t rest = timeline.B - column;
    const bool edge = step < 0 && moved && timeline.edge[timeline.P + step] != 0;
    Run run;
    run.row = row;
    // A step's columns; with k1 = 1 also step after step.
    run.rows = thinned ? 1 : (k1_ == 1 && step >= 0) || most < rest ? most : static_cast<int>(rest);
    run.product = moved ? product.at(at) : nullptr;
    run.link = edge ? timeline.link.at(place) : nullptr;
    run.xi = thinned && step + 1 >= 0 ? timeline.link_mask[(step + 1) * timeline.B + column] : 1.0f;
    run.injected = above.place == Injected::kOfBlock      ? above.rows.at(at)
                   : above.place == Injected::kOfTimeline ? above.rows.at(place)
                   : p_ < k1_                             ? above.rows.at(step * timeline.B + column)
                                                          : nullptr;
    run.mask = above.mask.values ? above.mask.at(place) : nullptr;
    run.kept = {layer.kept.at(place), layer.kept.row};
    run.before = {layer.input.at(place) + layer.inputs, layer.input.row};
    run.along = layer.along.values + row * layer.along.row;
    run.total = layer.total.at(place);
    run.adds = !prepared_.single_pass();
    return run;
  }

 private:
  ptrdiff_t step_of(ptrdiff_t pass) const { return (pass + 1) * k1_ - 1 - p_; }

  const Core& core_;
  const PreparedWindow& prepared_;
  int k1_, p_;
  ptrdiff_t begin_, end_;
};

// for (Run run : Runs(move, layer, above, row, count, product)): rows row .. row+count-1, whose products are (count, H).
class Runs {
 public:
  Runs(const Move& move, const RecurrentLayer& layer, const Injected& above, ptrdiff_t row, int count, Rows product)
      : move_(move), layer_(layer), above_(above), row_(row), count_(count), product_(product) {}

  class Iterator {
   public:
    Iterator(const Runs& runs, int done) : runs_(runs), done_(done) {
      if (done_ < runs_.count_) next();
    }
    bool operator!=(const Iterator& other) const { return done_ != other.done_; }
    const Run& operator*() const { return run_; }
    void operator++() {
      done_ += run_.rows;
      if (done_ < runs_.count_) next();
    }

   private:
    void next() { run_ = runs_.move_.run(runs_.layer_, runs_.above_, runs_.row_, done_, runs_.count_ - done_, runs_.product_); }

    const Runs& runs_;
    int done_;
    Run run_;
  };
  Iterator begin() const { return {*this, 0}; }
  Iterator end() const { return {*this, count_}; }
  ptrdiff_t first() const { return row_; }

 private:
  const Move& move_;
  const RecurrentLayer& layer_;
  const Injected& above_;
  ptrdiff_t row_;
  int count_;
  Rows product_;
};

}  // namespace
