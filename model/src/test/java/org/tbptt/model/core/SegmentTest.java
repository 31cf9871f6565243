package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Assume;
import net.jqwik.api.Example;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.SentenceStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

class SegmentTest {

  @Example
  void errorsOfAWindowGoWhereItsStyleSays() {
    // The first step that the error of each of the six steps reaches.
    assertThat(reached(new TensorFlowStyle(6))).containsExactly(0, 0, 0, 0, 0, 0);
    assertThat(reached(new TrueStyle(3, 6))).containsExactly(0, 0, 0, 1, 2, 3);
    assertThat(reached(new TrueStyle(3, 6, true))).containsExactly(-2, -1, 0, 1, 2, 3);
    assertThat(reached(new FullStyle(6))).containsExactly(0, 0, 0, 0, 0, 0);
    assertThat(reached(new FullStyle(6, true))).containsExactly(-6, -6, -6, -6, -6, -6);
    assertThat(reached(new IntervalStyle(2, 4, 6, false))).containsExactly(0, 0, 0, 0, 2, 2);
    assertThat(reached(new IntervalStyle(2, 4, 6, true))).containsExactly(-2, -2, 0, 0, 2, 2);
  }

  @Example
  void ofOneStepPartsTheFirstOnesGetAsMuchHistoryAsTheWindowHasStepsBefore() {
    List<Segment> parts = Segment.partsOf(new TrueStyle(3, 4), 3, 4, 1);

    assertThat(parts)
        .containsExactly(
            new Segment(0, 1, 1, 3, 0, false),
            new Segment(1, 1, 1, 3, 1, false),
            new Segment(2, 1, 1, 3, 2, false),
            new Segment(3, 1, 1, 3, 2, true));
  }

  @Example
  void aSentenceShorterThanItsStepsIsOneSweep() {
    assertThat(Segment.over(new SentenceStyle(5), 5, 3))
        .isEqualTo(new Segment(0, 3, 3, 3, 0, true));
  }

  @Property(tries = 500)
  void errorsGoAsFarWhereverTheWindowIsCut(
      @ForAll @IntRange(min = 1, max = 6) int k1,
      @ForAll @IntRange(min = 1, max = 4) int perPart,
      @ForAll @IntRange(min = 1, max = 4) int parts,
      @ForAll @IntRange(min = 0, max = 20) int more,
      @ForAll boolean history) {
    int seqLen = k1 * perPart * parts;
    Assume.that(history || k1 + more <= seqLen);
    Truncation truncation = new IntervalStyle(k1, k1 + more, seqLen, history);

    assertThat(reached(truncation, k1 * perPart)).isEqualTo(reached(truncation));
  }

  private static List<Integer> reached(Truncation truncation) {
    return reached(truncation, 0);
  }

  /** For the error of each step of the window the first step that it reaches. */
  private static List<Integer> reached(Truncation truncation, int updateEvery) {
    List<Integer> reached = new ArrayList<>();
    for (Segment segment :
        Segment.partsOf(truncation, truncation.bpttSteps(), truncation.seqLen(), updateEvery)) {
      for (int t = 0; t < segment.steps(); t++) {
        int end = t - t % segment.injectEvery() + segment.injectEvery() - 1;
        reached.add(segment.first() + Math.max(-segment.historySteps(), end - segment.reach() + 1));
      }
    }
    return reached;
  }
}
