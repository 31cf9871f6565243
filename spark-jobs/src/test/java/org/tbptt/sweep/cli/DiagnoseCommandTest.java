package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of one sweep that measured while it trained and kept its best model. */
class DiagnoseCommandTest {

  @TempDir private static Path folder;
  private static Path results;

  private static Path conf;

  @BeforeAll
  static void train() throws IOException {
    results = folder.resolve("results");
    conf =
        Files.writeString(
            folder.resolve("test.conf"),
            """
            sweep {
              name = test
              keep-models = best
              corpus { kind = toy, train-length = 4000, valid-length = 1000, test-length = 1000 }
              grid {
                truncation = {bptt-steps = 3, seq-len = 10}
                style = true
                learning-rate = [0.01, 0.0001]
              }
              model { state-size = 5, embed-size = 3, keep-prob = 0.9 }
              training { epochs = 2, batch-size = 20 }
              diagnostics { windows = 2, max-lag = 7 }
            }
            """);
    Submission run = submit("run", conf);
    assertThat(run.exit()).as(run.err()).isZero();
  }

  @Test
  void aKeptModelGivesWhatWasMeasuredWhileItTrained() {
    String measured =
        """
        SELECT l.trial_id, l.epoch, lag, phi, w_l1, w_l2, ratio
        FROM lags l JOIN trials t ON l.trial_id = t.trial_id AND l.epoch = t.best_epoch
        WHERE model IS NOT NULL ORDER BY lag""";

    Submission again =
        submit("diagnose", "best", "--windows", "2", "--max-lag", "7", "--format", "csv");

    assertThat(again.exit()).as(again.err()).isZero();
    assertThat(again.out()).isEqualTo(submit("sql", "--format", "csv", measured).out());
    assertThat(again.out().lines()).hasSize(1 + 8);
    assertThat(again.err()).contains("style       true bptt-steps=3 seq-len=10\n");
  }

  @Test
  void biasIsATableOfItsOwn() {
    String measured =
        """
        SELECT b.trial_id, b.epoch, parameter, relative_bias, cosine
        FROM bias b JOIN trials t ON b.trial_id = t.trial_id AND b.epoch = t.best_epoch
        WHERE model IS NOT NULL""";

    Submission again =
        submit(
            "diagnose",
            "best",
            "--windows",
            "2",
            "--max-lag",
            "7",
            "--table",
            "bias",
            "--format",
            "json");

    assertThat(again.out().lines())
        .containsExactlyInAnyOrderElementsOf(
            submit("sql", "--format", "json", measured).out().lines().toList())
        .hasSize(6);
  }

  @Test
  void textSaysItInWordsAndShowsBothTables() {
    Submission output = submit("diagnose", "best", "--max-lag", "4", "--windows", "1");

    assertThat(output.exit()).isZero();
    assertThat(output.out())
        .matches("(?s)trial       [0-9a-f]{16} of sweep test, weights after epoch [12]\n.*")
        .containsPattern("\ndecay rate  0\\.\\d+\n")
        .containsPattern("\nlag95       [0-4]\n")
        .containsPattern("\nmean depth  [0-3]\\.\\d+ steps\n")
        .containsPattern("\nlag  phi +w_l1 +w_l2 +ratio\n0    0\\.\\d{4} +\\S+ +\\S+ +NULL\n1 ")
        .containsPattern("\nparameter  relative_bias  cosine\nEmb ")
        .containsPattern("\nall +0\\.\\d+ +0\\.\\d+\n$");
  }

  @Tag("long")
  @Test
  void anotherStyleHasAnotherBiasOfTheSameGradient() {
    List<String> same = List.of("--windows", "1", "--max-lag", "7", "--format", "csv");
    String[] full = {"diagnose", "best", "--style", "full", "--seq-len", "20", "--horizon", "20"};
    String[] short_ = {"diagnose", "best", "--style", "tf", "--bptt-steps", "2", "--horizon", "20"};

    assertThat(submit(with(full, same)).out()).isEqualTo(submit(with(short_, same)).out());
    assertThat(submit(with(full, same, "--table", "bias")).out())
        .containsPattern("\\d,W,0\\.0,1\\.0\n")
        .containsPattern("\\d,all,0\\.0,1\\.0\n");
    assertThat(submit(with(short_, same, "--table", "bias")).out())
        .containsPattern("\\d,W,0\\.\\d*[1-9]\\d*,0\\.\\d+\n");
    assertThat(submit(with(short_, same)).err())
        .contains("style       tf bptt-steps=2 seq-len=2\n");
  }

  @Tag("long")
  @Test
  void theTrialsOwnStyleKeepsItsNumbersWhenOtherStepsAreAskedFor() {
    String style = "sweep.grid.style={kind=interval,k1=2,k2=4,history=true}";
    Path own = results.resolveSibling("own");
    Submission run = Submission.to(own, "run", conf, "--set", style);
    assertThat(run.exit()).as(run.err()).isZero();

    Submission output =
        Submission.to(own, "diagnose", "best", "--bptt-steps", "6", "--max-lag", "4");

    assertThat(output.exit()).as(output.err()).isZero();
    assertThat(output.out()).contains("style       interval k1=2 k2=6 seq-len=10 history\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          --windows 0                  | --windows = 0: must be at least 1
          --max-lag 0                  | --max-lag = 0: must be from 1 to 32768
          --max-lag 30 --horizon 30    | --horizon = 30: must be 0 (twice max-lag) or more than max-lag = 30 and at most 65536
          --max-lag 30                 | the validation stream is too short to measure over a horizon of 60 steps: it has 1000 tokens, batch-size = 20 columns of 50
          --style treu                 | = treu: must be tf, true, full, interval, random, sentence or adaptive
          --bptt-steps 20              | bptt-steps = 20: must be at most seq-len = 10; an error cannot go back past the start of its window without history
          --table trials               | expected one of [LAGS, BIAS] (case-insensitive) but was 'trials'
          """)
  void whatCannotBeIsOneLine(String options, String message) {
    Submission output =
        submit(with(new String[] {"diagnose", "best"}, List.of(options.split(" "))));

    assertThat(output.exit()).isEqualTo(2);
    assertThat(output.out()).isEmpty();
    assertThat(output.err()).startsWith("submit.sh: ").contains(message);
    assertThat(output.err().lines()).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void aModelThatWasNotKeptIsNamed() {
    String dropped =
        submit("sql", "--format", "csv", "SELECT trial_id FROM trials WHERE model IS NULL")
            .out()
            .lines()
            .skip(1)
            .findFirst()
            .orElseThrow();

    Submission output = submit("diagnose", dropped);

    assertThat(output.exit()).isEqualTo(2);
    assertThat(output.err())
        .startsWith("submit.sh: trial " + dropped + " of sweep test has no kept model: ");
    assertThat(output.err().lines()).hasSize(1);
  }

  private static Object[] with(String[] command, List<String> more, String... last) {
    return Stream.of(Arrays.stream(command), more.stream(), Arrays.stream(last))
        .flatMap(words -> words)
        .toArray();
  }

  private static Submission submit(Object... words) {
    return Submission.to(results, words);
  }
}
