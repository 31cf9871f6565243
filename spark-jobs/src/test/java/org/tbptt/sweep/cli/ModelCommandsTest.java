package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.sweep.LocalSpark;
import picocli.CommandLine;

/** What is done with kept models, as a user does it. */
class ModelCommandsTest {

  @TempDir private static Path folder;

  @BeforeEach
  void session() {
    LocalSpark.session();
  }

  @Test
  void evaluateWritesATestLossThatBothAgreeOn() throws IOException {
    run("toy", "kind = toy, train-length = 8000, valid-length = 2000, test-length = 3000");

    Output first = submit("evaluate", "best", "--sweep", "toy");

    assertThat(first.err()).isEmpty();
    assertThat(first.exit()).isZero();
    assertThat(first.out())
        .contains("of sweep toy, epoch ")
        .containsPattern("test +0\\.\\d{4} nats per token, perplexity \\d\\.\\d\\d, 3,000 tokens")
        .containsPattern("by dl4j +0\\.\\d{6}");
    String query =
        "SELECT count(test_loss), max(abs(l.test_loss - l.dl4j_test_loss)) < 1e-4,"
            + " max(abs(l.test_loss - t.best_valid_loss)) < 0.05"
            + " FROM trials t LEFT JOIN test_losses l USING (sweep, trial_id)";
    query = query.replace("count(test_loss)", "count(t.test_loss)");
    assertThat(csv(query)).isEqualTo("1,true,true");

    assertThat(submit("evaluate", "best", "--sweep", "toy").out()).isEqualTo(first.out());
    assertThat(csv("SELECT count(*) FROM test_losses")).isEqualTo("1");
    assertThat(csv("SELECT count(*), count(test_loss) FROM trials")).isEqualTo("2,1");
  }

  private static void run(String name, String corpus) throws IOException {
    Path conf =
        Files.writeString(
            folder.resolve(name + ".conf"),
            """
            sweep {
              name = %s
              corpus { %s }
              grid { truncation = [{bptt-steps = 5, seq-len = 10}], learning-rate = 0.01 }
              model { state-size = 5, embed-size = 3, keep-prob = 0.9 }
              training { epochs = 2, batch-size = 20 }
            }
            """
                .formatted(name, corpus));
    assertThat(submit("run", conf).exit()).isZero();
  }

  /** The answer to a query, a line per row. */
  private static String csv(String query) {
    Output output = submit("sql", "--format", "csv", query);
    assertThat(output.exit()).as(output.err()).isZero();
    return String.join("\n", output.out().lines().skip(1).toList());
  }

  private record Output(int exit, String out, String err) {}

  private static Output submit(Object command, Object... arguments) {
    List<String> words = new ArrayList<>(List.of(command.toString()));
    Stream.of(arguments).map(Object::toString).forEach(words::add);
    words.addAll(List.of("--results", folder.resolve("results").toString()));
    StringWriter out = new StringWriter();
    StringWriter err = new StringWriter();
    CommandLine line =
        TbpttSweep.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));
    int exit = line.execute(words.toArray(String[]::new));
    return new Output(exit, out.toString(), err.toString());
  }
}
