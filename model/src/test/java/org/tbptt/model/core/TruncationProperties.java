package org.tbptt.model.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.tbptt.model.core.RnnCoreContract.relativeError;
import static org.tbptt.model.core.RnnCoreContract.window;
import static org.tbptt.model.core.SameBits.assertSameBits;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.tbptt.model.corpus.Window;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.RandomStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.model.truncation.Truncation;

/** How the styles are related, on networks of any size and any cell, in the second window. */
public abstract class TruncationProperties implements EngineUnderTest {

  private static final int DRAWS = Integer.getInteger("tests.draws", 100);

  /** A network, of which T is the most that a test takes. */
  record Problem(RnnShape shape, double keepProb, Carry carry, long seed) {

    CoreConfig config(Truncation truncation) {
      return CoreConfigs.with(
          CoreConfigs.of(shape.ofSteps(truncation.seqLen()), truncation),
          shape.cell(),
          keepProb,
          carry);
    }
  }

  @Provide
  Arbitrary<Problem> problems() {
    Arbitrary<RnnShape> shapes =
        Combinators.combine(
                Arbitraries.integers().between(2, 60),
                Arbitraries.integers().between(1, 20),
                cells(),
                Arbitraries.integers().between(1, 3),
                Arbitraries.integers().between(1, 35),
                Arbitraries.integers().between(1, 9),
                Arbitraries.integers().between(1, 12))
            .as(RnnShape::new);
    return Combinators.combine(
            shapes,
            Arbitraries.of(0.6, 0.8, 1.0),
            Arbitraries.of(Carry.class),
            Arbitraries.longs().between(0, 1000))
        .as(
            (shape, keepProb, carry, seed) -> {
              boolean either = shape.layers() == 1 && !shape.cell().isGated();
              return new Problem(shape, keepProb, either ? carry : Carry.STATE, seed);
            });
  }

  @Provide
  Arbitrary<Cell> cells() {
    return Arbitraries.of(Cell.class);
  }

  @Property
  void trueThatReachesTheWindowsStartIsFullAndIsOneChunk(@ForAll("problems") Problem problem) {
    int steps = problem.shape().steps();
    Gradients full = inTheSecondWindow(problem, new FullStyle(steps));
    for (Truncation same :
        List.of(
            new TrueStyle(steps, steps),
            new TensorFlowStyle(steps),
            new IntervalStyle(1, steps, steps, false),
            new IntervalStyle(steps, steps, steps, false),
            new RandomStyle(1, steps))) {
      assertSame(inTheSecondWindow(problem, same), full);
    }
  }

  @Property
  void intervalOfOneErrorIsTrue(
      @ForAll("problems") Problem problem,
      @ForAll @IntRange(min = 1, max = 15) int bpttSteps,
      @ForAll boolean history) {
    int steps = problem.shape().steps();
    int reached = history ? bpttSteps : Math.min(bpttSteps, steps);

    assertSame(
        inTheSecondWindow(problem, new IntervalStyle(1, reached, steps, history)),
        inTheSecondWindow(problem, new TrueStyle(reached, steps, history)));
  }

  @Property
  void fullWithHistoryIsAnIntervalOfTwoWindows(@ForAll("problems") Problem problem) {
    int steps = problem.shape().steps();

    assertSame(
        inTheSecondWindow(problem, new FullStyle(steps, true)),
        inTheSecondWindow(problem, new IntervalStyle(steps, 2 * steps, steps, true)));
  }

  @Property
  void historyThatHoldsNothingIsNone(
      @ForAll("problems") Problem problem, @ForAll @IntRange(min = 1, max = 12) int bpttSteps) {
    int steps = problem.shape().steps();
    int reached = Math.min(bpttSteps, steps);
    Window window = window(problem.shape(), problem.seed());
    Draws draws = Draws.of(problem.keepProb(), 1, problem.seed(), 1, 0);
    for (boolean full : new boolean[] {true, false}) {
      Truncation with = full ? new FullStyle(steps, true) : new TrueStyle(reached, steps, true);
      Truncation without = full ? new FullStyle(steps) : new TrueStyle(reached, steps);
      try (RnnCore one = open(problem.config(with), problem.seed());
          RnnCore other = open(problem.config(without), problem.seed())) {
        assertSame(one.gradients(window, draws), other.gradients(window, draws));
      }
    }
  }

  @Property
  void theSumOfTheLagsPartsIsTheWhole(
      @ForAll("problems") Problem problem, @ForAll boolean history) {
    int steps = problem.shape().steps();
    int most = history ? steps + 2 : steps;
    double[] before = {};
    LagNorms norms = lagsInTheSecondWindow(problem, new TrueStyle(most, steps, history), most);
    for (int bpttSteps = 1; bpttSteps <= most; bpttSteps++) {
      double[] whole =
          weights(inTheSecondWindow(problem, new TrueStyle(bpttSteps, steps, history)));
      // What one more step adds is the part of its lag.
      double l1 = 0;
      double squares = 0;
      double size = 0;
      for (int i = 0; i < whole.length; i++) {
        double part = before.length == 0 ? whole[i] : whole[i] - before[i];
        l1 += Math.abs(part);
        squares += part * part;
        size += Math.abs(whole[i]);
      }
      double rounding = 20 * tolerance() * size + 1e-12;
      assertThat(norms.weightL1()[bpttSteps - 1])
          .as("L1 at lag %d of %s", bpttSteps - 1, problem)
          .isBetween(l1 - rounding, l1 + rounding);
      assertThat(norms.weightL2()[bpttSteps - 1])
          .as("L2 at lag %d of %s", bpttSteps - 1, problem)
          .isBetween(Math.sqrt(squares) - rounding, Math.sqrt(squares) + rounding);
      before = whole;
    }
  }

  /** The gradients of every layer's W, one after the other. */
  private static double[] weights(Gradients gradients) {
    return gradients.byParameter().entrySet().stream()
        .filter(entry -> entry.getKey().kind() == Parameter.Kind.RECURRENT)
        .sorted(Map.Entry.comparingByKey())
        .flatMapToDouble(
            entry -> Arrays.stream(entry.getValue().castTo(DataType.DOUBLE).data().asDouble()))
        .toArray();
  }

  @Property
  void oneUpdateForAllStepsIsTheDefault(
      @ForAll("problems") Problem problem, @ForAll boolean history) {
    int steps = problem.shape().steps();
    CoreConfig once = problem.config(new TrueStyle(1 + steps / 2, steps, history));
    try (RnnCore one = open(once, problem.seed());
        RnnCore other = open(CoreConfigs.updatingEvery(once, steps), problem.seed())) {
      for (int index = 0; index < 3; index++) {
        Window window = window(problem.shape(), index);
        Draws draws = Draws.of(problem.keepProb(), 1, problem.seed(), 1, index);
        assertThat(other.train(window, draws, 0.1)).isEqualTo(one.train(window, draws, 0.1));
      }
      for (Parameter parameter : one.shape().parameters()) {
        assertSameBits(other.read(parameter), one.read(parameter));
      }
    }
  }

  /**
   * The mean of N draws along the full gradient's direction: within five standard errors of its
   * length, which chance alone leaves once in 1.7 million times.
   */
  @Property(tries = 4, seed = "20")
  void theMeanOfRandomTruncationTendsToTheFullGradient(
      @ForAll @IntRange(min = 1, max = 1000) int seed, @ForAll("cells") Cell cell) {
    RnnShape shape = new RnnShape(13, 4, cell, 3, 6, 3, 6);
    Problem problem = new Problem(shape, 1, Carry.STATE, seed);
    Window window = window(shape, seed);
    INDArray full;
    try (RnnCore core = open(problem.config(new FullStyle(6)), seed)) {
      full = core.gradients(window, new Draws.None()).of(Parameter.RECURRENT);
    }
    INDArray direction = full.div(full.norm2Number());
    double sum = 0;
    double squares = 0;
    try (RnnCore core = open(problem.config(new RandomStyle(0.6, 6)), seed)) {
      for (int index = 0; index < DRAWS; index++) {
        INDArray gradient =
            core.gradients(window, Draws.of(1, 0.6, seed, 1, index)).of(Parameter.RECURRENT);
        double along = gradient.mul(direction).sumNumber().doubleValue();
        sum += along;
        squares += along * along;
        gradient.close();
      }
    }
    double mean = sum / DRAWS;
    double standardError = Math.sqrt((squares / DRAWS - mean * mean) / DRAWS);
    assertThat(standardError).isPositive();
    assertThat(mean - full.norm2Number().doubleValue())
        .isBetween(-5 * standardError, 5 * standardError);
  }

  private Gradients inTheSecondWindow(Problem problem, Truncation truncation) {
    try (RnnCore core = open(problem.config(truncation), problem.seed())) {
      core.train(window(problem.shape(), 1), draws(problem, 0), 0);
      return core.gradients(window(problem.shape(), 2), draws(problem, 1));
    }
  }

  private LagNorms lagsInTheSecondWindow(Problem problem, Truncation truncation, int lags) {
    try (RnnCore core = open(problem.config(truncation), problem.seed())) {
      core.train(window(problem.shape(), 1), draws(problem, 0), 0);
      return core.lags(window(problem.shape(), 2), draws(problem, 1), lags);
    }
  }

  private static Draws draws(Problem problem, int window) {
    return Draws.of(problem.keepProb(), 1, problem.seed(), 1, window);
  }

  private void assertSame(Gradients gradients, Gradients expected) {
    for (Parameter parameter : expected.byParameter().keySet()) {
      assertThat(relativeError(gradients.of(parameter), expected.of(parameter)))
          .as(parameter.symbol())
          .isLessThan(10 * tolerance());
    }
  }
}
