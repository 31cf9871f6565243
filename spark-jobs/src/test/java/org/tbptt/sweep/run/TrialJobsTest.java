package org.tbptt.sweep.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;

class TrialJobsTest {

  private static final String ABORTED =
      "Job aborted due to stage failure: Task 0 in stage 3.0 failed 1 times, most recent failure: ";
  private static final String LOST_TASK =
      "Lost task 0.0 in stage 3.0 (TID 3) (10.0.0.7 executor 12): ";

  @Test
  void aLossNamesItsExecutor() {
    Throwable loss =
        new SparkException(
            ABORTED
                + LOST_TASK
                + "ExecutorLostFailure (executor 12 exited caused by one of the running tasks)"
                + " Reason: Command exited with code 137\nDriver stacktrace:");

    assertThat(TrialJobs.lostExecutor(loss)).contains("12");
    assertThat(TrialJobs.reasonOf(loss))
        .isEqualTo(
            LOST_TASK
                + "ExecutorLostFailure (executor 12 exited caused by one of the running tasks)"
                + " Reason: Command exited with code 137");
  }

  @Test
  void aTaskThatThrowsLosesNoExecutor() {
    Throwable refused =
        new SparkException(
            ABORTED + LOST_TASK + "java.io.IOException: Permission denied\n\tat Some.where()");

    assertThat(TrialJobs.lostExecutor(refused)).isEmpty();
    assertThat(TrialJobs.reasonOf(refused))
        .isEqualTo(LOST_TASK + "java.io.IOException: Permission denied");
  }
}
