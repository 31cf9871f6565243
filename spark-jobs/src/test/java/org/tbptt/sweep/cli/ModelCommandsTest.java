package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.deeplearning4j.nn.multilayer.MultiLayerNetwork;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.nd4j.linalg.api.ndarray.INDArray;
import org.nd4j.linalg.factory.Nd4j;

/** What is done with kept models, as a user does it. */
class ModelCommandsTest {

  @TempDir private static Path folder;

  @BeforeAll
  static void twoSweeps() throws IOException {
    run("toy", "kind = toy, train-length = 8000, valid-length = 2000, test-length = 3000", "");
    Path text =
        Files.writeString(folder.resolve("text.txt"), "the cat sat\na dog ran\n".repeat(200));
    run(
        "text",
        "kind = text, train = \"%s\", valid = \"%s\", test = \"%s\"".formatted(text, text, text),
        "style = tf");
  }

  @Test
  void evaluateWritesATestLossThatBothAgreeOn() {
    Submission first = submit("evaluate", "best", "--sweep", "toy");

    assertThat(first.err()).isEmpty();
    assertThat(first.exit()).isZero();
    assertThat(first.out())
        .contains("of sweep toy, epoch ")
        .containsPattern("test +0\\.\\d{4} nats per token, perplexity \\d\\.\\d\\d, 3,000 tokens")
        .containsPattern("by dl4j +0\\.\\d{6}");
    String query =
        "SELECT count(t.test_loss), max(abs(l.test_loss - l.dl4j_test_loss)) < 1e-4,"
            + " max(abs(l.test_loss - t.best_valid_loss)) < 0.05"
            + " FROM trials t LEFT JOIN test_losses l USING (sweep, trial_id)";
    assertThat(csv(query)).isEqualTo("1,true,true");

    assertThat(submit("evaluate", "best", "--sweep", "toy").out()).isEqualTo(first.out());
    assertThat(csv("SELECT count(*), count(test_loss) FROM trials WHERE sweep = 'toy'"))
        .isEqualTo("2,1");
    assertThat(csv("SELECT count(*) FROM test_losses")).isEqualTo("1");
  }

  @Test
  void whatIsExportedIsANetworkForAPlainProgramOfDl4j() throws IOException {
    Path output = folder.resolve("handed over");

    Submission export = submit("export", "best", "--sweep", "text", "--output", output);

    assertThat(export.err()).isEmpty();
    assertThat(export.out().lines())
        .containsExactly(
            output + "/model.zip", output + "/vocab.txt", output + "/model.safetensors");
    List<String> words = Files.readAllLines(output.resolve("vocab.txt"));
    assertThat(words).containsExactlyInAnyOrder("<eos>", "a", "cat", "dog", "ran", "sat", "the");
    assertThat(output.resolve("model.safetensors"))
        .hasSameBinaryContentAs(
            folder.resolve("results/models/sweep=text").resolve(trial("text") + ".safetensors"));

    // Nothing of this project from here on: the loss of the validation text, column by column.
    MultiLayerNetwork network = MultiLayerNetwork.load(output.resolve("model.zip").toFile(), false);
    List<String> text =
        Arrays.asList("the cat sat <eos> a dog ran <eos> ".repeat(200).trim().split(" "));
    int length = text.size() / 20;
    int steps = (length - 1) / 5 * 5;
    double losses = 0;
    for (int column = 0; column < 20; column++) {
      network.rnnClearPreviousState();
      for (int step = 0; step < steps; step++) {
        int at = column * length + step;
        INDArray input = Nd4j.create(new float[] {words.indexOf(text.get(at))}, 1, 1, 1);
        INDArray probabilities = network.rnnTimeStep(input);
        losses -= Math.log(probabilities.getDouble(0, words.indexOf(text.get(at + 1)), 0));
      }
    }
    String validLoss = csv("SELECT best_valid_loss FROM trials WHERE sweep = 'text'");
    assertThat(losses / (20 * steps)).isCloseTo(Double.parseDouble(validLoss), within(1e-5));
  }

  @Tag("long")
  @Test
  void dl4jsOwnTrainingStandsBesideTheEnginesInOneComparison() throws IOException {
    run(
        "engines",
        "kind = toy, train-length = 4000, valid-length = 1000, test-length = 1000",
        "style = tf, \"training.engine\" = [nd4j, dl4j]");

    assertThat(submit("compare", "engines").out())
        .containsPattern("bptt_steps +style +engine +lr 0\\.01 +tokens/s")
        .containsPattern("(?m)^5 +tf +dl4j +0\\.\\d{3}\\* +[\\d,]+ ")
        .containsPattern("(?m)^5 +tf +tbptt +0\\.\\d{3}\\* +[\\d,]+ ");
    assertThat(csv("SELECT engine FROM trials WHERE sweep = 'engines' ORDER BY engine"))
        .isEqualTo("dl4j\nnd4j");

    Path conf = folder.resolve("toy.conf");
    wrong(
        "style = true: must be tf for training.engine = dl4j",
        "run",
        conf,
        "--set",
        "sweep.training.engine=dl4j",
        "--set",
        "sweep.grid.style=[true]");
  }

  @Test
  void generateWritesTheSameTextForTheSameSeed() {
    Object[] asked = {
      "best", "--sweep", "text", "--words", 12, "--temperature", 0.5, "--prompt", "the cat"
    };
    Submission once = submit("generate", asked);

    assertThat(once.err()).isEmpty();
    assertThat(once.out()).startsWith("the cat");
    assertThat(once.out().replace("\n", " <eos> ").trim().split(" +")).hasSizeGreaterThan(12);
    assertThat(submit("generate", asked).out()).isEqualTo(once.out());
    List<Object> others = new ArrayList<>(List.of(asked));
    others.addAll(List.of("--seed", 2, "--temperature", 3));
    others.subList(5, 7).clear();
    assertThat(submit("generate", others.toArray()).out()).isNotEqualTo(once.out());
  }

  @Test
  void whatCannotBeIsOneLine() throws IOException {
    wrong("no trial's id begins with 'zz'", "evaluate", "zz");
    wrong("--words = 0: must be at least 1", "generate", "best", "--words", 0);
    wrong(
        "--temperature = -1: must be a finite number, 0 or more",
        "generate",
        "best",
        "--temperature",
        -1);
    wrong("is not a text", "generate", "best", "--sweep", "toy");
    wrong(
        "--prompt: 'horse' is not in the model's vocabulary of 7 tokens",
        "generate",
        "best",
        "--sweep",
        "text",
        "--prompt",
        "a horse");
    Path file = Files.writeString(folder.resolve("file"), "");
    wrong("--output " + file + ": cannot be written: ", "export", "best", "--output", file);
  }

  @Tag("long")
  @Test
  void aTrialWhoseModelWasNotKeptIsOneLine() throws IOException {
    run(
        "seeds",
        "kind = toy, train-length = 4000, valid-length = 1000, test-length = 1000",
        "style = tf, seed = [1, 2]");
    String without = csv("SELECT trial_id FROM trials WHERE sweep = 'seeds' AND model IS NULL");

    assertThat(without).hasSize(16);
    for (String command : List.of("evaluate", "export", "generate")) {
      wrong("trial " + without + " of sweep seeds has no kept model", command, without);
    }
  }

  @Tag("long")
  @Test
  void aCorpusThatIsAnotherNowIsRefusedWithBothVocabularies() throws IOException {
    Path other = Files.writeString(folder.resolve("other.txt"), "one two three\n".repeat(300));
    String corpus = "kind = text, train = \"%s\", valid = \"%s\", test = \"%s\"";
    run("changed", corpus.formatted(other, other, other), "style = tf");
    Files.writeString(other, "one two four\n".repeat(300));

    wrong("was trained on a vocabulary of 4 words ", "evaluate", "best", "--sweep", "changed");
    assertThat(csv("SELECT count(test_loss) FROM trials WHERE sweep = 'changed'")).isEqualTo("0");
  }

  @Tag("long")
  @Test
  void aModelIsNotMeasuredOnOtherDataThanItWasTrainedOn() throws IOException {
    String corpus = "kind = toy, train-length = 4000, valid-length = 1000, test-length = 1000";
    run("data", corpus, "style = tf");
    String first = trial("data");
    Path conf = folder.resolve("data.conf");
    String all = "sweep.keep-models=all";
    assertThat(submit("run", conf, "--set", all, "--set", "sweep.corpus.seed=2").exit()).isZero();

    for (String command : List.of("evaluate", "diagnose")) {
      wrong("trial " + first + " was trained on corpus toy-", command, first);
    }
    assertThat(csv("SELECT count(test_loss) FROM trials WHERE sweep = 'data'")).isEqualTo("0");
  }

  private static String trial(String sweep) {
    return csv("SELECT trial_id FROM trials WHERE sweep = '" + sweep + "'");
  }

  private static void wrong(String message, String command, Object... arguments) {
    Submission output = submit(command, arguments);
    assertThat(output.exit()).as(output.err()).isEqualTo(2);
    assertThat(output.out()).isEmpty();
    assertThat(output.err()).startsWith("submit.sh: ").contains(message);
    assertThat(output.err().lines()).hasSizeLessThanOrEqualTo(2);
  }

  private static void run(String name, String corpus, String grid) throws IOException {
    Path conf =
        Files.writeString(
            folder.resolve(name + ".conf"),
            """
            sweep {
              name = %s
              corpus { %s }
              grid {
                truncation = [{bptt-steps = 5, seq-len = 10}]
                learning-rate = 0.01
                %s
              }
              model { state-size = 5, embed-size = 3, keep-prob = 0.9 }
              training { epochs = 2, batch-size = 20 }
            }
            """
                .formatted(name, corpus, grid));
    assertThat(submit("run", conf).exit()).isZero();
  }

  private static String csv(String query) {
    return Submission.csv(folder.resolve("results"), query);
  }

  private static Submission submit(Object command, Object... arguments) {
    Object[] words = Stream.concat(Stream.of(command), Stream.of(arguments)).toArray();
    return Submission.to(folder.resolve("results"), words);
  }
}
