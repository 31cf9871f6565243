package org.tbptt.sweep.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.tbptt.model.corpus.PtbSource;
import org.tbptt.model.truncation.IntervalStyle;

class SetOptionTest {

  @TempDir Path folder;
  private Path file;

  @BeforeEach
  void writeFile() {
    file =
        ConfFiles.write(
            folder,
            ConfFiles.SMALLEST
                + """
                sweep.training.epochs = 4
                sweep.grid."model.state-size" = [8, 16]
                """);
  }

  @Test
  void optionsGoOverTheFileAndTheLastOneWins() {
    SweepConfig config =
        load("sweep.training.epochs=1", "sweep.training.batch-size=7", "sweep.training.epochs=2");

    assertThat(ConfFiles.firstTrial(config).training().epochs()).isEqualTo(2);
    assertThat(ConfFiles.firstTrial(config).training().batchSize()).isEqualTo(7);
  }

  @Test
  void listsAndObjectsAreHocon() {
    SweepConfig config =
        load(
            "sweep.grid.truncation=[{bptt-steps = 2, seq-len = 4}, {bptt-steps = 3, seq-len = 6}]",
            "sweep.model={ cell = relu, embed-size = 3 }",
            "sweep.grid.learning-rate = 0.5");

    assertThat(config.axes().get(0).values())
        .extracting(Setting::text)
        .containsExactly("{\"bptt-steps\":2,\"seq-len\":4}", "{\"bptt-steps\":3,\"seq-len\":6}");
    assertThat(ConfFiles.firstTrial(config).model().embedSize()).isEqualTo(3);
    assertThat(ConfFiles.firstTrial(config).training().learningRate()).isEqualTo(0.5);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sweep.grid.style={kind = interval, k1 = [1, 5], k2 = 10}",
        "sweep.grid.style = [{kind=interval,k1=1,k2=10},{kind=interval,k1=5,k2=10}]",
        "sweep.grid={style = [{kind = interval, k1 = [1, 5], k2 = 10}]}"
      })
  void stylesAreObjectsToo(String option) {
    SweepConfig config = load(option);

    assertThat(config.axes().get(1).values())
        .extracting(Setting::text)
        .containsExactly(
            "{\"k1\":1,\"k2\":10,\"kind\":\"interval\"}",
            "{\"k1\":5,\"k2\":10,\"kind\":\"interval\"}");
    assertThat(ConfFiles.firstTrial(config).truncation())
        .isEqualTo(new IntervalStyle(1, 10, 20, false));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "sweep.grid.model.state-size=[5]",
        "sweep.grid.\"model.state-size\"=[5]",
        "sweep.grid.model={state-size = 5}",
        "sweep.grid={\"model.state-size\" = 5}"
      })
  void anAxisHasOneNameWithAndWithoutQuotationMarks(String option) {
    SweepConfig config = load(option);

    assertThat(config.axes())
        .filteredOn(axis -> axis.name().equals("model.state-size"))
        .singleElement()
        .satisfies(
            axis -> assertThat(axis.values()).extracting(Setting::text).containsExactly("5"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "../some/folder",
        "C:\\data\\ptb",
        "/data//ptb",
        "/data/ptb #2",
        "/data/a, b",
        "/data/[old]",
        "my folder/ptb",
        "a=b"
      })
  void pathsNeedNoQuotationMarks(String path) {
    SweepConfig config = load("sweep.corpus.kind=ptb", "sweep.corpus.path=" + path);

    assertThat(config.corpus()).isEqualTo(new PtbSource(path));
  }

  @Test
  void quotedTextIsWhatStandsBetweenTheMarks() {
    SweepConfig config = load("sweep.corpus.kind=ptb", "sweep.corpus.path=\"a b\"");

    assertThat(config.corpus()).isEqualTo(new PtbSource("a b"));
  }

  @Test
  void withoutEqualsSignItIsRejected() {
    assertThatThrownBy(() -> load("sweep.training.epochs"))
        .isInstanceOf(InvalidConfException.class)
        .hasMessage("--set sweep.training.epochs: must be key=value");
  }

  @Test
  void keysOutsideTheSweepAreRejected() {
    assertThatThrownBy(() -> load("epochs=1"))
        .isInstanceOf(InvalidConfException.class)
        .hasMessage("--set epochs=1: the key must start with sweep.");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sweep.training.epoch=1", "sweep.training..epochs=1"})
  void misspeltKeysAreRejected(String option) {
    assertThatThrownBy(() -> load(option))
        .isInstanceOf(InvalidConfException.class)
        .hasMessage("--set " + option + ": unknown key; did you mean sweep.training.epochs?");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "null", "one", "[1, 2", "1, x = 2"})
  void valuesThatAreNotOfTheTypeAreRejected(String value) {
    String shown = value.isEmpty() ? "\"\"" : value;
    assertThatThrownBy(() -> ConfFiles.firstTrial(load("sweep.training.epochs=" + value)))
        .isInstanceOf(InvalidConfException.class)
        .hasMessage("sweep.training.epochs = " + shown + ": must be a whole number (--set)");
  }

  private SweepConfig load(String... options) {
    return ConfFiles.load(file, Map.of(), options);
  }
}
