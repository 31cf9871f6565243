package org.tbptt.sweep.run;

import java.time.Duration;
import java.util.function.Consumer;
import org.tbptt.sweep.results.TrialResult;

/** Where trials run. It may have any number of slots at any time. */
interface Cluster {

  /** Trials that can train at the same time now; 0 if none can. */
  int slots();

  /** How many trials should be submitted, so that no slot is idle while results are written. */
  int wanted();

  /** Threads that compute a trial together. */
  int threads();

  /**
   * Starts a trial; what becomes of it is told on any thread.
   *
   * @param lost told of what the cluster gives up on, or has been cancelled
   */
  void submit(Submission submission, Consumer<TrialResult> ended, Consumer<Throwable> lost);

  /**
   * Cancels what is running, and waits until it has ended; also for twins of trials that have
   * ended.
   *
   * @param patience after which it does not wait any longer
   */
  void cancelAll(Duration patience);

  /** Finds out that there is no slot. */
  ExecutorWatch executors();

  /**
   * Makes sure that a trial could be run again.
   *
   * @throws SweepException if there is nothing any more that a trial could run on
   */
  void requireAlive(Throwable failure);

  /** The version of the program that trains. */
  String codeVersion();
}
