package org.tbptt.sweep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.core.Carry;
import org.tbptt.model.core.Cell;
import org.tbptt.model.core.Initialiser;
import org.tbptt.model.core.Normalisation;
import org.tbptt.model.core.Optimizer;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnModel;
import org.tbptt.model.corpus.PtbSource;
import org.tbptt.model.corpus.TextSource;
import org.tbptt.model.corpus.ToySource;
import org.tbptt.model.diagnostics.Diagnostics;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.train.Schedule;
import org.tbptt.model.train.Training;
import org.tbptt.model.train.TrialSpec;
import org.tbptt.model.truncation.FullStyle;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.model.truncation.TrueStyle;

class SweepConfigTest {

  @TempDir Path folder;

  @Test
  void whatIsNotSetComesFromTheDefaults() {
    SweepConfig config = load(ConfFiles.SMALLEST);

    assertThat(config.name()).isEqualTo("small");
    assertThat(config.corpus()).isEqualTo(new ToySource(List.of(3, 8), 200_000, 20_000, 20_000, 1));
    assertThat(ConfFiles.firstTrial(config))
        .isEqualTo(
            new TrialSpec(
                new TrueStyle(5, 20),
                new RnnModel(Cell.TANH, 100, 50, 1, Initialiser.GLOROT, Carry.STATE),
                new Training(
                    10,
                    32,
                    0,
                    Optimizer.ADAM,
                    0.9,
                    0.9,
                    0.001,
                    new Schedule(Schedule.Kind.CONSTANT, 0.5, 1, 0),
                    Normalisation.MEAN,
                    0,
                    EngineChoice.AUTO,
                    Precision.FP32),
                1));
  }

  @Test
  void aNameThatLooksLikeANumberStaysAsItIsWritten() {
    assertThat(load(ConfFiles.SMALLEST.replace("name = small", "name = 1.10")).name())
        .isEqualTo("1.10");
    assertThat(load(ConfFiles.SMALLEST.replace("name = small", "name = 007")).name())
        .isEqualTo("007");
  }

  @Test
  void everySettingIsRead() {
    SweepConfig config =
        load(
            """
            sweep {
              name = all-of-it_1.0
              corpus { kind = toy, lags = [1, 4], train-length = 100, valid-length = 90, test-length = 80, seed = -7 }
              grid { truncation = {bptt-steps = 5, seq-len = 20}, style = full, learning-rate = 1e-2, seed = 9000000000 }
              model { cell = relu, state-size = 7, embed-size = 3, keep-prob = 0.5, init = uniform-unit-scaling, carry = post-dropout }
              training { epochs = 2, batch-size = 4, update-every = 20, optimizer = sgd, momentum = 0.5, rms-decay = 0.99, schedule { kind = step, factor = 0.1, epochs = 3 }, normalisation = r2rt, clip-norm = 5, engine = nd4j, precision = fp32 }
              diagnostics { windows = 3, max-lag = 12, horizon = 40 }
            }
            """);

    assertThat(config.name()).isEqualTo("all-of-it_1.0");
    assertThat(config.corpus()).isEqualTo(new ToySource(List.of(1, 4), 100, 90, 80, -7));
    assertThat(ConfFiles.firstTrial(config))
        .isEqualTo(
            new TrialSpec(
                new FullStyle(20),
                new RnnModel(
                    Cell.RELU, 7, 3, 0.5, Initialiser.UNIFORM_UNIT_SCALING, Carry.POST_DROPOUT),
                new Training(
                    2,
                    4,
                    20,
                    Optimizer.SGD,
                    0.5,
                    0.99,
                    0.01,
                    new Schedule(Schedule.Kind.STEP, 0.1, 3, 0),
                    Normalisation.R2RT,
                    5,
                    EngineChoice.ND4J,
                    Precision.FP32),
                new Diagnostics(3, 12, 40),
                9_000_000_000L));
  }

  @Test
  void textCorpusHasThreeFilesAndDefaults() {
    SweepConfig config =
        load(
            ConfFiles.SMALLEST
                + "sweep.corpus { kind = text, train = a.txt, valid = b.txt, test = \"c d.txt\" }");

    assertThat(config.corpus())
        .isEqualTo(new TextSource("a.txt", "b.txt", "c d.txt", TextSource.Unit.WORD, 0));
  }

  @Test
  void pathComesFromTheEnvironment() {
    Path file =
        ConfFiles.write(
            folder, ConfFiles.SMALLEST + "sweep.corpus { kind = ptb, path = ${?PTB_DIR} }");

    SweepConfig config = ConfFiles.load(file, Map.of("PTB_DIR", "/data/ptb"));

    assertThat(config.corpus()).isEqualTo(new PtbSource("/data/ptb"));
  }

  @Test
  void numbersFromTheEnvironmentAreNumbers() {
    Path file = ConfFiles.write(folder, ConfFiles.SMALLEST + "sweep.training.epochs = ${N}");

    TrialSpec trial = ConfFiles.firstTrial(ConfFiles.load(file, Map.of("N", "3")));

    assertThat(trial.training().epochs()).isEqualTo(3);
  }

  @Test
  void substitutionsSeeOptionsAndDefaults() {
    Path file =
        ConfFiles.write(
            folder,
            ConfFiles.SMALLEST
                + """
                sweep.model.embed-size = ${sweep.model.state-size}
                sweep.training.epochs = ${sweep.training.batch-size}
                """);

    TrialSpec trial =
        ConfFiles.firstTrial(ConfFiles.load(file, Map.of(), "sweep.model.state-size=12"));

    assertThat(trial.model().embedSize()).isEqualTo(12);
    assertThat(trial.training().epochs()).isEqualTo(32);
  }

  @Test
  void axesStandInTheOrderOfTheTableAndThenByTheirNames() {
    SweepConfig config =
        load(
            """
            sweep.name = axes
            sweep.grid {
              seed = [1, 2]
              "training.optimizer" = [adam, sgd]
              model { state-size = [50, 100], keep-prob = 0.5 }
              learning-rate = [0.1]
              "model.cell" = [relu]
              style = [tf]
              truncation = [{bptt-steps = 5, seq-len = 20}]
            }
            """);

    assertThat(config.axes())
        .extracting(Axis::name)
        .containsExactly(
            "truncation",
            "style",
            "learning-rate",
            "model.cell",
            "model.keep-prob",
            "model.state-size",
            "training.optimizer",
            "seed");
    TrialSpec trial = ConfFiles.firstTrial(config);
    assertThat(trial.truncation()).isEqualTo(new TensorFlowStyle(5));
    assertThat(trial.model())
        .isEqualTo(new RnnModel(Cell.RELU, 50, 50, 0.5, Initialiser.GLOROT, Carry.STATE));
  }

  /**
   * A report says that its conf, saved as a file, can be run: a search's candidates depend on axes.
   */
  @Test
  void theStoredConfHasTheSameAxes() {
    SweepConfig config =
        load(
            """
            sweep.name = search
            sweep.grid {
              truncation = [{bptt-steps = 5, seq-len = 20}]
              style = [true, tf]
              "model.state-size" = {min = 50, max = 500, scale = log}
              "model.keep-prob" = {min = 0.5, max = 1, step = 0.1}
            }
            sweep.search.kind = random
            """);

    SweepConfig again = load(config.json());

    assertThat(again.axes())
        .extracting(Axis::name, Axis::range)
        .hasSize(6)
        .isEqualTo(config.axes().stream().map(axis -> tuple(axis.name(), axis.range())).toList());
  }

  @Test
  void jsonHoldsEverySettingOfTheSweepOnOneLine() {
    SweepConfig config =
        load(
            """
            sweep.name = json # not this
            sweep.corpus { kind = ptb, path = some/folder }
            sweep.grid { truncation = [{bptt-steps = 5, seq-len = 20}], "model.state-size" = [8, 9] }
            """);

    assertThat(config.json())
        .isEqualTo(
            "{\"sweep\":{\"baselines\":true,\"budget\":{\"epochs\":0,\"hours\":0},"
                + "\"corpus\":{\"kind\":\"ptb\",\"path\":\"some/folder\"},"
                + "\"diagnostics\":{\"horizon\":0,\"max-lag\":50,\"windows\":0},"
                + "\"grid\":{\"learning-rate\":[0.001],\"model\":{\"state-size\":[8,9]},\"seed\":[1],"
                + "\"style\":[\"true\",\"tf\"],\"truncation\":[{\"bptt-steps\":5,\"seq-len\":20}]},"
                + "\"keep-models\":\"best\",\"model\":{\"carry\":\"state\",\"cell\":\"tanh\",\"embed-size\":50,"
                + "\"forget-bias\":1,\"init\":\"glorot\",\"init-scale\":0.1,\"keep-prob\":1,"
                + "\"layers\":1,\"state-size\":100},"
                + "\"name\":\"json\",\"search\":{\"kind\":\"grid\",\"parallel\":8,\"seed\":1,"
                + "\"startup\":10,\"trials\":50},"
                + "\"stopping\":{\"factor\":3,\"kind\":\"none\",\"min-delta\":0,\"min-epochs\":1,"
                + "\"patience\":3},"
                + "\"training\":{\"batch-size\":32,\"clip-norm\":0,\"engine\":\"auto\",\"epochs\":10,"
                + "\"momentum\":0.9,\"normalisation\":\"mean\",\"optimizer\":\"adam\","
                + "\"precision\":\"fp32\",\"rms-decay\":0.9,"
                + "\"schedule\":{\"after\":0,\"epochs\":1,\"factor\":0.5,\"kind\":\"constant\"},"
                + "\"update-every\":0}}}");
  }

  @Test
  void stylesInTheJsonHaveWordsForKinds() {
    SweepConfig config =
        load(
            """
            sweep.name = json
            sweep.grid { truncation = {bptt-steps = 5, seq-len = 20}, style = [true, {kind = true, n = [2, 3], history = true}] }
            """);

    assertThat(config.json())
        .contains(
            "\"style\":[\"true\",{\"history\":true,\"kind\":\"true\",\"n\":2},"
                + "{\"history\":true,\"kind\":\"true\",\"n\":3}]");
  }

  @Test
  void theCorpusOfTheStoredJsonIsThatOfTheSweep() {
    SweepConfig config = load(ConfFiles.SMALLEST);

    assertThat(SweepConfig.storedCorpus(config.json())).isEqualTo(config.corpus());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "include file(\"%s\")",
        "include url(\"file:%s\")",
        "{ include \"%s\" }",
        "sweep.corpus { include \"%s\" }"
      })
  void aStoredConfReadsNoOtherFile(String stored) {
    Path other = ConfFiles.write(folder, "sweep.corpus.lags = [1, 2], lags = [1, 2]");

    assertThatThrownBy(() -> SweepConfig.storedCorpus(stored.formatted(other)))
        .isInstanceOf(InvalidConfException.class)
        .hasMessageStartingWith("not valid JSON: ")
        .hasMessageEndingWith("(the sweep's stored conf line 1)")
        .hasMessageNotContaining("\n");
  }

  @Test
  void whatStandsInAStoredConfIsNotTakenFromElsewhere() {
    String conf = "{\"sweep\":{\"corpus\":{\"kind\":\"ptb\",\"path\":\"${HOME}\"}}}";

    assertThat(SweepConfig.storedCorpus(conf)).isEqualTo(new PtbSource("${HOME}"));
  }

  private SweepConfig load(String text) {
    return ConfFiles.load(ConfFiles.write(folder, text), Map.of());
  }
}
