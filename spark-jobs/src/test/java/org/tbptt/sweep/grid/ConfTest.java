package org.tbptt.sweep.grid;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.tbptt.model.corpus.PtbSource;
import org.tbptt.model.corpus.ToySource;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.sweep.config.SweepConfig;

/** The conf files that come with the program. */
class ConfTest {

  private static final Path FOLDER = Path.of("../conf");

  static List<Path> sweeps() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .filter(file -> file.toString().endsWith(".conf"))
          .filter(file -> !file.endsWith("reference.conf"))
          .toList();
    }
  }

  @ParameterizedTest
  @MethodSource("sweeps")
  void everyConfFileGivesTrialsUnderItsOwnName(Path file) throws IOException {
    // Only Penn Treebank lacks its folder.
    boolean ptb = Files.readString(file).contains("PTB_DIR");
    SweepConfig config =
        SweepConfig.load(file, ptb ? List.of("sweep.corpus.path=folder") : List.of());

    assertThat(config.name() + ".conf").isEqualTo(file.getFileName().toString());
    assertThat(Grid.expand(config).trials()).isNotEmpty();
  }

  @Test
  void r2rtsExperimentIs24PointsAnd21Trials() {
    SweepConfig config =
        SweepConfig.load(FOLDER.resolve("ptb.conf"), List.of("sweep.corpus.path=../some/folder"));
    Grid grid = Grid.expand(config);

    assertThat(config.corpus()).isEqualTo(new PtbSource("../some/folder"));
    assertThat(grid.points()).isEqualTo(24);
    assertThat(grid.trials()).hasSize(21);
    assertThat(grid.merged())
        .extracting(Merged::words)
        .first()
        .isEqualTo(
            "true bptt-steps=40 seq-len=40 learning-rate=0.003 is"
                + " tf bptt-steps=40 seq-len=40 learning-rate=0.003:"
                + " every error reaches the start of its window");
    assertThat(grid.trials().get(20).truncation()).isEqualTo(new TensorFlowStyle(40));
  }

  @Test
  void theDefaultSweepFitsItsCorpus() {
    SweepConfig config = SweepConfig.load(FOLDER.resolve("toy.conf"), List.of());

    Grid grid = Grid.expand(config);
    grid.checkAgainst(config.loadCorpus());

    assertThat(config.corpus()).isInstanceOf(ToySource.class);
    assertThat(grid.merged()).isEmpty();
  }
}
