package org.tbptt.sweep.run;

import java.util.List;
import java.util.Optional;
import org.tbptt.model.core.Precision;
import org.tbptt.model.engines.EngineChoice;
import org.tbptt.model.nativecore.NativeLibrary;
import org.tbptt.model.train.Training;
import org.tbptt.model.train.TrialSpec;

/** What a sweep in single precision would be in bfloat16, where the processor has AMX for it. */
final class Bf16 {

  private Bf16() {}

  /** The instruction set of the native core here; empty if there is none. */
  static Optional<String> instructionSet() {
    return NativeLibrary.problem().isEmpty()
        ? Optional.of(NativeLibrary.instructionSet())
        : Optional.empty();
  }

  /**
   * The same trials with those of the native core in fp32 in bf16.
   *
   * @param instructionSet of the native core here; empty if there is none
   * @return empty if that would be no faster: without AMX, or without such trials
   */
  static Optional<List<PlannedTrial>> of(
      List<PlannedTrial> trials, Optional<String> instructionSet) {
    boolean faster =
        instructionSet.equals(Optional.of("amx"))
            && trials.stream().anyMatch(trial -> isNativeFp32(trial.spec().training()));
    return faster ? Optional.of(trials.stream().map(Bf16::of).toList()) : Optional.empty();
  }

  private static boolean isNativeFp32(Training training) {
    EngineChoice engine = training.engine();
    return training.precision() == Precision.FP32
        && (engine == EngineChoice.AUTO || engine == EngineChoice.NATIVE);
  }

  private static PlannedTrial of(PlannedTrial trial) {
    TrialSpec spec = trial.spec();
    Training training = spec.training();
    if (!isNativeFp32(training)) {
      return trial;
    }
    return new PlannedTrial(
        trial.id(),
        new TrialSpec(
            spec.truncation(),
            spec.model(),
            training.in(Precision.BF16),
            spec.diagnostics(),
            spec.seed()),
        trial.label());
  }
}
