package org.tbptt.model.engines;

import java.util.Locale;
import java.util.Optional;
import org.tbptt.model.core.CoreConfig;
import org.tbptt.model.core.Engine;
import org.tbptt.model.core.Precision;
import org.tbptt.model.core.RnnCore;
import org.tbptt.model.dl4j.Dl4jEngine;
import org.tbptt.model.nativecore.NativeEngine;
import org.tbptt.model.reference.Nd4jEngine;
import org.tbptt.model.setting.InvalidSettingException;

/** Which engine computes a trial's steps. An engine is chosen here and nowhere else. */
public enum EngineChoice {
  /** The native core if it was built, otherwise the reference. */
  AUTO,
  /** The native core; an error if it was not built. */
  NATIVE,
  /** The reference: plain ND4J operations. */
  ND4J,
  /** DL4J's own training, for comparison. */
  DL4J;

  /**
   * The engine on this machine.
   *
   * @throws UnsupportedOperationException if the native core is requested but not available, or
   *     TBPTT_ISA names an instruction set that this processor does not have
   */
  public Engine engine() {
    EngineLoading.load(); // a trial may be cancelled meanwhile, and others come after it
    return available();
  }

  /** The engine for measuring gradients by lag, which DL4J cannot do. */
  public EngineChoice toMeasure() {
    return this == DL4J ? AUTO : this;
  }

  /** Opens the engine with parameters drawn from the seed, see {@link Engine#open}. */
  public RnnCore open(CoreConfig config, long seed, int threads) {
    return engine().open(config, seed, threads);
  }

  /** Memory outside the heap that a trial takes, bytes; see {@link Engine#offHeapBytes}. */
  public long offHeapBytes(CoreConfig config) {
    Engine wanted = wanted();
    Engine counted = wanted.unavailable().isEmpty() ? wanted : new Nd4jEngine(); // plans elsewhere
    return counted.offHeapBytes(config);
  }

  /**
   * Checks that this machine has the engine, with this precision.
   *
   * @throws UnsupportedOperationException as {@link #engine}, or if only the native core has the
   *     precision
   */
  public void require(Precision precision) {
    Engine engine = available();
    if (!engine.precisions().contains(precision)) {
      throw new UnsupportedOperationException(
          "precision = %s: %s"
              .formatted(
                  word(precision),
                  wanted().unavailable().orElse(engine.name() + " has only fp32")));
    }
    engine.requireInstructionSet();
  }

  /**
   * Checks that the engine supports this precision.
   *
   * @throws IllegalArgumentException with one line that names the setting
   */
  public void check(Precision precision) {
    if (!wanted().precisions().contains(precision)) {
      throw new InvalidSettingException(
          "precision",
          word(precision),
          "engine = " + wanted().name() + " has only fp32; native has all");
    }
  }

  /** The engine that is to train, wherever the trial will run: for checks of settings. */
  public Engine wanted() {
    return switch (this) {
      case AUTO, NATIVE -> new NativeEngine();
      case ND4J -> new Nd4jEngine();
      case DL4J -> new Dl4jEngine();
    };
  }

  private static String word(Precision precision) {
    return precision.name().toLowerCase(Locale.ROOT);
  }

  private Engine available() {
    Engine wanted = wanted();
    Optional<String> problem = wanted.unavailable();
    if (problem.isEmpty()) {
      return wanted;
    }
    if (this == AUTO) {
      return new Nd4jEngine();
    }
    throw new UnsupportedOperationException(
        "engine = %s: %s".formatted(wanted.name(), problem.get()));
  }
}
