package org.tbptt.sweep.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.corpus.Corpus;
import org.tbptt.model.corpus.ToySource;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.truncation.AdaptiveStyle;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.IntervalStyle;
import org.tbptt.model.truncation.RandomStyle;
import org.tbptt.model.truncation.SentenceStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.config.SweepConfig;

class GridTest {

  @TempDir Path folder;

  @Test
  void trialsComeInTheOrderOfTheAxes() {
    Grid grid =
        grid(
            """
            truncation = [{bptt-steps = 5, seq-len = 20}, {bptt-steps = 10, seq-len = 20}]
            style = [true, tf]
            learning-rate = [0.1, 0.2]
            "model.state-size" = [3, 4]
            seed = [1, 2]
            """);

    assertThat(grid.points()).isEqualTo(32);
    assertThat(grid.merged()).isEmpty();
    assertThat(grid.trials())
        .extracting(GridTest::brief)
        .startsWith(
            "true 5 0.1 3 1",
            "true 5 0.1 3 2",
            "true 5 0.1 4 1",
            "true 5 0.1 4 2",
            "true 5 0.2 3 1")
        .endsWith("tf 10 0.2 4 2");
    assertThat(brief(grid.trials().get(8))).isEqualTo("tf 5 0.1 3 1");
    assertThat(brief(grid.trials().get(16))).isEqualTo("true 10 0.1 3 1");
  }

  @Test
  void eachStyleTakesWhatItNeedsFromThePair() {
    Grid grid = grid("truncation = {bptt-steps = 5, seq-len = 20}, style = [tf, true, full]");

    assertThat(grid.trials())
        .extracting(TrialSpec::truncation)
        .containsExactly(new TensorFlowStyle(5), new TrueStyle(5, 20), new FullStyle(20));
  }

  @Test
  void theStylesAreOneWhereErrorsReachTheStartOfTheWindow() {
    Grid grid = grid("truncation = {bptt-steps = 9, seq-len = 9}, style = [true, full, tf]");

    assertThat(grid.trials())
        .extracting(TrialSpec::truncation)
        .containsExactly(new TensorFlowStyle(9));
    assertThat(grid.merged())
        .extracting(Merged::words)
        .containsExactly(
            "true bptt-steps=9 seq-len=9 is tf bptt-steps=9 seq-len=9: "
                + "every error reaches the start of its window",
            "full bptt-steps=9 seq-len=9 is tf bptt-steps=9 seq-len=9: "
                + "every error reaches the start of its window");
  }

  @Test
  void theKeptTrialTakesTheFirstOnesPlace() {
    Grid grid =
        grid(
            """
            truncation = [{bptt-steps = 9, seq-len = 9}, {bptt-steps = 2, seq-len = 9}]
            style = [true, full, tf]
            """);

    assertThat(grid.trials())
        .extracting(TrialSpec::truncation)
        .containsExactly(new TensorFlowStyle(9), new TrueStyle(2, 9), new TensorFlowStyle(2));
    assertThat(grid.points()).isEqualTo(6);
  }

  @Test
  void chunksDoNotDependOnSeqLen() {
    Grid grid =
        grid(
            "truncation = [{bptt-steps = 5, seq-len = 20}, {bptt-steps = 5, seq-len = 30}], style = tf");

    assertThat(grid.trials())
        .extracting(TrialSpec::truncation)
        .containsExactly(new TensorFlowStyle(5));
    assertThat(grid.merged())
        .extracting(Merged::words)
        .containsExactly(
            "tf bptt-steps=5 seq-len=5 is tf bptt-steps=5 seq-len=5:"
                + " the style does not use the numbers in which the pairs differ");
  }

  @Test
  void smallRatesAreShownAsTheyAreWritten() {
    Grid grid = grid(ONE_TRUE + "learning-rate = [0.001, 0.0003, 0.00025]");

    assertThat(grid.labels())
        .containsExactly(
            "true bptt-steps=5 seq-len=20 learning-rate=0.001",
            "true bptt-steps=5 seq-len=20 learning-rate=0.0003",
            "true bptt-steps=5 seq-len=20 learning-rate=0.00025");
  }

  @Test
  void theSameValueTwiceIsTrainedOnce() {
    Grid grid = grid(ONE_TRUE + "learning-rate = [0.001, 1e-3], seed = [1, 1]");

    assertThat(grid.trials()).hasSize(1);
    assertThat(grid.merged()).hasSize(3);
  }

  @Test
  void settingsWithoutEffectAreMerged() {
    assertThat(grid(ONE_TRUE + "\"model.carry\" = [state, post-dropout]").merged())
        .extracting(Merged::words)
        .containsExactly(
            "true bptt-steps=5 seq-len=20 model.carry=post-dropout is"
                + " true bptt-steps=5 seq-len=20 model.carry=state:"
                + " without dropout both states are the same");
    assertThat(
            grid("truncation = {bptt-steps = 5, seq-len = 5}, style = true, "
                    + "\"training.normalisation\" = [r2rt, mean]")
                .merged())
        .extracting(Merged::words)
        .containsExactly(
            "true bptt-steps=5 seq-len=5 training.normalisation=mean is"
                + " true bptt-steps=5 seq-len=5 training.normalisation=r2rt:"
                + " with bptt-steps = seq-len both normalisations divide by the same number");
  }

  /** In a window of 8 steps: what becomes one, and why. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          {kind = true, n = 8}, tf                      | true bptt-steps=8 seq-len=8 is tf bptt-steps=8 seq-len=8: every error reaches the start of its window
          {kind = interval, k1 = 8}, full               | interval k1=8 k2=8 seq-len=8 is full bptt-steps=8 seq-len=8: every error reaches the start of its window
          {kind = interval, k1 = 2, k2 = 8}, tf         | interval k1=2 k2=8 seq-len=8 is tf bptt-steps=8 seq-len=8: every error reaches the start of its window
          {kind = interval, k1 = 1, k2 = 3}, {kind = true, n = 3} | interval k1=1 k2=3 seq-len=8 is true bptt-steps=3 seq-len=8: with k1 = 1 each error goes back on its own
          {kind = interval, k1 = 1, k2 = 3, history = true}, {kind = true, n = 3, history = true} | interval k1=1 k2=3 seq-len=8 history is true bptt-steps=3 seq-len=8 history: with k1 = 1 each error goes back on its own
          {kind = interval, k1 = 8, k2 = 16, history = true}, {kind = full, history = true} | interval k1=8 k2=16 seq-len=8 history is full bptt-steps=16 seq-len=8 history: full with history goes back over two windows
          {kind = random, pi = 1}, full                 | random bptt-steps=8 seq-len=8 pi=1.0 is full bptt-steps=8 seq-len=8: with pi = 1 no link is cut
          {kind = true, n = 1, history = true}, {kind = true, n = 1} | true bptt-steps=1 seq-len=8 history is true bptt-steps=1 seq-len=8: no error goes back far enough for history to matter
          {kind = interval, k1 = 2, k2 = 2, history = [true, false]} | interval k1=2 k2=2 seq-len=8 history is interval k1=2 k2=2 seq-len=8: no error goes back far enough for history to matter
          {kind = interval, k1 = 8, history = true}, full | interval k1=8 k2=8 seq-len=8 history is full bptt-steps=8 seq-len=8: every error reaches the start of its window; no error goes back far enough for history to matter
          {kind = sentence, n = [4, 4]}                 | sentence bptt-steps=4 is sentence bptt-steps=4: the same settings twice
          """)
  void stylesThatAreTheSameComputationAreOneTrial(String styles, String words) {
    Grid grid = grid("truncation = {bptt-steps = 8, seq-len = 8}, style = [" + styles + "]");

    assertThat(grid.merged()).extracting(Merged::words).containsExactly(words);
    assertThat(grid.trials()).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          "training.update-every" = [0, 8]                  | with update-every = seq-len there is one update for each window
          "training.optimizer" = [sgd, momentum], "training.momentum" = 0 | momentum = 0 is sgd
          "training.momentum" = [0.5, 0.9]                  | only the optimizer momentum uses momentum
          "training.rms-decay" = [0.5, 0.9]                 | only the optimizer rmsprop uses rms-decay
          "training.schedule.factor" = [0.5, 0.9]           | the rate stays the same with both schedules
          "training.schedule.kind" = [constant, step], "training.schedule.epochs" = 10 | the rate stays the same with both schedules
          """)
  void settingsOfTheTrainingWithoutEffectAreMerged(String axes, String reason) {
    Grid grid = grid("truncation = {bptt-steps = 4, seq-len = 8}, style = true, " + axes);

    assertThat(grid.merged())
        .extracting(Merged::words)
        .singleElement()
        .asString()
        .endsWith(": " + reason);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "style = [{kind = true, history = [true, false]}]",
        "style = [{kind = interval, k1 = [1, 2], k2 = 4}]",
        "style = [{kind = interval, k1 = 2, k2 = [4, 6]}]",
        "style = [{kind = random, pi = [0.5, 0.9]}]",
        "style = [{kind = sentence, n = [4, 5]}]",
        "style = [{kind = adaptive, delta = [0.1, 0.2]}]",
        "style = [tf, {kind = sentence}]",
        "style = true, \"training.update-every\" = [0, 2]",
        "style = true, \"training.optimizer\" = momentum, \"training.momentum\" = [0.5, 0.9]",
        "style = true, \"training.optimizer\" = rmsprop, \"training.rms-decay\" = [0.5, 0.9]",
        "style = true, \"training.schedule.kind\" = [step, exponential]",
      })
  void whatChangesNumbersIsNotMerged(String axes) {
    Grid grid = grid("truncation = {bptt-steps = 4, seq-len = 8}\n" + axes + "\n");

    assertThat(grid.trials()).hasSize(2);
    assertThat(grid.labels()).doesNotHaveDuplicates();
  }

  @Test
  void listsInsideAStyleAreMultipliedOut() {
    Grid grid =
        grid(
            """
            truncation = {bptt-steps = 8, seq-len = 16}
            style = [{kind = interval, k1 = [2, 4], history = [false, true]}, tf]
            """);

    assertThat(grid.trials())
        .extracting(TrialSpec::truncation)
        .containsExactly(
            new IntervalStyle(2, 8, 16, false),
            new IntervalStyle(4, 8, 16, false),
            new IntervalStyle(2, 8, 16, true),
            new IntervalStyle(4, 8, 16, true),
            new TensorFlowStyle(8));
    assertThat(grid.labels())
        .startsWith("interval k1=2 k2=8 seq-len=16")
        .contains("interval k1=4 k2=8 seq-len=16 history");
  }

  @Test
  void stylesWithNumbersOfTheirOwnNeedNoPair() {
    Grid grid =
        grid(
            """
            style = [
              {kind = true, n = 3, seq-len = 6}
              {kind = sentence, bptt-steps = 4}
              {kind = random, pi = 0.5, seq-len = 9}
              {kind = adaptive, delta = 0.1, n = 2, seq-len = 6}
            ]
            """);

    assertThat(grid.trials())
        .extracting(TrialSpec::truncation)
        .containsExactly(
            new TrueStyle(3, 6),
            new SentenceStyle(4),
            new RandomStyle(0.5, 9),
            new AdaptiveStyle(0.1, 2, 6));
  }

  @Test
  void aStyleMayHaveItsOwnUpdateEvery() {
    Grid grid =
        grid(
            """
            truncation = {bptt-steps = 4, seq-len = 8}
            style = [{kind = true, update-every = [2, 4, 8]}, true, {kind = random, pi = 0.5}]
            "training.update-every" = [0]
            """);

    assertThat(grid.trials())
        .extracting(trial -> trial.training().updateEvery())
        .containsExactly(2, 4, 0, 0);
    assertThat(grid.labels().get(1)).isEqualTo("true bptt-steps=4 seq-len=8 update-every=4");
    assertThat(grid.merged())
        .extracting(Merged::words)
        .containsExactly(
            "true bptt-steps=4 seq-len=8 update-every=8 is true bptt-steps=4 seq-len=8:"
                + " with update-every = seq-len there is one update for each window");
  }

  @Test
  void sentencesNeedACorpusThatHasSome() {
    Grid grid = grid("style = {kind = sentence, n = 4}");
    Corpus toy = new ToySource(List.of(3, 8), 640, 640, 640, 1).load();

    assertThatThrownBy(() -> grid.checkAgainst(toy))
        .isInstanceOf(InvalidConfException.class)
        .hasMessage(
            "sweep.grid.style = sentence: corpus "
                + toy.id()
                + " has no sentences: its vocabulary lacks <eos>, which the end of a line becomes"
                + " in a text");
  }

  @Test
  void settingsWithEffectAreNotMerged() {
    assertThat(
            grid(ONE_TRUE
                    + """
                        "model.carry" = [state, post-dropout]
                        "model.keep-prob" = [0.5]
                        "training.normalisation" = [r2rt, mean]
                        """)
                .trials())
        .hasSize(4);
  }

  @Test
  void anImpossibleCombinationIsRejected() {
    assertThatThrownBy(
            () ->
                grid("truncation = [{bptt-steps = 5, seq-len = 5}, {bptt-steps = 7, seq-len = 5}]"))
        .isInstanceOf(InvalidConfException.class)
        .hasMessage(
            "sweep.grid.truncation.bptt-steps = 7: must be at most seq-len = 5; an error cannot go"
                + " back past the start of its window without history (%s line 4)",
            folder.resolve("a.conf"));
  }

  @Test
  void aCorpusShorterThanAWindowIsRejected() {
    Grid grid = grid("truncation = {bptt-steps = 5, seq-len = 20}, style = [tf, true]");

    assertThatThrownBy(
            () -> grid.checkAgainst(new ToySource(List.of(3, 8), 640, 639, 640, 1).load()))
        .isInstanceOf(InvalidConfException.class)
        .hasMessage(
            "sweep.training.batch-size, sweep.grid.truncation: the validation stream is too short:"
                + " a stream of 639 tokens is shorter than one window: batch-size = 32 and"
                + " seq-len = 20 need at least 640 tokens");
    grid.checkAgainst(new ToySource(List.of(3, 8), 640, 640, 640, 1).load());
  }

  private static final String ONE_TRUE =
      "truncation = {bptt-steps = 5, seq-len = 20}, style = true\n";

  private static String brief(TrialSpec trial) {
    return String.join(
        " ",
        trial.truncation().style(),
        String.valueOf(trial.truncation().bpttSteps()),
        String.valueOf(trial.training().learningRate()),
        String.valueOf(trial.model().stateSize()),
        String.valueOf(trial.seed()));
  }

  private Grid grid(String gridSection) {
    try {
      Path file =
          Files.writeString(
              folder.resolve("a.conf"),
              "sweep.name = grid\nsweep.diagnostics { windows = 1, max-lag = 2, horizon = 3 }\nsweep.grid {\n"
                  + gridSection
                  + "}\n");
      return Grid.expand(SweepConfig.load(file, List.of()));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
