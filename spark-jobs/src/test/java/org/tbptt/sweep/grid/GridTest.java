package org.tbptt.sweep.grid;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.corpus.ToySource;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.truncation.FullStyle;
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
            "tf bptt-steps=5 seq-len=5 is tf bptt-steps=5 seq-len=5: the same settings twice");
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
                + " without dropout there is only one state to carry");
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
            "sweep.grid.truncation: bptt-steps = 7 is more than seq-len = 5: an error cannot go"
                + " back past the start of its window without history (%s line 3)",
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
              folder.resolve("a.conf"), "sweep.name = grid\nsweep.grid {\n" + gridSection + "}\n");
      return Grid.expand(SweepConfig.load(file, List.of()));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
