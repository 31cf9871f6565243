package org.tbptt.sweep.cli;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TrueStyle;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.results.ResultsStore;

class CommandsTest {

  @TempDir private static Path shared;
  private static Path conf;

  /** The results of the sweep, for tests that only read them. */
  private static Path trained;

  @TempDir private Path folder;
  private Path results;

  @BeforeAll
  static void train() throws IOException {
    conf =
        Files.writeString(
            shared.resolve("test.conf"),
            """
            sweep {
              name = test
              corpus { kind = toy, train-length = 4000, valid-length = 1000, test-length = 1000 }
              grid {
                truncation = [{bptt-steps = 5, seq-len = 10}, {bptt-steps = 10, seq-len = 10}]
                learning-rate = 0.01
              }
              model { state-size = 5, embed-size = 3 }
              training { epochs = 1, batch-size = 20 }
            }
            """);
    trained = shared.resolve("results");
    assertThat(Submission.to(trained, "run", conf).exit()).isZero();
  }

  @BeforeEach
  void elsewhere() {
    results = folder.resolve("results");
  }

  @Test
  void aSweepIsPlannedRunComparedAndAskedAbout() {
    Submission plan = submit("plan", conf);
    assertThat(plan.exit()).isZero();
    assertThat(plan.out())
        .contains("sweep   test: 4 points of the grid, 3 trials, 0 of them done")
        .contains(": 2 words; 4,000 / 1,000 / 1,000 tokens to train, validate, test")
        .contains("to do   3 trials, 12,000 tokens; 2 at a time, 2 waves")
        .containsPattern(
            "time    about \\d+ s if every slot is as fast as this machine, .*; \\d+ s of computing in total\n")
        .contains(
            "merged  true bptt-steps=10 seq-len=10 is tf bptt-steps=10 seq-len=10:"
                + " every error reaches the start of its window");
    assertThat(results).doesNotExist();

    assertThat(plan.out()).doesNotContain("rungs ");
    String halving = "sweep.stopping={kind=successive-halving,factor=2}";
    assertThat(submit("plan", conf, "--set", halving, "--set", "sweep.training.epochs=5").out())
        .contains(
            """
            rungs   successive-halving after 1, 2, 4 epochs
            epochs  at most 15 of all trials together, likely about 10
            """);
    assertThat(submit("plan", conf, "--set", halving, "--set", "sweep.training.epochs=300").out())
        .contains("rungs   successive-halving after 1, 2, 4, 8, 16, 32, 64, 128, 256 epochs\n");
    String median = "sweep.stopping={kind=median,min-epochs=2}";
    assertThat(submit("plan", conf, "--set", median, "--set", "sweep.training.epochs=20").out())
        .contains(
            """
            rungs   median after each epoch from 2 to 19
            epochs  at most 60 of all trials together
            """);

    Submission run = submit("run", conf);
    assertThat(run.exit()).isZero();
    assertThat(run.err())
        .contains("test: training 3 of 3 trials, 2 at a time; 0 done before; tables in file:")
        .contains("/3] true bptt-steps=5 seq-len=10: ")
        .contains("[3/3] ");
    assertThat(run.out())
        .startsWith("Sweep test: lowest validation loss, nats per token; 3 of 3 trials ended\n")
        .contains("known entropies of this data, nats per token: neither lag 0.662,");

    Submission again = submit("run", conf);
    assertThat(again.exit()).isZero();
    assertThat(again.err()).contains("test: all 3 trials are done, nothing to train");
    assertThat(again.out()).isEqualTo(run.out());
    assertThat(submit("compare").out()).isEqualTo(run.out());
    assertThat(submit("plan", conf).out())
        .contains("3 trials, 3 of them done")
        .doesNotContain("time ");

    Submission count = submit("sql", "--format", "csv", "SELECT count(*) FROM trials");
    assertThat(count.exit()).isZero();
    assertThat(count.out()).isEqualTo("count(1)\n3\n");
  }

  @Tag("long")
  @Test
  void aSearchIsPlannedAndRun() throws IOException {
    Path search =
        Files.writeString(
            folder.resolve("search.conf"),
            Files.readString(conf)
                .replace("name = test", "name = found, search { kind = tpe, trials = 5 }")
                .replace(
                    "learning-rate = 0.01",
                    "learning-rate { min = 1e-4, max = 0.1, scale = log }"));
    String[] small = {"--set", "sweep.search={startup=2,parallel=1}"};

    Submission plan = submit("plan", search, small[0], small[1], "--slots", "3");
    assertThat(plan.exit()).as(plan.err()).isZero();
    assertThat(plan.out())
        .contains("sweep   found: 5 candidates of a tpe search, 0 of them done")
        .contains("to do   5 trials, 8,000 tokens of the 2 that are known; 1 at a time, 5 waves")
        .contains(
            "slots   2 of 3 stay idle after the first 2 candidates: then at most 1 train at a time (sweep.search.parallel)")
        .contains("epochs  at most 5 of all trials together")
        .containsPattern("to do   .* learning-rate=0\\.0\\d+\n");

    Submission run = submit("run", search, small[0], small[1]);
    assertThat(run.exit()).as(run.err()).isZero();
    assertThat(run.err())
        .contains("found: training 5 of 5 trials, 2 at a time; 0 done before")
        .contains("[5/5] ");
    Submission again = submit("run", search, small[0], small[1]);
    assertThat(again.err()).contains("found: all 5 trials are done, nothing to train");
    Submission rows =
        submit("sql", "--format", "csv", "SELECT candidate FROM trials ORDER BY candidate");
    assertThat(rows.out()).isEqualTo("candidate\n0\n1\n2\n3\n4\n");
  }

  @Test
  void aTrialThatFailedInAnEarlierGridIsNotThisRunsFailure() {
    new ResultsStore(LocalSpark.session(), results.toString())
        .append(
            TestTrials.result(
                "test",
                TestTrials.PTB,
                TestTrials.spec(new TrueStyle(5, 20), 0.003, 1),
                TrialStatus.FAILED));

    Submission run = submit("run", conf);

    assertThat(run.exit()).isZero();
    assertThat(run.err()).doesNotContain("--retry-failed");
  }

  @Test
  void resultsThatCannotBeWrittenAreOneLine() {
    Submission run = Submission.of("run", conf.toString(), "--results", "/proc/none");

    assertThat(run.exit()).isEqualTo(2);
    assertThat(run.err().lines().filter(line -> line.startsWith("submit.sh: ")))
        .hasSize(1)
        .first()
        .asString()
        .startsWith("submit.sh: --results: cannot lock sweep test by file:/proc/none/");
  }

  @Test
  void slotsWithoutNumberAreAsManyAsTrials() {
    Submission plan = submit("plan", conf, "--slots", Integer.MAX_VALUE);

    assertThat(plan.exit()).isZero();
    assertThat(plan.out()).contains(" at a time, 1 wave\n").contains("time    about ");
  }

  @Test
  void rowsArePrintedInThreeFormats() {
    results = trained;
    String query = "SELECT 'a,\"b\"' AS text, '' AS empty, NULL AS nothing, 0.5D AS number";

    assertThat(submit("sql", "--format", "csv", query).out())
        .isEqualTo("text,empty,nothing,number\n\"a,\"\"b\"\"\",\"\",,0.5\n");
    assertThat(submit("sql", "--format", "json", query).out())
        .isEqualTo("{\"text\":\"a,\\\"b\\\"\",\"empty\":\"\",\"number\":0.5}\n");
    assertThat(submit("sql", query).out())
        .isEqualTo("text   empty  nothing  number\na,\"b\"         NULL     0.5\n");
    assertThat(submit("sql", "--format", "csv", "SELECT ' a ' AS x").out()).isEqualTo("x\n a \n");
    String wide = IntStream.range(0, 600).mapToObj(String::valueOf).collect(joining(", "));
    assertThat(submit("sql", "--format", "csv", "SELECT " + wide).out().lines()).hasSize(2);
    assertThat(submit("sql", "SELECT 1 AS a, 2 AS a").out()).isEqualTo("a  a\n1  2\n");
    assertThat(submit("sql", "--format", "csv", "SELECT trial_id FROM trials WHERE false").out())
        .isEqualTo("trial_id\n");
  }

  @Test
  void aQueryCanComeFromStandardInput() {
    results = trained;
    InputStream keyboard = System.in;
    try {
      System.setIn(
          new ByteArrayInputStream(
              "SELECT name FROM VALUES ('x') AS t(name)".getBytes(StandardCharsets.UTF_8)));
      assertThat(submit("sql", "--format", "csv").out()).isEqualTo("name\nx\n");
    } finally {
      System.setIn(keyboard);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          SELEC 1              | [PARSE_SYNTAX_ERROR] Syntax error at or near 'SELEC'.(line 1, pos 0)
          SELECT 1 FROM nobody | [TABLE_OR_VIEW_NOT_FOUND] The table or view `nobody` cannot be found.
          SELECT los FROM runs | There are the tables trials, epochs, lags, bias, rungs, test_losses, baselines, sweeps and the views published, points, losses,
          SELECT los FROM trials | A column or function parameter with name `los` cannot be resolved.
          SELECT raise_error('no') | no
          """)
  void aQueryThatCannotBeIsOneLine(String query, String message) {
    results = trained;

    Submission output = submit("sql", query);

    assertThat(output.exit()).isEqualTo(2);
    assertThat(output.out()).isEmpty();
    assertThat(output.err()).startsWith("submit.sh: ").contains(message);
    assertThat(output.err().lines()).hasSize(1);
  }

  @Test
  void aPlanOfOneTrialIsToldInTheSingular() {
    Submission plan =
        submit(
            "plan",
            conf,
            "--set",
            "sweep.grid.truncation={bptt-steps=5,seq-len=10}",
            "--set",
            "sweep.grid.style=true");

    assertThat(plan.out())
        .contains("sweep   test: 1 point of the grid, 1 trial, 0 of them done")
        .contains("to do   1 trial, 4,000 tokens; 2 at a time, 1 wave\n");
  }

  @Test
  void aQueryCanComeFromAFile() throws IOException {
    results = trained;
    Path file =
        Files.writeString(
            folder.resolve("q.sql"), "-- how many\nSELECT count(*) AS n\nFROM trials;\n");

    assertThat(submit("sql", "--format", "csv", "--file", file).out()).isEqualTo("n\n3\n");

    Submission missing = submit("sql", "--file", "nowhere.sql");
    assertThat(missing.exit()).isEqualTo(2);
    assertThat(missing.err()).startsWith("submit.sh: --file nowhere.sql: there is no such file\n");
    assertThat(submit("sql", "--file", folder).err())
        .startsWith("submit.sh: --file " + folder + ": is a folder\n");
    Submission both = submit("sql", "--file", file, "SELECT 1");
    assertThat(both.exit()).isEqualTo(2);
    assertThat(both.err()).startsWith("submit.sh: a query or --file, not both\n");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          sweep.training.epochs=0      | sweep.training.epochs = 0: must be at least 1
          sweep.training.epoch=1       | unknown key; did you mean sweep.training.epochs?
          sweep.grid.learning-rate=[]  | sweep.grid.learning-rate = []: must have at least one value
          sweep.grid.learning-rate=[a] | sweep.grid.learning-rate = a: must be a number
          sweep.grid.truncation=[{bptt-steps=9,seq-len=5}] | bptt-steps = 9: must be at most seq-len = 5
          sweep.grid.style=[{kind=interval,k1=4,k2=2}] | sweep.grid.style.k1 = 4: must be at most k2 = 2
          sweep.grid.style={kind=interval,k1=3,seq-len=10} | sweep.grid.style.k1 = 3: must divide seq-len = 10
          sweep.grid.style={kind=random,pi=0} | sweep.grid.style.pi = 0: must be more than 0 and at most 1
          sweep.grid.style={kind=tf,history=true} | sweep.grid.style.history = true: tf has no history; true, full and interval have it
          sweep.grid.style={kind=sentence,n=4} | sweep.grid.style = sentence: corpus toy-
          sweep.grid.style=[random]    | sweep.grid.style = random: has no pi: must be {kind = random, pi = ...}
          sweep.training.update-every=3 | sweep.training.update-every = 3: must divide the 10 steps of a window
          sweep.training.schedule.factor=0 | sweep.training.schedule.factor = 0: must be more than 0 and at most 1
          sweep.training.batch-size=500 | the training stream is too short: a stream of 4000 tokens
          sweep.diagnostics={windows=1,max-lag=30} | sweep.diagnostics: the validation stream is too short to measure over a horizon of 60 steps: it has 1000 tokens, batch-size = 20 columns of 50
          sweep.corpus.kind=ptb        | is for sweep.corpus.kind = toy, not for ptb
          """)
  void settingsThatCannotBeAreOneLineAndNothingIsWritten(String setting, String message)
      throws IOException {
    for (String command : List.of("plan", "run")) {
      Submission output = submit(command, conf, "--set", setting);

      assertThat(output.exit()).isEqualTo(2);
      assertThat(output.err()).startsWith("submit.sh: ").contains(message);
      assertThat(output.err().lines()).hasSize(1);
      assertThat(output.out()).isEmpty();
    }
    assertThat(results).doesNotExist();
  }

  @Test
  void aMissingCorpusSaysWhereItCanBeHad() {
    Submission output =
        submit("run", Path.of("../conf/ptb.conf"), "--set", "sweep.corpus.path=nowhere");

    assertThat(output.exit()).isEqualTo(2);
    assertThat(output.err().lines()).hasSize(1);
    assertThat(output.err()).contains("nowhere").contains("simple-examples.tgz");
  }

  @Test
  void wrongUsageIsOneLineAndAHint() {
    Submission unknown = submit("sql", "--fromat", "csv", "SELECT 1");
    assertThat(unknown.exit()).isEqualTo(2);
    assertThat(unknown.err())
        .isEqualTo(
            "submit.sh: Unknown options: '--fromat', 'SELECT 1'\nTry: ./submit.sh sql --help\n");

    Submission format = submit("sql", "--format", "xml", "SELECT 1");
    assertThat(format.exit()).isEqualTo(2);
    assertThat(format.err())
        .contains("expected one of [TABLE, CSV, JSON] (case-insensitive) but was 'xml'");
  }

  @Test
  void resultsThatAreNotThereAreOneLine() {
    for (String command : List.of("compare", "sql")) {
      Submission output = command.equals("sql") ? submit("sql", "SELECT 1") : submit("compare");
      assertThat(output.exit()).isEqualTo(2);
      assertThat(output.err())
          .isEqualTo(
              "submit.sh: --results %s: has no tables (trials, epochs, lags, bias, rungs, test_losses, baselines, sweeps): ./submit.sh run writes them\n"
                  .formatted(results));
    }
    assertThat(results).doesNotExist();
  }

  @Test
  void everyCommandExplainsItself() {
    String help = Submission.of("--help").out();
    for (String command : List.of("run", "plan", "compare", "sql")) {
      assertThat(help).contains("  " + command + " ");
      assertThat(Submission.of(command, "--help").out()).startsWith("Usage: submit.sh " + command);
      assertThat(Submission.of(command, "--version").out())
          .contains("TBPTT Sweep 0.", "Spark 3.5.");
    }
    assertThat(Submission.of("--version").out()).contains("TBPTT Sweep 0.", "Spark 3.5.");
  }

  /** A command with this test's own results folder. */
  private Submission submit(Object... words) {
    return Submission.to(results, words);
  }
}
