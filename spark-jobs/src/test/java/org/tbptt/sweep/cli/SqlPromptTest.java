package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.apache.spark.sql.SparkSession;
import org.jline.terminal.Terminal;
import org.jline.terminal.impl.ExternalTerminal;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.tbptt.model.train.TrialStatus;
import org.tbptt.model.truncation.TensorFlowStyle;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.TestTrials;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.results.ResultsStore;

class SqlPromptTest {

  @TempDir private Path folder;
  private ResultsStore store;
  private Queries queries;

  @BeforeEach
  void aTrial() {
    SparkSession spark = LocalSpark.session();
    store = new ResultsStore(spark, folder.resolve("results").toString());
    append(1);
    queries = new Queries(spark, store);
  }

  private void append(int seed) {
    store.append(
        TestTrials.result(
            "s",
            TestTrials.PTB,
            TestTrials.spec(new TensorFlowStyle(5), 0.003, seed),
            TrialStatus.COMPLETED,
            5.25));
  }

  @Test
  void aQueryOfSeveralLinesIsAnsweredAndRemembered() throws IOException {
    assertThat(typed("SELECT bptt_steps + 1 AS sum\nFROM trials;\n"))
        .contains("sum", "6")
        .endsWith("sql> \n");
    assertThat(Files.readString(history()))
        .contains("SELECT bptt_steps + 1 AS sum", "FROM trials;");
  }

  @Test
  void aQueryIsAnsweredByWhatThereIsWhenItIsAsked() throws IOException {
    for (int seed = 2; seed <= ResultsStore.FILES_TO_MERGE; seed++) {
      append(seed);
    }
    store.compact("s", Set.of());
    store.deleteReplaced("s");

    assertThat(
            typed(
                "SELECT count(*) AS trials FROM trials;\nSELECT count(*) AS points FROM points;\n"))
        .contains("trials\n" + ResultsStore.FILES_TO_MERGE)
        .contains("points\n" + ResultsStore.FILES_TO_MERGE);
  }

  @Test
  void tabCompletesTablesAndColumns() throws IOException {
    assertThat(typed("SELECT count(*) AS slowest_ones FROM slow\t;\n")).contains("slowest_ones\n1");
    assertThat(typed("SELECT best_valid\t + 1 AS more FROM trials;\n")).contains("more\n6.25");
  }

  @Test
  void aWrongQueryIsOneLineAndThePromptGoesOn() throws IOException {
    assertThat(typed("SELEC 1;\nSELECT 1 FROM nobody;\nSELECT CAST(1 AS INT) AS one;\n"))
        .contains("\n[PARSE_SYNTAX_ERROR] Syntax error at or near 'SELEC'.(line 1, pos 0)\nsql> ")
        .contains("\n[TABLE_OR_VIEW_NOT_FOUND] The table or view `nobody` cannot be found.")
        .contains("one\n1");
  }

  @Test
  void controlDEndsThePromptAndSoDoesExit() throws IOException {
    assertThat(typed("\u0004")).endsWith("sql> \n");
    assertThat(typed("exit\nSELECT 'after' AS never;\n")).doesNotContain("never\nafter");
  }

  /** What the terminal shows for these keys, without its control sequences. */
  private String typed(String keys) throws IOException {
    ByteArrayOutputStream screen = new ByteArrayOutputStream();
    try (Terminal terminal =
        new ExternalTerminal(
            "test",
            "ansi",
            new ByteArrayInputStream(keys.getBytes(StandardCharsets.UTF_8)),
            screen,
            StandardCharsets.UTF_8)) {
      new SqlPrompt(terminal, terminal.writer(), queries, RowFormat.TABLE, history()).run();
    }
    return screen
        .toString(StandardCharsets.UTF_8)
        .replaceAll("\u001b\\[[?0-9;]*[a-zA-Z]", "")
        .replace("\r", "");
  }

  private Path history() {
    return folder.resolve("history");
  }
}
