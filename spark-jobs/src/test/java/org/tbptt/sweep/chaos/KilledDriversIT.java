package org.tbptt.sweep.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.tbptt.sweep.LocalSpark;
import org.tbptt.sweep.chaos.SweepProcess.Brake;
import org.tbptt.sweep.results.ResultsStore;
import org.tbptt.sweep.results.Tables;

/** Drivers that are killed, stopped, or run twice. */
class KilledDriversIT extends DisturbedSweep {

  /** One that is killed is in {@link StoppedSweepIT}. */
  @Test
  @Tag("long")
  void driversThatAreKilledAtRandomMoments() throws Exception {
    int killed = 0;
    int sweeps = 0;
    while (killed < 10) {
      results = folder.resolve("results-" + ++sweeps);
      for (boolean trains = true; trains && killed < 10; ) {
        try (SweepProcess run = start(LOCAL)) {
          run.awaitOutput("chaos: ");
          trains = run.output().contains("chaos: training");
          Thread.sleep(random.nextInt(3_000));
          killed += run.kill() && trains ? 1 : 0;
        }
      }
      finish();
    }
    System.out.printf(
        "chaos: %d drivers killed while they trained, in %d sweeps%n", killed, sweeps);
  }

  @Test
  @Tag("long")
  void trialsOfTwoThreadsEach() throws Exception {
    finish(Map.of("spark.master", "local[2]", "spark.task.cpus", "2"));
    assertThat(
            new ResultsStore(LocalSpark.session(), results.toString())
                .table(Tables.TRIALS)
                .select("threads")
                .collectAsList())
        .allMatch(row -> row.getInt(0) == 2);
  }

  @Test
  @Tag("long")
  void aSecondDriver() throws Exception {
    try (SweepProcess first = start(LOCAL)) {
      first.awaitOutput("chaos: training");
      try (Brake untilTheSecondHasEnded = first.slowDown();
          SweepProcess second = start(LOCAL)) {
        assertThat(second.exit()).as(second.output()).isEqualTo(1);
        assertThat(second.output())
            .contains(
                "submit.sh: sweep chaos is being run by another driver: process " + first.pid());
      }
      assertThat(first.exit()).as(first.output()).isZero();
    }
    assertUndisturbed();
  }

  @Test
  @Tag("long")
  void aFileSystemWhoseClockIsHoursAhead() throws Exception {
    String skewed = "skewed:" + results;
    try (SweepProcess first =
        SweepProcess.sweep(folder, LOCAL, "run", "" + conf, "--results", skewed)) {
      first.awaitOutput("chaos: training");
      try (Brake untilTheSecondHasEnded = first.slowDown();
          SweepProcess second =
              SweepProcess.sweep(folder, LOCAL, "run", "" + conf, "--results", skewed)) {
        assertThat(second.exit()).as(second.output()).isEqualTo(1);
      }
      assertThat(first.kill()).isTrue();
    }
    finish(LOCAL);
  }

  @Test
  @Tag("long")
  void aSweepThatIsInterrupted() throws Exception {
    aSweepIsStopped("INT");
  }

  @Test
  @Tag("long")
  void aSweepThatIsTerminated() throws Exception {
    aSweepIsStopped("TERM");
  }

  private void aSweepIsStopped(String signal) throws Exception {
    try (SweepProcess run = start(LOCAL, "--set", "sweep.grid.seed=[1,2]")) {
      run.awaitOutput("epoch 2");
      SweepProcess.signal(signal, run.pid());
      assertThat(run.exit()).as(run.output()).isEqualTo(130);
      assertThat(run.output()).contains("stopped; run the same command again to resume\n");
      assertThat(results.resolve("checkpoints/sweep=chaos/_lock")).doesNotExist();
    }
    finish();
  }
}
