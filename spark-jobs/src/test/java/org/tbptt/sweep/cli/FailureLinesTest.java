package org.tbptt.sweep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import org.tbptt.sweep.results.ResultsException;
import org.tbptt.sweep.run.SweepException;
import picocli.CommandLine;

/** What users see of what went wrong. */
class FailureLinesTest {

  private final StringWriter err = new StringWriter();

  @Test
  void aNameNodesRefusalIsOneLineWithoutItsStackTrace() throws Exception {
    Exception refused =
        new ResultsException(
            "cannot lock: Permission denied: user=a, access=WRITE\n\tat org.apache.hadoop.hdfs.B",
            new RuntimeException());

    assertThat(exit(refused)).isEqualTo(2);
    assertThat(err)
        .hasToString("submit.sh: cannot lock: Permission denied: user=a, access=WRITE\n");
  }

  @Test
  void aSparkThatHasStoppedIsOneLine() throws Exception {
    Exception failure =
        new IllegalStateException("Cannot call methods on a stopped SparkContext.\n");

    assertThat(exit(SweepException.sparkHasStopped(failure))).isEqualTo(1);
    assertThat(err)
        .hasToString(
            "submit.sh: Spark has stopped: IllegalStateException: Cannot call methods on a stopped"
                + " SparkContext.\n");
  }

  @Test
  void whatAlreadySaysSoIsNotSaidTwice() {
    SweepException told = SweepException.sparkHasStopped(new RuntimeException("x"));

    assertThat(SweepException.sparkHasStopped(told)).isSameAs(told);
  }

  private int exit(Exception failure) throws Exception {
    CommandLine command = TbpttSweep.commandLine().setErr(new PrintWriter(err));
    return command.getExecutionExceptionHandler().handleExecutionException(failure, command, null);
  }
}
