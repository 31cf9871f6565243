package org.tbptt.sweep.cli;

import java.util.Optional;
import java.util.function.Supplier;
import org.tbptt.model.core.Precision;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.sweep.analysis.Queries;
import org.tbptt.sweep.config.InvalidConfException;
import org.tbptt.sweep.models.NamedTrial;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** TRIAL and --sweep, for the commands that do something with one trial. */
final class TrialArguments {

  @Parameters(
      paramLabel = "TRIAL",
      description = {
        "A trial_id, a unique prefix of one, or best: the trial with the lowest validation loss."
      })
  private String trial;

  @Option(
      names = "--sweep",
      paramLabel = "SWEEP",
      description = "The trial's sweep. Default: any sweep; for best, the one that was run last.")
  private Optional<String> sweep;

  /**
   * Checks the environment of commands that compute with the native core, or else with ND4J.
   *
   * @throws InvalidConfException if TBPTT_ISA names an instruction set that this processor has not
   */
  static void requireEngine() {
    try {
      EngineChoice.AUTO.require(Precision.FP32);
    } catch (UnsupportedOperationException notHere) {
      throw new InvalidConfException(notHere.getMessage());
    }
  }

  /**
   * @param open as in {@link Queries#retried}
   */
  NamedTrial find(Supplier<Queries> open) {
    return Queries.retried(open, queries -> NamedTrial.find(queries, trial, sweep));
  }
}
